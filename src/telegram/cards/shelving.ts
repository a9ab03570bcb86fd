import { Composer, type Context } from "grammy";
import { isAsSeen, shelve, unshelve, type Seen } from "../../alarms/lifecycle/handling.ts";
import { isForAdmins } from "../../alarms/payloads/own.ts";
import { clean, shorten } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { Logger } from "../../lib/log.ts";
import type { ActResult } from "../../engine/act.ts";
import type { Store } from "../../store/store.ts";
import { formatInstant } from "../../lib/time/time.ts";
import { ACT } from "../../people/right.ts";
import { notAsSeen, readSeen, SEEN, toast, UNKNOWN_ALARM, type SeenAlarm } from "../access/card-buttons.ts";
import { type CardMenus, pressed } from "./card-menus.ts";
import { ANSWER, asksFirst, questionOf, reasonIn } from "./shelf-question.ts";
import { canEnd, choiceMenu, isInTime, notShelvable, NOT_IN_TIME, yesMenu } from "./shelf-menu.ts";
import { CHOICE, endOfChoice, parseShelfEnd, readChoice, type ShelfChoice } from "./shelf-end.ts";
import type { Command } from "../access/command.ts";
import { actorOf, servedIn } from "../access/person.ts";
import { html, type Html } from "../api/render.ts";
import { handled, type Handled } from "../access/outcome.ts";
import { decline, reply } from "../access/reply.ts";
import type { VisibleTo } from "../access/visible-alarms.ts";

/** What shelving needs. */
export interface ShelvingOptions {
  readonly store: Pick<Store, "chats">;
  readonly visibleTo: VisibleTo;
  readonly menus: CardMenus;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
  /** When the shift that works at `at` ends, by the clock of a time zone; epoch ms. */
  readonly shiftEndAfter: (timeZone: string, at: number) => number;
  readonly now: () => number;
  readonly log: Logger;
}

const MAX_REASON = 500;

const HOW = html`Write it like /shelve 42 4h bearing is being changed; or 30m, 2 days, until 14:00, shift, clears.`;
/** The *Shelve…* button, and /shelve for who wants to type. */
export class Shelving {
  readonly buttons = new Composer<Context>();
  readonly command: Command = {
    name: "shelve",
    description: "Silence an alarm for a time",
    topic: "alarms",
    usage: ["/shelve 42 4h bearing is being changed", "/shelve 42 until 14:00", "/shelve 42 shift"],
    right: ACT,
    takesText: true,
    noted: /^#?\d{1,15}\s+(?:\d{1,6} ?[a-z]{0,7}|until \d{1,2}[:.]?\d{0,2}|shift|clears)(?=\s|$)/i,
    run: (ctx, args) => this.#typed(ctx, args),
  };
  readonly #options: ShelvingOptions;

  constructor(options: ShelvingOptions) {
    this.#options = options;
    const { buttons } = this;
    buttons.callbackQuery(new RegExp(`^shelve:${SEEN}$`), (ctx) => this.#askHowLong(ctx, readSeen(ctx.match)));
    buttons.callbackQuery(
      new RegExp(`^shelve:${SEEN}:${CHOICE}(:yes)?$`),
      handled((ctx) => this.#shelve(ctx, readSeen(ctx.match), readChoice(ctx.match[4]), ctx.match[5] !== undefined)),
    );
    buttons.callbackQuery(
      new RegExp(ANSWER),
      handled((ctx) => this.#answered(ctx, readSeen(ctx.match), ctx.match[4] ?? "no")),
    );
    buttons.callbackQuery(/^card:(\d{1,15})$/, (ctx) => this.#backToCard(ctx, Number(ctx.match[1])));
    buttons.callbackQuery(
      /^unshelve:(\d{1,15})$/,
      handled((ctx) => this.#unshelve(ctx, Number(ctx.match[1]))),
    );
  }

  async #askHowLong(ctx: Context, seen: SeenAlarm): Promise<void> {
    const { visibleTo, menus } = this.#options;
    const alarm = await visibleTo(servedIn(ctx).chatId).find(seen.alarmId);
    const refusal = alarm ? (notAsSeen(alarm, seen) ?? notShelvable(alarm)) : UNKNOWN_ALARM;
    if (!alarm || refusal !== null) return toast(ctx, refusal ?? UNKNOWN_ALARM);
    await toast(ctx, "For how long?");
    await menus.show(ctx, alarm, choiceMenu);
  }

  async #shelve(ctx: Context, seen: SeenAlarm, choice: ShelfChoice, isSure: boolean): Promise<Handled> {
    const { menus, visibleTo } = this.#options;
    const asked = isSure ? null : await visibleTo(servedIn(ctx).chatId).find(seen.alarmId);
    if (asked && asksFirst(asked) && notAsSeen(asked, seen) === null && notShelvable(asked) === null) {
      await menus.show(ctx, asked, yesMenu(choice));
      return { result: "asked", tell: () => toast(ctx, "It is critical: really?") };
    }
    const until = { untilAt: endOfChoice(choice, this.#clocksOf(ctx)), reason: null };
    menus.chosen(ctx);
    const result = await this.#put(ctx, seen.alarmId, seen, until);
    return pressed(ctx, menus, result, shelvedToast(result, seen));
  }

  /** An answer to the question after `/shelve`, which what came of it takes the place of. */
  async #answered(ctx: Context, seen: SeenAlarm, end: string): Promise<Handled> {
    const rewrite = async (words: Html): Promise<void> => {
      await toast(ctx, "");
      await ctx.editMessageText(words.html, { parse_mode: "HTML" });
    };
    if (end === "no") return { result: "not done", tell: () => rewrite(html`#${seen.alarmId} is not shelved.`) };
    const reason = reasonIn(ctx.msg?.text ?? "");
    const untilAt = end === "clears" ? null : Number(end) * 1_000;
    // Pressed too late, or with an end that nobody was asked about.
    if (!isInTime(untilAt, this.#clocksOf(ctx).now))
      return { result: "not done", tell: () => rewrite(html`#${seen.alarmId} is not shelved: ${NOT_IN_TIME}.`) };
    const result = await this.#put(ctx, seen.alarmId, seen, { untilAt, reason });
    if (result?.isChanged)
      return { result: "done", tell: () => rewrite(this.#shelvedView(ctx, seen.alarmId, untilAt)) };
    return { result: "not done", tell: () => rewrite(html`${shelvedToast(result, seen)}`) };
  }

  #shelvedView(ctx: Context, id: number, untilAt: number | null): Html {
    return html`#${id} is shelved until ${this.#untilWords(ctx, untilAt)}.`;
  }

  #untilWords(ctx: Context, untilAt: number | null): string {
    const { timeZone, now } = this.#clocksOf(ctx);
    return untilAt === null ? "it clears" : formatInstant(untilAt, timeZone, now);
  }

  async #backToCard(ctx: Context, alarmId: number): Promise<void> {
    const { visibleTo, menus } = this.#options;
    const alarm = await visibleTo(servedIn(ctx).chatId).find(alarmId);
    await toast(ctx, alarm ? "" : UNKNOWN_ALARM);
    if (alarm) await menus.show(ctx, alarm, null);
  }

  async #unshelve(ctx: Context, alarmId: number): Promise<Handled> {
    const { visibleTo, menus, onChange } = this.#options;
    const by = actorOf(ctx);
    const apply = (alarm: Alarm, at: number) => unshelve(alarm, at);
    const result = await visibleTo(servedIn(ctx).chatId).act(alarmId, { by, action: "unshelve", apply });
    onChange(result?.chatIds ?? []);
    const words = result === null ? UNKNOWN_ALARM : result.isChanged ? "Unshelved." : "It is not shelved.";
    return pressed(ctx, menus, result, words);
  }

  async #typed(ctx: Context, args: string): Promise<Handled> {
    const clocks = this.#clocksOf(ctx);
    const [, id, rest = ""] = /^#?(\d{1,15})(?:\s+(.+))?$/s.exec(args.trim()) ?? [];
    const found = id === undefined ? null : parseShelfEnd(rest, clocks);
    if (id === undefined || found === null) {
      const what = id === undefined ? "Which alarm, and for how long?" : "I cannot read for how long.";
      return decline(ctx, html`${what} ${HOW}`);
    }
    const { untilAt, rest: reason } = found;
    if (!isInTime(untilAt, clocks.now)) {
      return decline(ctx, html`An alarm can be shelved for a week at most. ${HOW}`);
    }
    const words = shorten(clean(reason).replace(/^[,:;\-\u2013\u2014\s]+/, ""), MAX_REASON) || null;
    const asked = await this.#options.visibleTo(servedIn(ctx).chatId).find(Number(id));
    if (asked && asksFirst(asked) && notShelvable(asked) === null && canEnd(asked, { untilAt })) {
      const what = { untilAt, reason: words, words: this.#untilWords(ctx, untilAt) };
      const { text, keyboard } = questionOf(asked, what);
      return { result: "asked", tell: () => reply(ctx, text, { reply_markup: { inline_keyboard: keyboard } }) };
    }
    const result = await this.#put(ctx, Number(id), null, { untilAt, reason: words });
    if (result === null) return decline(ctx, html`There is no alarm #${id}. /alarms shows the active ones.`);
    if (isForAdmins(result.alarm)) return decline(ctx, html`${notShelvable(result.alarm) ?? ""}`);
    if (!result.isChanged && !canEnd(result.alarm, { untilAt })) {
      return decline(ctx, html`The plant will not say that #${id} is over. Say for how long, such as /shelve ${id} 4h`);
    }
    if (!result.isChanged) return decline(ctx, html`#${id} is not active, so there is nothing to shelve.`);
    return { result: "done", tell: () => reply(ctx, this.#shelvedView(ctx, Number(id), untilAt)) };
  }

  async #put(
    ctx: Context,
    alarmId: number,
    seen: Seen | null,
    until: { readonly untilAt: number | null; readonly reason: string | null },
  ): Promise<ActResult | null> {
    const { visibleTo, onChange, log } = this.#options;
    const by = actorOf(ctx);
    const result = await visibleTo(servedIn(ctx).chatId).act(alarmId, {
      by,
      action: "shelve",
      words: until.reason,
      apply: (alarm, at) =>
        (seen === null || isAsSeen(alarm, seen)) && canEnd(alarm, until) ? shelve(alarm, by, at, until) : alarm,
    });
    if (result?.isChanged) log.info({ alarm: alarmId, userId: by.userId, untilAt: until.untilAt }, "shelved");
    onChange(result?.chatIds ?? []);
    return result;
  }

  #clocksOf(ctx: Context) {
    const { store, shiftEndAfter, now } = this.#options;
    return { now: now(), timeZone: store.chats.timeZoneOf(servedIn(ctx).chatId), shiftEndAfter };
  }
}

function shelvedToast(result: ActResult | null, seen: Seen): string {
  if (result === null) return UNKNOWN_ALARM;
  const { alarm, isChanged } = result;
  if (isChanged) return `Shelved #${alarm.id}. Reply to the card with the reason.`;
  return notAsSeen(alarm, seen) ?? notShelvable(alarm) ?? `#${alarm.id} is shelved already.`;
}
