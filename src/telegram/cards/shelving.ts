import { Composer, type Context } from "grammy";
import { isAsSeen, isLatched, shelve, unshelve, type Seen } from "../../alarms/lifecycle/handling.ts";
import { isForAdmins } from "../../alarms/payloads/own.ts";
import { clean, shorten } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { Logger } from "../../lib/log.ts";
import type { ActResult } from "../../engine/act.ts";
import type { Store } from "../../store/store.ts";
import { formatInstant } from "../../lib/time/time.ts";
import { ACT } from "../../people/right.ts";
import { notAsSeen, readSeen, SEEN, seenOf, toast, UNKNOWN_ALARM, type SeenAlarm } from "../access/card-buttons.ts";
import { backButton, type CardMenu, type CardMenus, pressed } from "./card-menus.ts";
import { CHOICE, endOfChoice, parseShelfEnd, readChoice, type ShelfChoice } from "./shelf-end.ts";
import type { Command } from "../access/command.ts";
import { actorOf, servedIn } from "../access/person.ts";
import { html } from "../api/render.ts";
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

/** ISA-18.2 wants an end; longer than a week is no shelving, but a broken sensor. */
const MAX_MS = 7 * 24 * 3_600_000;
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
      new RegExp(`^shelve:${SEEN}:${CHOICE}$`),
      handled((ctx) => this.#shelve(ctx, readSeen(ctx.match), readChoice(ctx.match[4]))),
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

  async #shelve(ctx: Context, seen: SeenAlarm, choice: ShelfChoice): Promise<Handled> {
    const { menus } = this.#options;
    const until = { untilAt: endOfChoice(choice, this.#clocksOf(ctx)), reason: null };
    menus.chosen(ctx);
    const result = await this.#put(ctx, seen.alarmId, seen, until);
    return pressed(ctx, menus, result, shelvedToast(result, seen));
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
    if (untilAt !== null && (untilAt <= clocks.now || untilAt > clocks.now + MAX_MS)) {
      return decline(ctx, html`An alarm can be shelved for a week at most. ${HOW}`);
    }
    const words = shorten(clean(reason).replace(/^[,:;\-\u2013\u2014\s]+/, ""), MAX_REASON) || null;
    const result = await this.#put(ctx, Number(id), null, { untilAt, reason: words });
    if (result === null) return decline(ctx, html`There is no alarm #${id}. /alarms shows the active ones.`);
    if (isForAdmins(result.alarm)) return decline(ctx, html`${notShelvable(result.alarm) ?? ""}`);
    if (!result.isChanged && !canEnd(result.alarm, { untilAt })) {
      return decline(ctx, html`The plant will not say that #${id} is over. Say for how long, such as /shelve ${id} 4h`);
    }
    if (!result.isChanged) return decline(ctx, html`#${id} is not active, so there is nothing to shelve.`);
    const until = untilAt === null ? "it clears" : formatInstant(untilAt, clocks.timeZone, clocks.now);
    return { result: "done", tell: () => reply(ctx, html`#${id} is shelved until ${until}.`) };
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

const LABELS: Readonly<Record<ShelfChoice, string>> = {
  "30m": "30 min",
  "4h": "4 h",
  clears: "Until it clears",
  shift: "Until the shift ends",
};

const choiceMenu: CardMenu = (alarm) => {
  if (notShelvable(alarm) !== null || alarm.handling.shelf !== null) return null;
  const button = (choice: ShelfChoice) => ({
    text: LABELS[choice],
    callback_data: `shelve:${seenOf(alarm)}:${choice}`,
  });
  return [
    [button("30m"), button("4h")],
    [...(canEnd(alarm, { untilAt: null }) ? [button("clears")] : []), button("shift")],
    [backButton(alarm)],
  ];
};

/** What never says that it is over, or has said so and is held, would be silent for ever. */
const canEnd = (alarm: Alarm, { untilAt }: { readonly untilAt: number | null }): boolean =>
  untilAt !== null || (alarm.isClearedByPlant && !isLatched(alarm));

/** Why nobody can put an alarm aside; `null`: somebody can. */
function notShelvable(alarm: Alarm): string | null {
  if (isForAdmins(alarm)) return `#${alarm.id} is for admins: what they must know cannot be shelved.`;
  return alarm.state === "active" ? null : `#${alarm.id} is over: there is nothing to shelve.`;
}

function shelvedToast(result: ActResult | null, seen: Seen): string {
  if (result === null) return UNKNOWN_ALARM;
  const { alarm, isChanged } = result;
  if (isChanged) return `Shelved #${alarm.id}. Reply to the card with the reason.`;
  return notAsSeen(alarm, seen) ?? notShelvable(alarm) ?? `#${alarm.id} is shelved already.`;
}
