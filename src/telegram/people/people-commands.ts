import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { shorten } from "../../alarms/text.ts";
import { roleOf, type Role } from "../../people/role.ts";
import { pseudonymOf } from "../../people/pseudonym.ts";
import type { Invitation } from "../../store/people/invitation-table.ts";
import type { People } from "../../store/people/people.ts";
import type { RegisteredPerson } from "../../store/people/person-table.ts";
import { formatInstant } from "../../lib/time/time.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { handled, type Done, type Handled } from "../access/outcome.ts";
import { lastPage, peopleButtons, peopleView, personButtons, personView } from "./people-views.ts";
import { html, join, lines, ours, toPlain, type Html } from "../api/render.ts";
import { decline, reply, turn } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

/** What they need. */
export interface PeopleCommandOptions {
  readonly people: People;
  /** Who is an admin by the settings. */
  readonly adminIds: readonly number[];
  /** What besides their role names somebody's private chat as one that gets alarms; in words. */
  readonly namedIn: (chatId: number) => readonly string[];
  /** What of the settings names somebody as a person; in words. */
  readonly settingsOf: (userId: number) => readonly string[];
  /**
   * Somebody's role is another one now: what they have no right to any more ends at once; resolves with the numbers of the routes that
   * ended so.
   */
  readonly onRole: (userId: number) => Promise<readonly number[]>;
  /** Removes all that is kept of somebody. */
  readonly forget: (member: RegisteredPerson) => Promise<void>;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}

/** Of the 200 characters of a toast (FACTS: C1); what is left out is counted. */
const MAX_TOAST = 170;
/** Open invitations that are named one by one. */
const MAX_NAMED = 5;
const decide = { role: "admin", isPrivate: true } as const;

/** What came of a change, and what is said of it: that may take more than a moment, and changes nothing of the result. */
interface Change {
  readonly result: string;
  readonly words: () => Promise<Html>;
}
const undone = (words: Html): Change => ({ result: "not done", words: async () => words });

/** The commands about people, and the buttons that they lead to. For admins, in private. */
export function createPeopleCommands(options: PeopleCommandOptions): {
  readonly commands: readonly Command[];
  readonly buttons: Composer<Context>;
} {
  const { people, adminIds, namedIn, settingsOf, onRole, forget, timeZoneOf, now } = options;
  const isFixed = ({ userId }: RegisteredPerson): boolean => adminIds.includes(userId);

  const page = (from: number): { readonly text: Html; readonly keyboard: InlineKeyboardButton[][] } => {
    const members = people.members();
    const offset = Math.min(from, lastPage(members));
    const never = adminIds.filter((id) => members.every(({ userId }) => userId !== id));
    return {
      text: peopleView({ members, never, offset }, isFixed, now()),
      keyboard: peopleButtons(members, isFixed, offset),
    };
  };

  async function list(ctx: Context, args: string): Promise<Handled> {
    if (args.trim() === "") {
      const { text, keyboard } = page(0);
      return reply(ctx, text, { reply_markup: { inline_keyboard: keyboard } });
    }
    const [, id, word = ""] = /^(\d{1,9})\s+(\w+)$/.exec(args.trim()) ?? [];
    const role = word.toLowerCase() === "remove" ? null : roleOf(word);
    if (id === undefined || (role === null && word.toLowerCase() !== "remove"))
      return decline(ctx, html`Write it like /people 7 operator or /people 7 remove; /people has the numbers.`);
    const { result, words } = await change(ctx, Number(id), role);
    return { result, tell: async () => reply(ctx, await words()) };
  }

  async function change(ctx: Context, id: number, role: Role | null): Promise<Change> {
    const before = people.member(id);
    if (before === null) return undone(html`I know nobody with the number ${id}.`);
    if (isFixed(before)) return undone(html`${before.name} is an admin by TELEGRAM_ADMIN_IDS: change that setting.`);
    const open = await people.invitations.list();
    await people.setRole(id, role);
    return { result: role === null ? "removed" : `${role} now`, words: () => follow(ctx, before, role, open) };
  }

  /** Ends what somebody has no right to any more. @returns what came of it, in words */
  async function follow(
    ctx: Context,
    before: RegisteredPerson,
    role: Role | null,
    open: readonly Invitation[],
  ): Promise<Html> {
    const ended = await onRole(before.userId);
    if (role !== null) return html`${before.name} is ${role} now.`;
    const names = namedIn(before.userId);
    const parts = [
      html`${before.name} has no role any more.`,
      ...(ended.length === 0 ? [] : [html`Removed with it: route ${ended.join(", ")}.`]),
      ...(names.length === 0
        ? []
        : [
            html`They get no alarms any more, either, although they are still named in ${ours(names.join(" and in "))}: take that out.`,
          ]),
      ...(await invitationWords(ctx, open)),
    ];
    return join(parts, " ");
  }

  /**
   * What a removal leaves open: whoever goes may hold a link that lets them in again.
   * @param before the invitations that were good before it; those of whoever was removed went with them
   */
  async function invitationWords(ctx: Context, before: readonly Invitation[]): Promise<Html[]> {
    const left = await people.invitations.list();
    const gone = before.length - left.length;
    const zone = timeZoneOf(servedIn(ctx).chatId);
    const named = left.map(({ role, invitedBy, expiresAt }) => {
      const by = people.member(invitedBy)?.name ?? pseudonymOf(invitedBy);
      return `${role}, by ${by}, until ${formatInstant(expiresAt, zone, now())}`;
    });
    return [
      ...(gone === 0 ? [] : [html`Invitations of theirs withdrawn: ${gone}.`]),
      ...(left.length === 0
        ? []
        : [
            html`Whoever has the link of an open invitation can come in: ${listed(named)}. /invite off takes all of them back.`,
          ]),
    ];
  }

  /** What keeps somebody from being forgotten, in words. */
  const obstaclesTo = ({ userId }: RegisteredPerson): readonly string[] => [...settingsOf(userId), ...namedIn(userId)];

  async function askToForget(ctx: Context, args: string): Promise<Handled> {
    const member = await people.find(Number(/^\d{1,9}$/.exec(args.trim())?.[0] ?? -1));
    if (member === null) return decline(ctx, html`Whom? Give the number from /people or /audit, such as /forget 7`);
    const names = obstaclesTo(member);
    if (names.length > 0)
      return decline(ctx, html`${member.name} is named in ${ours(names.join(" and in "))}: take that out first.`);
    const question = lines(
      html`Forget <b>${member.name}</b>? Role, name and number go for good; alarms and audit log say “person ${member.id}” instead.`,
      html`What Telegram itself keeps, such as messages, is not ours to remove.`,
    );
    const button = { text: `Forget person ${member.id}`, callback_data: `forget:${member.id}` };
    return {
      result: "asked",
      tell: () => reply(ctx, question, { reply_markup: { inline_keyboard: [[button]] } }),
    };
  }

  async function forgetNow(ctx: Context, id: number): Promise<Change> {
    const member = await people.find(id);
    if (member === null) return undone(html`Nobody has that number.`);
    const names = obstaclesTo(member);
    if (names.length > 0)
      return undone(html`Person ${id} is named in ${ours(names.join(" and in "))}: take that out first.`);
    const open = await people.invitations.list();
    await forget(member);
    const words = async () => join([html`Person ${id} is forgotten.`, ...(await invitationWords(ctx, open))], " ");
    return { result: "done", words };
  }

  const buttons = new Composer<Context>();
  buttons.callbackQuery(/^people:(\d{1,6})$/, async (ctx) => {
    await toast(ctx, "");
    const { text, keyboard } = page(Number(ctx.match[1]));
    await turn(ctx, text, keyboard);
  });
  const show = async (ctx: Context, id: number, change: Html | null): Promise<void> => {
    const member = people.member(id);
    if (member !== null) return turn(ctx, personView(member, timeZoneOf(servedIn(ctx).chatId)), personButtons(member));
    // A toast is gone in a moment, and does not hold all of it.
    await turn(ctx, lines(change ?? html`Person ${id} has no role any more.`, html`/people shows who may.`), []);
  };
  buttons.callbackQuery(/^person:(\d{1,9})$/, async (ctx) => {
    await toast(ctx, "");
    await show(ctx, Number(ctx.match[1]), null);
  });
  buttons.callbackQuery(
    /^role:(\d{1,9}):(viewer|operator|admin|none)$/,
    handled(async (ctx): Promise<Done> => {
      const { result, words } = await change(ctx, Number(ctx.match[1]), roleOf(ctx.match[2] ?? ""));
      return {
        result,
        async tell() {
          const text = await words();
          await toast(ctx, shorten(toPlain(text), MAX_TOAST));
          await show(ctx, Number(ctx.match[1]), text);
        },
      };
    }),
  );
  buttons.callbackQuery(
    /^forget:(\d{1,9})$/,
    handled(async (ctx): Promise<Done> => {
      const { result, words } = await forgetNow(ctx, Number(ctx.match[1]));
      return {
        result,
        async tell() {
          const text = await words();
          await toast(ctx, "");
          await turn(ctx, text, []);
        },
      };
    }),
  );

  const commands: readonly Command[] = [
    {
      name: "people",
      description: "Who may do what (admins)",
      usage: ["/people", "/people 7 operator", "/people 7 remove"],
      right: decide,
      noted: /^\d{1,9}\s+(viewer|operator|admin|remove)$/i,
      run: list,
    },
    {
      name: "forget",
      description: "Remove all that is kept of somebody (admins)",
      usage: ["/forget 7"],
      right: decide,
      noted: /^\d{1,9}$/,
      run: askToForget,
    },
  ];
  return { commands, buttons };
}

const listed = (words: readonly string[]): string =>
  [...words.slice(0, MAX_NAMED), ...(words.length > MAX_NAMED ? [`and ${words.length - MAX_NAMED} more`] : [])].join(
    "; ",
  );
