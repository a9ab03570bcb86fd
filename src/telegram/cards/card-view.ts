import { isIncident } from "../../alarms/lifecycle/lifecycle.ts";
import { firstMeasured } from "../../alarms/payloads/measured.ts";
import { isWorse } from "../../alarms/lifecycle/rise.ts";
import { originOfAlarm } from "../../alarms/origin.ts";
import { clean, shorten } from "../../alarms/text.ts";
import type { Alarm, Severity } from "../../alarms/types.ts";
import type { Orphaned } from "../../dispatch/recipients.ts";
import { formatQuantity } from "../../lib/text/number.ts";
import { formatDuration, type Moment } from "../../lib/time/time.ts";
import { instantView } from "./instant-view.ts";
import {
  acknowledgedLine,
  chatterLine,
  closingLine,
  heldEndLine,
  latchLine,
  noteLine,
  remarkLine,
  reopeningLine,
  repeatingLine,
  seenLine,
  shelfLine,
} from "./handling-lines.ts";
import { lateLine, overtakenLine, setBackLine } from "./late-lines.ts";
import { html, join, lines, MAX_CAPTION, toPlain, type Html } from "../api/render.ts";

/** One sign for each severity, also where there is no room for a card. */
export const ICONS: Readonly<Record<Severity, string>> = { info: "ℹ️", warning: "⚠️", error: "🟠", critical: "🔴" };

/** All that a card shows besides its alarm. */
export interface CardContext extends Moment {
  /** What happens if nobody acknowledges it: when, and who is told; `to` is `null` if the same are reminded. */
  readonly next: { readonly at: number; readonly to: string | null } | null;
  /** Why it comes to the admins: see `Recipients.orphaned`. */
  readonly orphaned: Orphaned | null;
  /** Whether it is told from another one by its topic alone, which is shown then. */
  readonly isAlike?: boolean;
  /** An event that took longer to come is shown as late. */
  readonly lateAfterMs: number;
}

/** Together far below the 4096 characters that a message may have; the whole text is in the store. */
const MAX_MESSAGE = 1_500;
const MAX_NAME = 120;
/** What Telegram takes in any case. */
const MAX_SHORT = 200;

const TRENDS = { rising: " ↗", falling: " ↘", level: " →" } as const;

/** Where an alarm comes from, in one line; a topic as it is, so that it can be copied. */
export function originOf(alarm: Alarm): Html {
  const { name, isTopic } = originOfAlarm(alarm);
  const shown = shorten(clean(name), MAX_NAME);
  return isTopic ? html`<code>${shown}</code>` : html`${shown}`;
}

/** Its topic, to be copied. */
export const topicView = ({ topic }: Alarm): Html => html`<code>${shorten(topic, MAX_NAME)}</code>`;

/** What a chat sees of an alarm, times in its own zone. */
export function cardView(alarm: Alarm, context: CardContext, maxMessage = MAX_MESSAGE): Html {
  return lines(
    headOf(alarm),
    html`${shorten(alarm.message, maxMessage)}`,
    valueLine(alarm),
    remarkLine(alarm),
    chatterLine(alarm, context),
    repeatingLine(alarm, context),
    heldEndLine(alarm, context),
    latchLine(alarm, context),
    seenLine(alarm, context),
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
  if (alarm.occurrence === 0 && alarm.handling.heldBack !== null)
    return html`⏳ <b>HELD BACK</b> · ${severity} · ${source}`;
  if (alarm.state === "cleared" && !isIncident(alarm)) {
    const word = alarm.handling.closing === null ? "CLEARED" : "CLOSED";
    return html`✅ <b>${word}</b>${clearedAfter(alarm)} · was ${alarm.peakSeverity.toUpperCase()} · ${source}`;
  }
  if (alarm.handling.latchedAt !== null) return html`🔒 <b>LATCHED</b> · ${severity} · ${source}`;
  if (alarm.handling.shelf !== null) return html`🗄 <b>SHELVED</b> · ${severity} · ${source}`;
  const fell = isWorse(alarm.peakSeverity, alarm.severity) ? `, was ${alarm.peakSeverity.toUpperCase()}` : "";
  return html`${ICONS[alarm.severity]} <b>${severity}</b>${fell} · ${source}`;
}

/** For how long it was active, in words for the end of a sentence. */
export function clearedAfter(alarm: Alarm): string {
  if (alarm.clearedAt === null || alarm.clearedAt < alarm.startedAt + 1_000) return "";
  return ` after ${formatDuration(alarm.clearedAt - alarm.startedAt)}`;
}

/** Left out when the message itself says it. */
function valueLine({ value, unit, limit, message, state, handling }: Alarm): Html | null {
  if (value === null) return null;
  const trend = handling.trend === null || state === "cleared" ? "" : TRENDS[handling.trend];
  if (limit === null && trend === "") {
    const said = firstMeasured(message);
    if (said?.value === value && said.unit === unit) return null;
  }
  const limitWords = limit === null ? "" : ` (limit ${formatQuantity(limit, unit)})`;
  return html`<b>${formatQuantity(value, unit)}</b>${trend}${limitWords}`;
}

function timeLine(alarm: Alarm, { timeZone, now, isAlike }: CardContext): Html {
  const parts = [html`🕒 ${instantView(alarm.clearedAt ?? alarm.lastAt, timeZone, now)}`];
  if (alarm.count > 1) parts.push(html`${alarm.count}× since ${instantView(alarm.startedAt, timeZone, now)}`);
  parts.push(html`#${alarm.id}`);
  if (isAlike && !originOfAlarm(alarm).isTopic) parts.push(topicView(alarm));
  return join(parts, " · ");
}

function secondPathLine({ secondPathAt }: Alarm, { timeZone, now }: CardContext): Html | null {
  if (secondPathAt === null) return null;
  return html`📣 The second path was used at ${instantView(secondPathAt, timeZone, now)}, as no chat could be told.`;
}

function orphanedLine({ orphaned }: CardContext): Html | null {
  if (orphaned === "unrouted") return html`No route takes this alarm, so it comes to the admins.`;
  if (orphaned === "unmanned") return html`Nobody is on duty, so it comes to the admins.`;
  return orphaned && html`None of the chats that it goes to can be reached, so it comes to the admins.`;
}

function nextLine({ next, timeZone, now }: CardContext): Html | null {
  if (next === null) return null;
  const at = instantView(next.at, timeZone, now);
  return next.to === null ? html`⏭ Reminder at ${at}` : html`⏭ Next: ${next.to} at ${at}`;
}
