import { firstMeasured } from "../alarms/measured.ts";
import { clean, shorten } from "../alarms/text.ts";
import type { Alarm, Severity } from "../alarms/types.ts";
import { formatQuantity } from "../number.ts";
import { formatDuration, formatInstant } from "../time.ts";
import { html, join, lines, type Html } from "./render.ts";

/** One sign for each severity, also where there is no room for a card. */
export const ICONS: Readonly<Record<Severity, string>> = { info: "ℹ️", warning: "⚠️", error: "🟠", critical: "🔴" };

/** Together far below the 4096 characters that a message may have; the whole text is in the store. */
const MAX_MESSAGE = 1_500;
const MAX_NAME = 120;

/** Where an alarm comes from, in one line: what the plant calls itself, else its topic. */
export function sourceOf(alarm: Alarm): string {
  return shorten(clean(alarm.source ?? alarm.topic).replace(/\s+/g, " "), MAX_NAME);
}

/** What a chat sees of an alarm, times in its own zone. */
export function cardView(alarm: Alarm, timeZone: string, now: number): Html {
  const source = sourceOf(alarm);
  const head =
    alarm.state === "active"
      ? html`${ICONS[alarm.severity]} <b>${alarm.severity.toUpperCase()}</b> · ${source}`
      : html`✅ <b>CLEARED</b>${clearedAfter(alarm)} · was ${alarm.peakSeverity.toUpperCase()} · ${source}`;
  return lines(
    head,
    html`${shorten(alarm.message, MAX_MESSAGE)}`,
    valueLine(alarm),
    timeLine(alarm, timeZone, now),
    acknowledgedLine(alarm, timeZone, now),
  );
}

/** What stays of a card whose alarm went on in a newer message, which answers this one. */
export function outdatedView(alarm: Alarm): Html {
  const source = sourceOf(alarm);
  return lines(
    html`⤵️ <b>Went on below</b> · ${source}`,
    html`${shorten(alarm.message, MAX_MESSAGE)}`,
    html`#${alarm.id}`,
  );
}

function clearedAfter(alarm: Alarm): string {
  if (alarm.clearedAt === null || alarm.clearedAt <= alarm.startedAt) return "";
  return ` after ${formatDuration(alarm.clearedAt - alarm.startedAt)}`;
}

function acknowledgedLine({ acknowledgedBy, acknowledgedAt }: Alarm, timeZone: string, now: number): Html | null {
  if (acknowledgedBy === null || acknowledgedAt === null) return null;
  return html`👤 Acknowledged by ${acknowledgedBy} · ${formatInstant(acknowledgedAt, timeZone, now)}`;
}

/** Left out when the message itself says it. */
function valueLine({ value, unit, limit, message }: Alarm): Html | null {
  if (value === null) return null;
  const said = firstMeasured(message);
  if (limit === null && said?.value === value && said.unit === unit) return null;
  return html`<b>${formatQuantity(value, unit)}</b>${limit === null ? "" : ` (limit ${formatQuantity(limit, unit)})`}`;
}

function timeLine(alarm: Alarm, timeZone: string, now: number): Html {
  const parts = [html`🕒 ${formatInstant(alarm.clearedAt ?? alarm.lastAt, timeZone, now)}`];
  if (alarm.count > 1) parts.push(html`${alarm.count}× since ${formatInstant(alarm.startedAt, timeZone, now)}`);
  parts.push(html`#${alarm.id}`);
  return join(parts, " · ");
}
