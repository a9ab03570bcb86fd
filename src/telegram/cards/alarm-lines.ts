import { isIncident } from "../../alarms/lifecycle/lifecycle.ts";
import { originOfAlarm } from "../../alarms/origin.ts";
import { abbreviate, clean, inOneLine } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import { formatDuration, formatShort, zoneNameAt, type Moment } from "../../lib/time/time.ts";
import { html, lines, timeView, type Html } from "../api/render.ts";
import { ICONS } from "./card-view.ts";

/** A line of a list on a phone of 360 px has room for so many letters, and fewer behind the indent: what is longer would wrap. */
const MAX_LINE = 30;
export const MAX_INDENTED = 27;
export const INDENT = "     ";

/** An alarm in three lines of a list, none of which wraps on a phone; the first leads to all of it at a tap. Its zone stands above. */
export function alarmLines(alarm: Alarm, moment: Moment): Html {
  const isActive = alarm.state === "active";
  const icon = `${isActive || isIncident(alarm) ? ICONS[alarm.severity] : "✅"}${alarm.handling.shelf === null ? "" : " 🗄"}`;
  const room = MAX_LINE - ` /alarm_${alarm.id} · `.length - icon.length;
  const { name } = originOfAlarm(alarm);
  return lines(
    html`${icon} /alarm_${alarm.id} · ${abbreviate(clean(name), room)}`,
    html`${INDENT}${abbreviate(wordsBesideOrigin(alarm), MAX_INDENTED)}`,
    html`${INDENT}${lastLine(alarm, moment)}`,
  );
}

/** An alarm's words beside its machine, in one line: a text that begins with that need not say so twice. */
export function wordsBesideOrigin(alarm: Alarm): string {
  const { name } = originOfAlarm(alarm);
  const message = inOneLine(alarm.message);
  return message.startsWith(`${name}: `) ? message.slice(name.length + ": ".length) : message;
}

/** What stands once above a list whose times have no zone. */
export const zoneView = ({ timeZone, now }: Moment): Html => html` · ${zoneNameAt(now, timeZone)}`;

/** Since when it is active, or when it came and for how long, and who has seen it; how long is left out where all has no room. */
function lastLine(alarm: Alarm, { timeZone, now }: Moment): Html {
  const { state, startedAt, clearedAt } = alarm;
  const time = formatShort(startedAt, timeZone, now);
  if (state === "active") {
    const since = `since ${time}`;
    return html`${timeView(startedAt, "age", since)}${seenBy(alarm, roomBeside(since))}`;
  }
  const seen = seenBy(alarm, roomBeside(time));
  const length = clearedAt !== null && clearedAt > startedAt ? `, ${formatDuration(clearedAt - startedAt)}` : "";
  const hasRoom = time.length + length.length + seen.length <= MAX_INDENTED;
  return html`${time}${hasRoom ? length : ""}${seen}`;
}

const roomBeside = (words: string): number => MAX_INDENTED - words.length - " · ".length;

/** Who has done something about it, by as much of a name as there is room for, or that nobody has. */
function seenBy({ occurrence, acknowledgedBy, handling }: Alarm, room: number): string {
  const { closing, returned, heldBack, untold } = handling;
  const named = (words: string, name: string) => ` · ${words}${abbreviate(name, Math.max(4, room - words.length))}`;
  // By its rule it has not come.
  if (heldBack !== null) return " · held back";
  if (occurrence === 0 && untold !== null) return " · not told";
  if (closing !== null) return named("closed by ", closing.by);
  if (acknowledgedBy !== null) return named("👤 ", acknowledgedBy);
  return returned === null ? "" : " · unseen";
}
