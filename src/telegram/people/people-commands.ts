import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { shorten } from "../../alarms/text.ts";
import { roleOf } from "../../people/role.ts";
import { DECIDE } from "../../people/right.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { handled, type Done, type Handled } from "../access/outcome.ts";
import { lastPage, peopleButtons, peopleView, personButtons, personView } from "./people-views.ts";
import { html, lines, ours, toPlain, type Html } from "../api/render.ts";
import { decline, reply, turnPage } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";
import { PeopleChanges, type PersonChange, type PeopleOptions } from "./people-changes.ts";

/** Of the 200 characters of a toast (FACTS: C1); what is left out is counted. */
const MAX_TOAST = 170;

/** The commands about people, and the buttons that they lead to. For admins, in private. */
export class PeopleCommands {
  readonly buttons = new Composer<Context>();
  readonly commands: readonly Command[] = [
    {
      name: "people",
      description: "Who may do what (admins)",
      topic: "people",
      usage: ["/people", "/people 7 operator", "/people 7 remove"],
      right: DECIDE,
      noted: /^\d{1,9}\s+(viewer|operator|admin|remove)$/i,
      run: (ctx, args) => this.#list(ctx, args),
    },
    {
      name: "forget",
      description: "Remove everything about a person (admins)",
      topic: "people",
      usage: ["/forget 7"],
      right: DECIDE,
      noted: /^\d{1,9}$/,
      run: (ctx, args) => this.#askToForget(ctx, args),
    },
  ];
  readonly #options: PeopleOptions;
  readonly #changes: PeopleChanges;

  constructor(options: PeopleOptions) {
    this.#options = options;
    this.#changes = new PeopleChanges(options);
    const { buttons } = this;
    buttons.callbackQuery(/^people:(\d{1,6})$/, async (ctx) => {
      await toast(ctx, "");
      const { text, keyboard } = this.#page(Number(ctx.match[1]));
      await turnPage(ctx, text, keyboard);
    });
    buttons.callbackQuery(/^person:(\d{1,9})$/, async (ctx) => {
      await toast(ctx, "");
      await this.#show(ctx, Number(ctx.match[1]), null);
    });
    buttons.callbackQuery(
      /^role:(\d{1,9}):(viewer|operator|admin|none)$/,
      handled((ctx) => this.#changeRole(ctx, Number(ctx.match[1]), ctx.match[2] ?? "")),
    );
    buttons.callbackQuery(
      /^forget:(\d{1,9})$/,
      handled((ctx) => this.#forget(ctx, Number(ctx.match[1]))),
    );
  }

  async #list(ctx: Context, args: string): Promise<Handled> {
    if (args.trim() === "") {
      const { text, keyboard } = this.#page(0);
      return reply(ctx, text, { reply_markup: { inline_keyboard: keyboard } });
    }
    const [, id, word = ""] = /^(\d{1,9})\s+(\w+)$/.exec(args.trim()) ?? [];
    const role = word.toLowerCase() === "remove" ? null : roleOf(word);
    if (id === undefined || (role === null && word.toLowerCase() !== "remove"))
      return decline(ctx, html`Write it like /people 7 operator or /people 7 remove; /people has the numbers.`);
    const { result, words } = await this.#changes.change(ctx, Number(id), role);
    return { result, tell: async () => reply(ctx, await words()) };
  }

  async #changeRole(ctx: Context, id: number, role: string): Promise<Done> {
    return said(await this.#changes.change(ctx, id, roleOf(role)), async (words) => {
      await toast(ctx, shorten(toPlain(words), MAX_TOAST));
      await this.#show(ctx, id, words);
    });
  }

  async #askToForget(ctx: Context, args: string): Promise<Handled> {
    const member = await this.#options.people.find(Number(/^\d{1,9}$/.exec(args.trim())?.[0] ?? -1));
    if (member === null) return decline(ctx, html`Whom? Give the number from /people or /audit, such as /forget 7`);
    const names = this.#changes.obstaclesTo(member);
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

  async #forget(ctx: Context, id: number): Promise<Done> {
    return said(await this.#changes.forget(ctx, id), async (words) => {
      await toast(ctx, "");
      await turnPage(ctx, words, []);
    });
  }

  #page(from: number): { readonly text: Html; readonly keyboard: InlineKeyboardButton[][] } {
    const { people, adminIds, now } = this.#options;
    const { isFixed } = this.#changes;
    const members = people.members();
    const offset = Math.min(from, lastPage(members));
    const never = adminIds.filter((id) => members.every(({ userId }) => userId !== id));
    return {
      text: peopleView({ members, never, offset }, isFixed, now()),
      keyboard: peopleButtons(members, isFixed, offset),
    };
  }

  async #show(ctx: Context, id: number, change: Html | null): Promise<void> {
    const { people, timeZoneOf } = this.#options;
    const member = people.member(id);
    if (member !== null)
      return turnPage(ctx, personView(member, timeZoneOf(servedIn(ctx).chatId)), personButtons(member));
    // A toast is gone in a moment, and does not hold all of it.
    await turnPage(ctx, lines(change ?? html`Person ${id} has no role any more.`, html`/people shows who may.`), []);
  }
}

/** What came of a change, and how its words are told. */
const said = ({ result, words }: PersonChange, tell: (words: Html) => Promise<void>): Done => ({
  result,
  tell: async () => tell(await words()),
});
