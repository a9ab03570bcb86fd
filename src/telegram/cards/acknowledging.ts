import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { ringBufferOf } from "../../alarms/payloads/decode-twincat.ts";
import { acknowledge, isAsSeen, reset, takeBack, type Actor } from "../../alarms/lifecycle/handling.ts";
import { tellWorth } from "../../alarms/lifecycle/worth.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { ActResult } from "../../engine/act.ts";
import { inRows } from "./buttons.ts";
import {
  chosenBelowList,
  notAsSeen,
  readSeen,
  SEEN,
  seenOf,
  toast,
  UNKNOWN_ALARM,
  type CardButtonOptions,
  type SeenAlarm,
} from "../access/card-buttons.ts";
import { pressed, type CardMenus } from "./card-menus.ts";
import { handled, type Done, type Handled } from "../access/outcome.ts";
import { actorOf, servedIn } from "../access/person.ts";

/** What acknowledging needs besides what other buttons do. */
export interface AcknowledgingOptions extends Pick<CardButtonOptions, "visibleTo" | "onChange" | "log"> {
  readonly menus: CardMenus;
  /** Shows a page of /alarms anew in the message that was pressed on. */
  readonly showPage: (ctx: Context, offset: number) => Promise<void>;
}

const BUTTONS_PER_ROW = 2;

/** One button for each alarm of a page that came and went and nobody has acknowledged, and one for all that the others name. */
export function returnedButtons(alarms: readonly Alarm[], offset: number): InlineKeyboardButton[][] {
  const each = alarms
    .filter(({ handling }) => handling.returned !== null)
    .map((alarm) => ({ text: `Acknowledge #${alarm.id}`, callback_data: `acks:${offset}:${seenOf(alarm)}` }));
  const all = { text: `Acknowledge these ${each.length}`, callback_data: `acks:${offset}:all` };
  return [...inRows(each, BUTTONS_PER_ROW), ...(each.length > 1 ? [[all]] : [])];
}

/** The plant is told where it was told of the acknowledgement; of TwinCAT nobody says what a PLC makes of that (FACTS: B5). */
function takenBackWords({ id, topic }: Alarm): string {
  const words = `Nobody has acknowledged #${id} now.`;
  return ringBufferOf(topic) === null
    ? words
    : `${words} Its slot says so again, but the PLC may keep what it has read.`;
}

/** Where two have to see it, the first reset is a look. */
const resetWords = ({ id, state }: Alarm): string =>
  state === "cleared" ? `Reset #${id}.` : `You have seen #${id}. Another person has to reset it, too.`;

const numbersOf = (what: string, alarms: readonly Alarm[]): string[] =>
  alarms.length === 0 ? [] : [`${what} ${alarms.map(({ id }) => `#${id}`).join(" ")}`];

/** What *Take back*, *Reset* and the question of use on a card do, and *Acknowledge* below /alarms. */
export class Acknowledging {
  readonly buttons = new Composer<Context>();
  readonly #options: AcknowledgingOptions;

  constructor(options: AcknowledgingOptions) {
    this.#options = options;
    this.buttons.callbackQuery(
      new RegExp(`^unack:${SEEN}$`),
      handled((ctx) => this.#takeBack(ctx, readSeen(ctx.match))),
    );
    this.buttons.callbackQuery(
      new RegExp(`^reset:${SEEN}$`),
      handled((ctx) => this.#reset(ctx, readSeen(ctx.match))),
    );
    this.buttons.callbackQuery(
      new RegExp(`^worth:${SEEN}:(useful|nothingToDo)$`),
      handled((ctx) => this.#tellWorth(ctx, readSeen(ctx.match), ctx.match[4] === "useful" ? "useful" : "nothingToDo")),
    );
    this.buttons.callbackQuery(
      new RegExp(`^acks:(\\d{1,6}):(?:all|${SEEN})$`),
      handled((ctx) => this.#acknowledgeChosen(ctx, Number(ctx.match[1]))),
    );
  }

  async #takeBack(ctx: Context, seen: SeenAlarm): Promise<Done> {
    const { menus } = this.#options;
    const result = await this.#act(ctx, seen, "takeBack", (alarm, _, at) => takeBack(alarm, at));
    const refusal = result
      ? (notAsSeen(result.alarm, seen) ?? "That can be taken back for a minute only.")
      : UNKNOWN_ALARM;
    return {
      result: result?.isChanged ? "done" : "not done",
      async tell() {
        await toast(ctx, result?.isChanged ? takenBackWords(result.alarm) : refusal);
        // The minute is over, and the card was not told: its button goes now.
        if (result) await (result.isChanged ? menus.refresh(ctx, result.alarm) : menus.show(ctx, result.alarm, null));
      },
    };
  }

  async #reset(ctx: Context, seen: SeenAlarm): Promise<Handled> {
    const result = await this.#act(ctx, seen, "reset", reset);
    const refusal = result
      ? (notAsSeen(result.alarm, seen) ?? `#${seen.alarmId} is not held any more.`)
      : UNKNOWN_ALARM;
    return pressed(ctx, this.#options.menus, result, result?.isChanged ? resetWords(result.alarm) : refusal);
  }

  async #tellWorth(ctx: Context, seen: SeenAlarm, answer: "useful" | "nothingToDo"): Promise<Handled> {
    const result = await this.#act(ctx, seen, answer, (alarm, by) => tellWorth(alarm, by, answer));
    const refusal = result
      ? (notAsSeen(result.alarm, seen) ?? "Only the person who acknowledged it can say so, and only once.")
      : UNKNOWN_ALARM;
    return pressed(ctx, this.#options.menus, result, result?.isChanged ? "Thank you: it counts in /quality." : refusal);
  }

  async #acknowledgeChosen(ctx: Context, offset: number): Promise<Done> {
    const { showPage } = this.#options;
    const chosen = chosenBelowList(ctx, `acks:${offset}`);
    const changed: Alarm[] = [];
    for (const seen of chosen) {
      const result = await this.#act(ctx, seen, "acknowledge", acknowledge);
      if (result?.isChanged) changed.push(result.alarm);
    }
    const done = changed.filter(({ acknowledgedAt }) => acknowledgedAt !== null);
    const halfway = changed.filter(({ acknowledgedAt }) => acknowledgedAt === null);
    const audited = [...numbersOf("acknowledged", done), ...numbersOf("seen", halfway)].join(", ");
    const rest =
      halfway.length === 0 ? "" : ` Still open: ${halfway.length} that another person has to acknowledge, too.`;
    return {
      result: audited === "" ? "not done" : audited,
      async tell() {
        await toast(ctx, `${done.length} of ${chosen.length} acknowledged.${rest}`);
        await showPage(ctx, offset);
      },
    };
  }

  /** Does something to an alarm, if it is as somebody saw it. */
  async #act(
    ctx: Context,
    seen: SeenAlarm,
    action: "acknowledge" | "takeBack" | "reset" | "useful" | "nothingToDo",
    apply: (alarm: Alarm, by: Actor, at: number, people: number) => Alarm,
  ): Promise<ActResult | null> {
    const { visibleTo, onChange, log } = this.#options;
    const by = actorOf(ctx);
    const result = await visibleTo(servedIn(ctx).chatId).act(seen.alarmId, {
      by,
      action,
      apply: (alarm, at, people) => (isAsSeen(alarm, seen) ? apply(alarm, by, at, people) : alarm),
    });
    if (result?.isChanged) log.info({ alarm: seen.alarmId, userId: by.userId, action }, "done to an alarm");
    onChange(result?.chatIds ?? []);
    return result;
  }
}
