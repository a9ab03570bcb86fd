import { isIncident } from "../../alarms/lifecycle/lifecycle.ts";
import { firstMeasured } from "../../alarms/payloads/measured.ts";
import { isWorse } from "../../alarms/lifecycle/rise.ts";
import { clean, inOneLine, shorten } from "../../alarms/text.ts";
import type { Alarm, Severity } from "../../alarms/types.ts";
import { formatQuantity } from "../../lib/text/number.ts";
import { formatDuration, formatInstant } from "../../lib/time/time.ts";
import { lateLine, overtakenLine, setBackLine } from "./late-lines.ts";
import { html, join, lines, MAX_CAPTION, toPlain, type Html } from "../api/render.ts";

/** One sign for each severity, also where there is no room for a card. */
export const ICONS: Readonly<Record<Severity, string>> = { info: "ℹ️", warning: "⚠️", error: "🟠", critical: "🔴" };

/** All that a card shows besides its alarm. */
export interface CardContext {
  /** The chat's; IANA name. */
  readonly timeZone: string;
  readonly now: number;
  /** What happens if nobody acknowledges it: when, and who is told; `to` is `null` if the same are reminded. */
  readonly next: { readonly at: number; readonly to: string | null } | null;
  /** Why it comes to the admins: see `Audience.orphaned`. */
  readonly orphaned: "unrouted" | "unreachable" | null;
  /** Whether it is told from another one by its topic alone, which is shown then. */
  readonly isAlike?: boolean;
  /** An event that took longer to come is shown as late. */
  readonly lateAfterMs: number;
}

/** Together far below the 4096 characters that a message may have; the whole text is in the store. */
const MAX_MESSAGE = 1_500;
const MAX_WORDS = 300;
const MAX_NAME = 120;
/** What Telegram takes in any case. */
const MAX_SHORT = 200;

const TRENDS = { rising: " ↗", falling: " ↘", level: " →" } as const;

/** Where an alarm comes from, in one line: what the plant calls itself, else its topic. */
function sourceOf(alarm: Pick<Alarm, "source" | "topic">): string {
  return shorten(inOneLine(clean(alarm.source ?? alarm.topic)), MAX_NAME);
}

/** The same to be shown; a topic as it is, so that it can be copied. */
export const originOf = (alarm: Pick<Alarm, "source" | "topic">): Html =>
  alarm.source === null ? html`<code>${sourceOf(alarm)}</code>` : html`${sourceOf(alarm)}`;

/** What a chat sees of an alarm, times in its own zone. */
export function cardView(alarm: Alarm, context: CardContext, maxMessage = MAX_MESSAGE): Html {
  return lines(
    headOf(alarm),
    html`${shorten(alarm.message, maxMessage)}`,
    valueLine(alarm),
    remarkLine(alarm),
    chatterLine(alarm, context),
    repeatingLine(alarm, context),
    latchLine(alarm, context),
    acknowledgedLine(alarm, context),
    shelfLine(alarm, context),
    closingLine(alarm, context, "Reply to this message with the reason."),
    reopeningLine(alarm, context),
    noteLine(alarm),
    secondPathLine(alarm, context),
    nextLine(context),
    orphanedLine(context),
    lateLine(alarm, context),
    overtakenLine(alarm, context),
    setBackLine(alarm, context),
    timeLine(alarm, context),
  );
}

/** The same below a picture, where Telegram takes 1024 characters (FACTS: C1). */
export function cardCaption(alarm: Alarm, context: CardContext): Html {
  const caption = cardView(alarm, context, MAX_SHORT);
  return toPlain(caption).length <= MAX_CAPTION ? caption : shortCardView(alarm);
}

/** The least that a chat must know of an alarm, for when all of it is too much. */
export function shortCardView(alarm: Alarm): Html {
  return lines(headOf(alarm), html`${shorten(alarm.message, MAX_SHORT)}`, html`#${alarm.id}`);
}

/** What an old card says when its alarm continues in a newer message, which answers it. */
export const outdatedView = (alarm: Alarm): Html => outdated(alarm, MAX_MESSAGE);

/** The same below a picture. */
export const shortOutdatedView = (alarm: Alarm): Html => outdated(alarm, MAX_SHORT);

function outdated(alarm: Alarm, maxMessage: number): Html {
  const source = originOf(alarm);
  return lines(
    html`⤵️ <b>Continued below</b> · ${source}`,
    html`${shorten(alarm.message, maxMessage)}`,
    html`#${alarm.id}`,
  );
}

function headOf(alarm: Alarm): Html {
  const source = originOf(alarm);
  const severity = alarm.severity.toUpperCase();
  if (alarm.state === "cleared" && !isIncident(alarm)) {
    const word = alarm.course.closing === null ? "CLEARED" : "CLOSED";
    return html`✅ <b>${word}</b>${clearedAfter(alarm)} · was ${alarm.peakSeverity.toUpperCase()} · ${source}`;
  }
  if (alarm.course.latchedAt !== null) return html`🔒 <b>LATCHED</b> · ${severity} · ${source}`;
  if (alarm.course.shelf !== null) return html`🗄 <b>SHELVED</b> · ${severity} · ${source}`;
  const fell = isWorse(alarm.peakSeverity, alarm.severity) ? `, was ${alarm.peakSeverity.toUpperCase()}` : "";
  return html`${ICONS[alarm.severity]} <b>${severity}</b>${fell} · ${source}`;
}

/** For how long it was active, in words for the end of a sentence. */
export function clearedAfter(alarm: Alarm): string {
  if (alarm.clearedAt === null || alarm.clearedAt < alarm.startedAt + 1_000) return "";
  return ` after ${formatDuration(alarm.clearedAt - alarm.startedAt)}`;
}

function latchLine({ course: { latchedAt } }: Alarm, { timeZone, now }: CardContext): Html | null {
  if (latchedAt === null) return null;
  return html`🔒 Normal again since ${formatInstant(latchedAt, timeZone, now)}: it is held until somebody resets it.`;
}

function acknowledgedLine(alarm: Alarm, { timeZone, now }: CardContext): Html | null {
  const { acknowledgedBy, acknowledgedAt, course } = alarm;
  if (course.returned !== null) return html`👤 Not acknowledged`;
  if (acknowledgedBy === null || acknowledgedAt === null) return null;
  return html`👤 Acknowledged by ${acknowledgedBy} · ${formatInstant(acknowledgedAt, timeZone, now)}`;
}

function shelfLine({ course: { shelf } }: Alarm, { timeZone, now }: CardContext): Html | null {
  if (shelf === null) return null;
  const until = shelf.untilAt === null ? "it clears" : formatInstant(shelf.untilAt, timeZone, now);
  const reason = shelf.reason === null ? "Reply to this message with the reason." : shorten(shelf.reason, MAX_WORDS);
  return html`🗄 Shelved by ${shelf.by} until ${until}. ${reason}`;
}

/** The line that says who closed the alarm, and why, or asks for the reason; `null`: nobody closed it. */
export function closingLine(
  { course: { closing } }: Alarm,
  { timeZone, now }: Pick<CardContext, "timeZone" | "now">,
  unknown = "",
): Html | null {
  if (closing === null) return null;
  const reason = closing.reason === null ? unknown : shorten(closing.reason, MAX_WORDS);
  return html`👤 Closed by ${closing.by} · ${formatInstant(closing.at, timeZone, now)}. ${reason}`;
}

/** The line that says who reopened the alarm; `null`: nobody did. */
export function reopeningLine(
  { course: { reopening } }: Alarm,
  { timeZone, now }: Pick<CardContext, "timeZone" | "now">,
): Html | null {
  if (reopening === null) return null;
  return html`↩️ Reopened by ${reopening.by} · ${formatInstant(reopening.at, timeZone, now)}`;
}

function noteLine({ course: { note, shelf, closing } }: Alarm): Html | null {
  if (note === null || (shelf ?? closing)?.reason === note.text) return null;
  const text = note.text === "" ? "" : ` ${shorten(note.text, MAX_WORDS)}`;
  return html`💬 ${note.by}:${note.hasPhoto ? " 📷" : ""}${text}`;
}

/** Left out when the message itself says it. */
function valueLine({ value, unit, limit, message, state, course }: Alarm): Html | null {
  if (value === null) return null;
  const trend = course.trend === null || state === "cleared" ? "" : TRENDS[course.trend];
  if (limit === null && trend === "") {
    const said = firstMeasured(message);
    if (said?.value === value && said.unit === unit) return null;
  }
  const limitWords = limit === null ? "" : ` (limit ${formatQuantity(limit, unit)})`;
  return html`<b>${formatQuantity(value, unit)}</b>${trend}${limitWords}`;
}

function remarkLine({ course: { remark } }: Alarm): Html | null {
  return remark === null ? null : html`❓ ${shorten(remark, MAX_WORDS)}`;
}

function timeLine(alarm: Alarm, { timeZone, now, isAlike }: CardContext): Html {
  const parts = [html`🕒 ${formatInstant(alarm.clearedAt ?? alarm.lastAt, timeZone, now)}`];
  if (alarm.count > 1) parts.push(html`${alarm.count}× since ${formatInstant(alarm.startedAt, timeZone, now)}`);
  parts.push(html`#${alarm.id}`);
  if (isAlike && alarm.source !== null) parts.push(html`<code>${shorten(alarm.topic, MAX_NAME)}</code>`);
  return join(parts, " · ");
}

/** The line that says that the alarm chatters; `null`: it does not. */
export function chatterLine(
  { course: { chatter } }: Alarm,
  { timeZone, now }: Pick<CardContext, "timeZone" | "now">,
): Html | null {
  if (chatter === null) return null;
  const { count, since, clearedAt, endedAt } = chatter;
  const from = formatInstant(since, timeZone, now);
  if (endedAt === null && clearedAt !== null)
    return html`〰️ Chattering, over for now: came ${count}× since ${from}, held open until it calms down.`;
  if (endedAt === null) return html`〰️ Chatters: came ${count}× since ${from}, held open until it calms down.`;
  return html`〰️ Chattered: came ${count}× from ${from} to ${formatInstant(endedAt, timeZone, now)}.`;
}

/** The line that says that the alarm repeats, and when it rings again; `null`: it does not. */
export function repeatingLine(
  { course: { repeats } }: Alarm,
  { timeZone, now }: Pick<CardContext, "timeZone" | "now">,
): Html | null {
  const { times, quietUntil } = repeats;
  const [since] = times;
  if (quietUntil === null || since === undefined) return null;
  const [from, until] = [formatInstant(since, timeZone, now), formatInstant(quietUntil, timeZone, now)];
  return html`🔁 Repeating: ${times.length} times since ${from}. It rings again from ${until} on, or if it gets worse.`;
}

function secondPathLine({ secondPathAt }: Alarm, { timeZone, now }: CardContext): Html | null {
  if (secondPathAt === null) return null;
  return html`📣 The second path was used at ${formatInstant(secondPathAt, timeZone, now)}, as no chat could be told.`;
}

function orphanedLine({ orphaned }: CardContext): Html | null {
  if (orphaned === "unrouted") return html`No route takes this alarm, so it comes to the admins.`;
  return orphaned && html`None of the chats that it goes to can be reached, so it comes to the admins.`;
}

function nextLine({ next, timeZone, now }: CardContext): Html | null {
  if (next === null) return null;
  const at = formatInstant(next.at, timeZone, now);
  return next.to === null ? html`⏭ Reminder at ${at}` : html`⏭ Next: ${next.to} at ${at}`;
}
