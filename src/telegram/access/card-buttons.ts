import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import {
  acknowledge,
  canTakeBack,
  isAsSeen,
  isClosable,
  isLatched,
  isReopenable,
  type Seen,
} from "../../alarms/lifecycle/handling.ts";
import { hasSeen } from "../../alarms/lifecycle/two-people.ts";
import { isAskedWorth } from "../../alarms/lifecycle/worth.ts";
import { isForAdmins } from "../../alarms/payloads/own.ts";
import { rankOf, type Alarm, type Person } from "../../alarms/types.ts";
import { abbreviate } from "../../alarms/text.ts";
import { formatMinute, type Moment } from "../../lib/time/time.ts";
import type { Logger } from "../../lib/log.ts";
import type { ActResult } from "../../engine/act.ts";
import { handled } from "./outcome.ts";
import { actorOf, servedIn } from "./person.ts";
import type { VisibleTo } from "./visible-alarms.ts";

const MAX_NAME = 20;

/** The buttons below a card. Their data names what was seen, so that they work after any downtime, and for no more than that. */
export function cardButtons(alarm: Alarm, { now, timeZone }: Moment): InlineKeyboardButton[][] {
  const seen = seenOf(alarm);
  const more = [
    ...(isClosable(alarm) ? [{ text: "Close…", callback_data: `close:${seen}` }] : []),
    ...(isReopenable(alarm) ? [{ text: "Reopen", callback_data: `reopen:${seen}` }] : []),
    ...(alarm.field === null ? [] : [{ text: "Trend", callback_data: `trend:${alarm.id}` }]),
    { text: "Why?", callback_data: `why:${alarm.id}` },
  ];
  const acknowledge = { text: "Acknowledge", callback_data: `ack:${seen}`, ...danger(alarm) };
  // Information asks nobody to come, and what is over needs no rest.
  if (alarm.peakSeverity === "info") return [more];
  const takeBack = canTakeBack(alarm, now) ? [{ text: "Take back", callback_data: `unack:${seen}` }] : [];
  const unshelve = { text: "Unshelve", callback_data: `unshelve:${alarm.id}` };
  const reset = isLatched(alarm) ? [{ text: "Reset", callback_data: `reset:${seen}` }] : [];
  const spent = spentButton(alarm, timeZone);
  if (alarm.handling.shelf !== null) return [...spent, [unshelve, ...reset, ...takeBack], more];
  if (alarm.state === "cleared") {
    return alarm.handling.returned === null ? [...worthButtons(alarm), [...takeBack, ...more]] : [[acknowledge], more];
  }
  const shelve = isForAdmins(alarm) ? [] : [{ text: "Shelve…", callback_data: `shelve:${seen}` }];
  if (alarm.acknowledgedAt !== null) return [...spent, ...inRows([...reset, ...takeBack, ...shelve], more)];
  return [[acknowledge, ...reset, ...shelve], more];
}

/** Four in a row would wrap on a phone. */
const inRows = (first: InlineKeyboardButton[], more: InlineKeyboardButton[]): InlineKeyboardButton[][] =>
  first.length > 0 && first.length + more.length > 3 ? [first, more] : [[...first, ...more]];

const danger = ({ state, severity, peakSeverity }: Alarm): { readonly style?: "danger" } =>
  (state === "active" ? severity : peakSeverity) === "critical" ? { style: "danger" } : {};

/** In the place of *Acknowledge*, who has, and when: it cannot be pressed. */
function spentButton({ acknowledgedAt, acknowledgedBy }: Alarm, timeZone: string): InlineKeyboardButton[][] {
  if (acknowledgedAt === null || acknowledgedBy === null) return [];
  const at = formatMinute(acknowledgedAt, timeZone).slice("2026-11-22 ".length);
  return [[{ text: `✓ ${abbreviate(acknowledgedBy, MAX_NAME)} ${at}`, disabled: {}, style: "success" }]];
}

const MAX_COPIED = 256;

/** Below an answer to /alarm: what people take to a maintenance system, to be copied by a press. */
export function copyButtons({ id, source, topic }: Alarm): InlineKeyboardButton[][] {
  const copy = (text: string, copied: string) => ({
    text,
    copy_text: { text: copied.slice(0, MAX_COPIED).toWellFormed() },
  });
  return [[copy(`Copy #${id}`, `#${id}`), source ? copy("Copy tag", source) : copy("Copy topic", topic)]];
}

/** Who acknowledged an alarm may say once whether it was of use. */
const worthButtons = (alarm: Alarm): InlineKeyboardButton[][] =>
  isAskedWorth(alarm)
    ? [
        [
          { text: "Useful", callback_data: `worth:${seenOf(alarm)}:useful` },
          { text: "Nothing to do", callback_data: `worth:${seenOf(alarm)}:nothingToDo` },
        ],
      ]
    : [];

/** What of an alarm somebody sees, for the data of a button; see `SEEN`. */
export const seenOf = (alarm: Alarm): string => `${alarm.id}:${alarm.occurrence}:${rankOf(alarm.severity)}`;

/** What a card's data says was seen: alarm, occurrence and rank. */
export const SEEN = "(\\d{1,15}):(\\d{1,9}):(\\d)";

/** Reads what `SEEN` matched. */
export function readSeen([, alarmId, occurrence, rank]: Iterable<string | undefined>): SeenAlarm {
  return { alarmId: Number(alarmId), occurrence: Number(occurrence), rank: Number(rank) };
}

/** An alarm as a button names it. */
export type SeenAlarm = Seen & { readonly alarmId: number };

/**
 * The alarms that a press below a list is about: the one that its button names, or all that the buttons there name, as Telegram keeps
 * them: what was shown, whatever became of it since.
 * @param kind what stands before the alarm in the data of all these buttons
 */
export function chosenBelowList(ctx: Context, kind: string): readonly SeenAlarm[] {
  const pattern = new RegExp(`^${kind}:${SEEN}$`);
  const { data = "", message } = ctx.callbackQuery ?? {};
  const named = (message?.reply_markup?.inline_keyboard ?? []).flat().flatMap((button) => {
    const match = "callback_data" in button ? pattern.exec(button.callback_data) : null;
    return match === null ? [] : [{ seen: readSeen(match), data: match[0] }];
  });
  const isAll = data.endsWith(":all");
  return named.filter((one) => isAll || one.data === data).map(({ seen }) => seen);
}

/** What the buttons of cards need. */
export interface CardButtonOptions {
  readonly visibleTo: VisibleTo;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
  /** Draws the last hours of a field for a chat. */
  readonly onTrend: (ctx: Context, field: number) => void;
  readonly log: Logger;
}

/** What *Acknowledge* and *Trend* do. The card is the truth; the words at the press are best effort. */
export function createCardButtons({ visibleTo, onChange, onTrend, log }: CardButtonOptions): Composer<Context> {
  const composer = new Composer<Context>();
  composer.callbackQuery(
    new RegExp(`^ack:${SEEN}$`),
    handled(async (ctx) => {
      const seen = readSeen(ctx.match);
      const by = actorOf(ctx);
      const result = await visibleTo(servedIn(ctx).chatId).act(seen.alarmId, {
        by,
        action: "acknowledge",
        apply: (alarm, now, people) => (isAsSeen(alarm, seen) ? acknowledge(alarm, by, now, people) : alarm),
      });
      if (result?.isChanged) log.info({ alarm: result.alarm.id, userId: by.userId }, "acknowledged");
      onChange(result?.chatIds ?? []);
      const words = acknowledgedToast(result, seen, by);
      return { result: result?.isChanged ? "done" : "not done", tell: () => toast(ctx, words) };
    }),
  );
  composer.callbackQuery(/^trend:(\d{1,15})$/, async (ctx) => {
    const alarm = await visibleTo(servedIn(ctx).chatId).find(Number(ctx.match[1]));
    if (!alarm || alarm.field === null) return toast(ctx, UNKNOWN_ALARM);
    onTrend(ctx, alarm.field);
    await toast(ctx, "Drawing the last two hours…");
  });
  return composer;
}

/** What is said of an alarm that is not there. */
export const UNKNOWN_ALARM = "This alarm is not kept here any more.";

/** Says a word at a press. Telegram forgets a press after a while; what it did stays done. */
export async function toast(ctx: Context, text: string): Promise<void> {
  await ctx.answerCallbackQuery(text).catch(() => undefined);
}

function acknowledgedToast(result: ActResult | null, seen: Seen, by: Person): string {
  if (result === null) return UNKNOWN_ALARM;
  const { alarm, isChanged } = result;
  if (alarm.acknowledgedAt === null && hasSeen(alarm, by) && isAsSeen(alarm, seen))
    return `You have seen #${alarm.id}. Another person has to acknowledge it, too.`;
  if (isChanged) return `Acknowledged #${alarm.id}.`;
  return notAsSeen(alarm, seen) ?? `Already acknowledged by ${alarm.acknowledgedBy ?? "somebody"}.`;
}

/** Why a press on an old card does not count; `null`: it does. */
export function notAsSeen(alarm: Alarm, seen: Seen): string | null {
  if (alarm.occurrence !== seen.occurrence) return `#${alarm.id} came again: see its newest card.`;
  return isAsSeen(alarm, seen) ? null : `#${alarm.id} got worse: see its newest card.`;
}
