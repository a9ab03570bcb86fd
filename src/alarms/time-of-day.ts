import { dayOf, instantsOf, readingAt } from "../lib/time/wall-clock.ts";

/** Times of day as people write them, counted in minutes after midnight of a clock on the wall. */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Hours, with minutes and seconds if any, behind a colon or, as Finns write it, a dot; or by the English half of the day. */
const CLOCK = /^(\d{1,2})(?:[:.](\d{2})(?::(\d{2}))?)?(am|pm)?$/;

/**
 * Reads a time of day as people write it: `14:30`, `14:30:15`, `14.30`, `1430`, `7`, `07`, `2pm`, `2:30pm`; in lower
 * case.
 * @returns ms after midnight, 24 h for `24:00`; `null` if there is no such time of day
 */
export function readClock(text: string): number | null {
  const [, hourText, minuteText = "0", secondText = "0", half] =
    CLOCK.exec(text.replace(/^(\d{2})(\d{2})$/, "$1:$2")) ?? [];
  if (hourText === undefined) return null;
  const [shown, minute, second] = [Number(hourText), Number(minuteText), Number(secondText)];
  if (half !== undefined && (shown < 1 || shown > 12)) return null;
  const hour = half === undefined ? shown : (shown % 12) + (half === "pm" ? 12 : 0);
  const ms = hour * HOUR_MS + minute * MINUTE_MS + second * 1_000;
  return minute > 59 || second > 59 || ms > DAY_MS ? null : ms;
}

/** Minutes after midnight of `06:00`, or what else `readClock` takes; `null` if a day has no such minute. */
export function parseTimeOfDay(text: string): number | null {
  const ms = readClock(text.toLowerCase());
  return ms === null || ms === DAY_MS || ms % MINUTE_MS !== 0 ? null : ms / MINUTE_MS;
}

/** The same for when something ends, which it also does at 24:00, the midnight of the day after. */
export const parseEndOfDay = (text: string): number | null => (readClock(text) === DAY_MS ? 0 : parseTimeOfDay(text));

/** `06:00` for 360. */
export function formatTimeOfDay(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * When a clock in `zone` shows `minute` on the day of `reading`: the first time if it does twice, and as much later as
 * summer time takes away if it never does (as RFC 5545, 3.3.5).
 */
export function instantOfTime(reading: number, minute: number, zone: string): number {
  const wanted = dayOf(reading) + minute * MINUTE_MS;
  const dayBefore = wanted - DAY_MS;
  return instantsOf(wanted, zone)[0] ?? wanted - (readingAt(dayBefore, zone) - dayBefore);
}
