import { Composer, InputFile, type Context } from "grammy";
import { hashOf, newCode, parseInvitation } from "../people/invitation.ts";
import { qrPicture } from "../people/qr.ts";
import { roleOf, type Role } from "../people/role.ts";
import type { Member, People } from "../store/people.ts";
import { formatDuration, formatInstant } from "../time.ts";
import { toast } from "./card-buttons.ts";
import type { Command } from "./commands.ts";
import { peopleButtons, peopleView, personButtons, personView } from "./people-views.ts";
import { actorOf } from "./person.ts";
import { html, lines } from "./render.ts";
import { reply } from "./reply.ts";

/** What they need. */
export interface PeopleCommandOptions {
  readonly people: People;
  /** Whether the settings make somebody an admin. */
  readonly isFixed: (userId: number) => boolean;
  /** What besides his role names somebody's private chat as one that gets alarms; in words. */
  readonly namedIn: (chatId: number) => readonly string[];
  /** Somebody's role is another one now: what he has no right to any more ends at once. */
  readonly onRole: (userId: number) => Promise<void>;
  /** Removes all that is kept of somebody. */
  readonly forget: (member: Member) => Promise<void>;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}

const INVITE = ["/invite operator 24h", "/invite viewer 7d", "/invite admin 1h"];
const decide = { role: "admin", isPrivate: true } as const;

/** The commands about people, and the buttons that they lead to. For admins, in private. */
export function createPeopleCommands(options: PeopleCommandOptions): {
  readonly commands: readonly Command[];
  readonly buttons: Composer<Context>;
} {
  const { people, namedIn, onRole, forget, timeZoneOf, now } = options;
  const isFixed = (member: Member): boolean => options.isFixed(member.userId);

  async function invite(ctx: Context, args: string): Promise<void> {
    const wish = parseInvitation(args);
    if (wish === null)
      return reply(
        ctx,
        lines(html`As what, and for how long is the link good? For example:`, ...INVITE.map((form) => html`· ${form}`)),
      );
    const code = newCode();
    const expiresAt = now() + wish.validMs;
    const invitedBy = await people.meet(actorOf(ctx));
    await people.invite({ codeHash: hashOf(code), role: wish.role, invitedBy, expiresAt });
    const link = `https://t.me/${ctx.me.username}?start=${code}`;
    const caption = lines(
      html`<b>Invitation</b>: whoever opens it first is ${wish.role} from then on.`,
      html`${link}`,
      html`Good for ${formatDuration(wish.validMs)}, until ${formatInstant(expiresAt, timeZoneOf(ctx.chatId ?? 0), now())}. Show the picture, or forward this message; it works once.`,
    );
    await ctx.replyWithPhoto(new InputFile(qrPicture(link), "invitation.png"), {
      caption: caption.html,
      parse_mode: "HTML",
      disable_notification: true,
    });
  }

  async function list(ctx: Context, args: string): Promise<void> {
    const [, id, word] = /^(\d{1,9})\s+(\w+)$/.exec(args.trim()) ?? [];
    if (args.trim() === "") {
      const members = people.members();
      return reply(ctx, peopleView(members, isFixed, now()), {
        reply_markup: { inline_keyboard: peopleButtons(members, isFixed, 0) },
      });
    }
    const role = word === undefined ? undefined : word.toLowerCase() === "remove" ? null : (roleOf(word) ?? undefined);
    if (id === undefined || role === undefined)
      return reply(ctx, html`Write it like /people 7 operator or /people 7 remove; /people has the numbers.`);
    await reply(ctx, html`${await change(Number(id), role)}`);
  }

  /** @returns what came of it, in words */
  async function change(id: number, role: Role | null): Promise<string> {
    const before = people.member(id);
    if (before === null) return `I know nobody with the number ${id}.`;
    if (isFixed(before)) return `${before.name} is an admin by TELEGRAM_ADMIN_IDS: change that setting.`;
    await people.setRole(id, role);
    await onRole(before.userId);
    const names = namedIn(before.userId);
    const rest =
      names.length === 0 ? "" : ` Alarms still go to the private chat: it is named in ${names.join(" and in ")}.`;
    return role === null ? `${before.name} may do nothing any more.${rest}` : `${before.name} is ${role} now.`;
  }

  async function askToForget(ctx: Context, args: string): Promise<void> {
    const member = people.member(Number(/^\d{1,9}$/.exec(args.trim())?.[0] ?? -1));
    if (member === null) return reply(ctx, html`Whom? Give the number from /people, such as /forget 7`);
    const names = [...(isFixed(member) ? ["TELEGRAM_ADMIN_IDS"] : []), ...namedIn(member.userId)];
    if (names.length > 0)
      return reply(ctx, html`${member.name} is named in ${names.join(" and in ")}: take that out first.`);
    await reply(
      ctx,
      lines(
        html`Forget <b>${member.name}</b>? Role, name and number go for good; alarms and audit log say “person ${member.id}” instead.`,
        html`What Telegram itself keeps, such as messages, is not ours to remove.`,
      ),
      {
        reply_markup: {
          inline_keyboard: [[{ text: `Forget person ${member.id}`, callback_data: `forget:${member.id}` }]],
        },
      },
    );
  }

  const buttons = new Composer<Context>();
  buttons.callbackQuery(/^people:(\d{1,6})$/, async (ctx) => {
    await toast(ctx, "");
    const members = people.members();
    await ctx.editMessageText(peopleView(members, isFixed, now()).html, {
      parse_mode: "HTML",
      reply_markup: { inline_keyboard: peopleButtons(members, isFixed, Number(ctx.match[1])) },
    });
  });
  const show = async (ctx: Context, id: number): Promise<void> => {
    const member = people.member(id);
    if (member === null)
      return void (await ctx.editMessageText(`Person ${id} may do nothing any more. /people shows who may.`));
    await ctx.editMessageText(personView(member, timeZoneOf(ctx.chatId ?? 0)).html, {
      parse_mode: "HTML",
      reply_markup: { inline_keyboard: personButtons(member) },
    });
  };
  buttons.callbackQuery(/^person:(\d{1,9})$/, async (ctx) => {
    await toast(ctx, "");
    await show(ctx, Number(ctx.match[1]));
  });
  buttons.callbackQuery(/^role:(\d{1,9}):(viewer|operator|admin|none)$/, async (ctx) => {
    await toast(ctx, (await change(Number(ctx.match[1]), roleOf(ctx.match[2] ?? ""))).slice(0, 190));
    await show(ctx, Number(ctx.match[1]));
  });
  buttons.callbackQuery(/^forget:(\d{1,9})$/, async (ctx) => {
    const member = people.member(Number(ctx.match[1]));
    await toast(ctx, "");
    if (member !== null && !isFixed(member) && namedIn(member.userId).length === 0) await forget(member);
    await ctx.editMessageText(member === null ? "Nobody has that number." : `Person ${member.id} is forgotten.`);
  });

  const commands: readonly Command[] = [
    {
      name: "people",
      description: "Who may do what (admins)",
      usage: ["/people", "/people 7 operator", "/people 7 remove"],
      right: decide,
      run: list,
    },
    {
      name: "invite",
      description: "A link that lets somebody in, once (admins)",
      usage: INVITE,
      right: decide,
      run: invite,
    },
    {
      name: "forget",
      description: "Remove all that is kept of somebody (admins)",
      usage: ["/forget 7"],
      right: decide,
      run: askToForget,
    },
  ];
  return { commands, buttons };
}
