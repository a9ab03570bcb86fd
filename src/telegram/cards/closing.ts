import { Composer, type Context } from "grammy";
import { isAsSeen, isClosable, isReopenable } from "../../alarms/lifecycle/handling.ts";
import { clean, shorten } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { Store } from "../../store/store.ts";
import { ALARMS_PER_PAGE } from "./alarm-views.ts";
import {
  chosenBelowList,
  notAsSeen,
  readSeen,
  SEEN,
  toast,
  UNKNOWN_ALARM,
  type SeenAlarm,
} from "../access/card-buttons.ts";
import { Closer, type CloserOptions } from "./closer.ts";
import { pressed, type CardMenus } from "./card-menus.ts";
import {
  CLOSING_REASONS,
  closedScreen,
  closingMenu,
  reasonButtons,
  reopenButton,
  readReason,
  REASON,
  whichScreen,
  type ClosingReason,
} from "./closing-views.ts";
import { notClosable, whyNotClosed, whyNotReopened } from "./closing-words.ts";
import type { Command } from "../access/command.ts";
import { handled, type Done, type Handled } from "../access/outcome.ts";
import { servedIn } from "../access/person.ts";
import type { Moment } from "../../lib/time/time.ts";
import { ACT } from "../../people/right.ts";
import { html } from "../api/render.ts";
import { decline, reply, turnPage } from "../access/reply.ts";

/** What closing needs. */
export interface ClosingOptions extends CloserOptions {
  readonly store: Pick<Store, "chats">;
  readonly menus: CardMenus;
  readonly now: () => number;
}

const MAX_REASON = 500;
const MAX_SHOWN = 120;

/**
 * The end of alarms by hand, where the plant never tells it: *Close…* on a card and below /alarms, and /close for who wants to type;
 * *Reopen* takes it back. A button names what was seen, and counts for no more.
 */
export class ClosingHandlers {
  readonly buttons = new Composer<Context>();
  readonly command: Command = {
    name: "close",
    description: "End an alarm that the plant never ends",
    topic: "alarms",
    usage: ["/close 42 sensor was replaced"],
    right: ACT,
    // The reason may name a person.
    noted: /^#?\d{1,15}(?=\s|$)/,
    takesText: true,
    run: (ctx, args) => this.#typed(ctx, args),
  };
  readonly #options: ClosingOptions;
  readonly #closer: Closer;

  constructor(options: ClosingOptions) {
    this.#options = options;
    this.#closer = new Closer(options);
    const { buttons } = this;
    // On a card.
    buttons.callbackQuery(new RegExp(`^close:${SEEN}$`), (ctx) => this.#askWhy(ctx, readSeen(ctx.match)));
    buttons.callbackQuery(
      new RegExp(`^close:${SEEN}:${REASON}$`),
      handled((ctx) => this.#close(ctx, readSeen(ctx.match), readReason(ctx.match[4]))),
    );
    buttons.callbackQuery(
      new RegExp(`^reopen:${SEEN}$`),
      handled((ctx) => this.#reopen(ctx, readSeen(ctx.match))),
    );
    // Below a list: why, then which of them.
    buttons.callbackQuery(/^closes:(\d{1,6})$/, (ctx) => this.#askWhyBelow(ctx, Number(ctx.match[1])));
    buttons.callbackQuery(new RegExp(`^closes:(\\d{1,6}):${REASON}$`), (ctx) =>
      this.#askWhich(ctx, Number(ctx.match[1]), readReason(ctx.match[2])),
    );
    buttons.callbackQuery(
      new RegExp(`^closes:(\\d{1,6}):${REASON}:(?:all|${SEEN})$`),
      handled((ctx) => this.#closeChosen(ctx, Number(ctx.match[1]), readReason(ctx.match[2]))),
    );
    buttons.callbackQuery(
      new RegExp(`^reopens:(\\d{1,6}):(?:all|${SEEN})$`),
      handled((ctx) => this.#reopenChosen(ctx, Number(ctx.match[1]))),
    );
  }

  async #askWhy(ctx: Context, seen: SeenAlarm): Promise<void> {
    const alarm = await this.#alarmsIn(ctx).find(seen.alarmId);
    const refusal = alarm ? (notAsSeen(alarm, seen) ?? notClosable(alarm)) : UNKNOWN_ALARM;
    if (!alarm || refusal !== null) return toast(ctx, refusal ?? UNKNOWN_ALARM);
    await toast(ctx, "Why is it over?");
    await this.#options.menus.show(ctx, alarm, closingMenu);
  }

  async #close(ctx: Context, seen: SeenAlarm, reason: ClosingReason): Promise<Handled> {
    const { menus } = this.#options;
    menus.chosen(ctx);
    const result = await this.#closer.close(ctx, seen.alarmId, seen, CLOSING_REASONS[reason]);
    return pressed(ctx, menus, result, result?.isChanged ? `Closed #${seen.alarmId}.` : whyNotClosed(result, seen));
  }

  async #reopen(ctx: Context, seen: SeenAlarm): Promise<Handled> {
    const result = await this.#closer.reopen(ctx, seen);
    const words = result?.isChanged ? `#${seen.alarmId} is active again.` : whyNotReopened(result, seen);
    return pressed(ctx, this.#options.menus, result, words);
  }

  async #askWhyBelow(ctx: Context, offset: number): Promise<void> {
    await toast(ctx, "Why are they over?");
    const keyboard = reasonButtons(offset);
    await ctx.editMessageReplyMarkup({ reply_markup: { inline_keyboard: keyboard } }).catch(() => undefined);
  }

  async #askWhich(ctx: Context, offset: number, reason: ClosingReason): Promise<void> {
    await toast(ctx, "");
    const { alarms } = await this.#alarmsIn(ctx).active({ offset, limit: ALARMS_PER_PAGE, isShelved: false });
    const found = alarms.filter(isClosable);
    const { text, keyboard } = whichScreen(found, { offset, reason, moment: this.#momentOf(ctx) });
    await turnPage(ctx, text, keyboard);
  }

  async #closeChosen(ctx: Context, offset: number, reason: ClosingReason): Promise<Done> {
    const chosen = chosenBelowList(ctx, `closes:${offset}:${reason}`);
    const done: number[] = [];
    const closed: Alarm[] = [];
    const refusals: string[] = [];
    for (const seen of chosen) {
      const result = await this.#closer.close(ctx, seen.alarmId, seen, CLOSING_REASONS[reason]);
      if (result?.isChanged) done.push(seen.alarmId);
      // A second press, or somebody who was quicker, takes nothing from the way back.
      if (result && isReopenable(result.alarm) && isAsSeen(result.alarm, seen)) closed.push(result.alarm);
      else refusals.push(whyNotClosed(result, seen));
    }
    const { length } = chosen;
    const count = done.length === length ? `${length} closed.` : `${done.length} of ${length} closed.`;
    const where = { offset, reason, moment: this.#momentOf(ctx) };
    const { text, keyboard } = closedScreen({ alarms: closed, refusals }, where);
    return {
      result: done.length === 0 ? "not done" : `closed ${done.map((id) => `#${id}`).join(" ")}`,
      async tell() {
        await toast(ctx, done.length === 0 && closed.length === length ? "Closed already." : count);
        await turnPage(ctx, text, keyboard);
      },
    };
  }

  async #reopenChosen(ctx: Context, offset: number): Promise<Done> {
    const back: string[] = [];
    for (const seen of chosenBelowList(ctx, `reopens:${offset}`))
      if ((await this.#closer.reopen(ctx, seen))?.isChanged) back.push(`#${seen.alarmId}`);
    return back.length === 0
      ? { result: "not done", tell: () => toast(ctx, "Nothing is closed by hand any more.") }
      : { result: `reopened ${back.join(" ")}`, tell: () => toast(ctx, `Active again: ${back.join(", ")}.`) };
  }

  async #typed(ctx: Context, args: string): Promise<Handled> {
    const [, id, rest = ""] = /^#?(\d{1,15})(?:\s+(.+))?$/s.exec(args.trim()) ?? [];
    if (id === undefined) {
      return decline(ctx, html`Which alarm is over, and why? Write it like /close 42 sensor was replaced`);
    }
    const result = await this.#closer.close(ctx, Number(id), null, shorten(clean(rest), MAX_REASON));
    if (result === null) return decline(ctx, html`There is no alarm #${id}. /alarms shows the active ones.`);
    const { alarm, isChanged } = result;
    if (!isChanged) return decline(ctx, html`${notClosable(alarm) ?? UNKNOWN_ALARM}`);
    const what = html`${alarm.peakSeverity.toUpperCase()}: ${shorten(alarm.message, MAX_SHOWN)}`;
    const keyboard = { reply_markup: { inline_keyboard: [[reopenButton(alarm)]] } };
    return { result: "done", tell: () => reply(ctx, html`✅ #${alarm.id} is closed. It was ${what}`, keyboard) };
  }

  #alarmsIn(ctx: Context) {
    return this.#options.visibleTo(servedIn(ctx).chatId);
  }

  #momentOf(ctx: Context): Moment {
    const { store, now } = this.#options;
    return { timeZone: store.chats.timeZoneOf(servedIn(ctx).chatId), now: now() };
  }
}
