import { tz } from "@date-fns/tz/tz";
import type { TimeUnit } from "chart.js";
import { add } from "date-fns/add";
import { set } from "date-fns/set";

/**
 * Clocks and calendar of an IANA time zone, as an axis needs them. Instants go in and come out as epoch ms UTC.
 */

/** Each unit with its length: up to the hour elapsed time, from the day on steps in the calendar. */
const LENGTHS = {
  millisecond: { ms: 1 },
  second: { ms: 1_000 },
  minute: { ms: 60_000 },
  hour: { ms: 3_600_000 },
  day: { days: 1 },
  week: { days: 7 },
  month: { months: 1 },
  quarter: { months: 3 },
  year: { months: 12 },
} as const;

/** The start of the `unit` that `at` is in. Weeks start on Monday. */
export function startOf(at: number, unit: TimeUnit, timeZone: string): number {
  const context = { in: tz(timeZone) };
  const date = context.in(at);
  const midnight = { hours: 0, minutes: 0, seconds: 0, milliseconds: 0 };
  switch (unit) {
    case "millisecond":
    case "second":
    case "minute":
    case "hour": {
      // By the offset that holds now: to set minutes to 0 would leave the first of two equal hours for the second.
      const { ms } = LENGTHS[unit];
      const offsetMs = -date.getTimezoneOffset() * LENGTHS.minute.ms;
      return Math.floor((at + offsetMs) / ms) * ms - offsetMs;
    }
    case "day":
      return Number(set(date, midnight, context));
    case "week":
      return Number(set(date, { date: date.getDate() - ((date.getDay() + 6) % 7), ...midnight }, context));
    case "month":
      return Number(set(date, { date: 1, ...midnight }, context));
    case "quarter":
      return Number(set(date, { month: date.getMonth() - (date.getMonth() % 3), date: 1, ...midnight }, context));
    case "year":
      return Number(set(date, { month: 0, date: 1, ...midnight }, context));
  }
}

/**
 * `at` and `amount` times `unit`. The start of a day leads to the start of a day, even where the clocks change at
 * midnight and a day begins at 01:00.
 */
export function addUnits(at: number, amount: number, unit: TimeUnit, timeZone: string): number {
  const length = LENGTHS[unit];
  if ("ms" in length) return at + amount * length.ms;
  const duration = "days" in length ? { days: amount * length.days } : { months: amount * length.months };
  const moved = Number(add(at, duration, { in: tz(timeZone) }));
  return at === startOf(at, "day", timeZone) ? startOf(moved, "day", timeZone) : moved;
}

/** The number of whole units from `earlierAt` to `laterAt`, by the rules of `addUnits`; rounded down. */
export function countUnits(laterAt: number, earlierAt: number, unit: TimeUnit, timeZone: string): number {
  const after = (count: number) => addUnits(earlierAt, count, unit, timeZone);
  let count = Math.floor((laterAt - earlierAt) / (after(1) - earlierAt));
  while (after(count) > laterAt) count--;
  while (after(count + 1) <= laterAt) count++;
  return count;
}

/** How instants are written: by Intl, which knows the zones. */
const FORMATS = {
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  time: { hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  month: { month: "short" },
  year: { year: "numeric" },
  date: { day: "numeric", month: "short", year: "numeric" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** The name of a way to write an instant: 14:30:15, 14:30, 20 Aug, Aug, 2018, 20 Aug 2018. */
export type TimeFormat = keyof typeof FORMATS;

/** A formatter is slow to make, and a few of them serve every picture. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Writes the instant `at` as it reads in `timeZone`. */
export function formatTime(at: number, format: TimeFormat, timeZone: string): string {
  const key = `${format} ${timeZone}`;
  const formatter = formatters.get(key) ?? new Intl.DateTimeFormat("en-GB", { ...FORMATS[format], timeZone });
  formatters.set(key, formatter);
  return formatter.format(at);
}

/** Below this a period is written with seconds. */
const SHORT_MS = 300_000;

/**
 * Writes a period: `20 Aug 2018`, `20 – 26 Aug 2018`, `20 Aug 2018, 14:30 – 15:30`, `20 Aug, 14:30 – 21 Aug 2018, 14:30`; an end
 * at midnight is the day before's.
 */
export function formatPeriod(startAt: number, endAt: number, timeZone: string): string {
  const dayOf = (at: number) => formatTime(at, "date", timeZone);
  const timeOf = (at: number) => formatTime(at, endAt - startAt < SHORT_MS ? "seconds" : "time", timeZone);
  const isWhole = isWholeDays(startAt, endAt, timeZone);
  const [startDay, endDay] = [dayOf(startAt), dayOf(isWhole ? endAt - 1_000 : endAt)];
  if (startDay === endDay) return isWhole ? startDay : `${startDay}, ${timeOf(startAt)} – ${timeOf(endAt)}`;
  if (!isWhole) return `${shared(startDay, endDay, 1)}, ${timeOf(startAt)} – ${endDay}, ${timeOf(endAt)}`;
  return `${shared(startDay, endDay, 2)} – ${endDay}`;
}

/** A date without the month and the year, at most `count` of them, that another has, too: those stand behind that. */
function shared(day: string, other: string, count: number): string {
  const [words, others] = [day.split(" "), other.split(" ")];
  let kept = words.length;
  while (kept > words.length - count && words[kept - 1] === others[kept - 1]) kept--;
  return words.slice(0, kept).join(" ");
}

/** Whose clocks a zone has: `Helsinki time`, `UTC`. */
export function placeOfZone(timeZone: string): string {
  const name = timeZone.slice(timeZone.lastIndexOf("/") + 1).replaceAll("_", " ");
  return /^(UTC|GMT|UCT|Zulu)/.test(name) ? name : `${name} time`;
}

/** What the clocks do in a period of two days at most, as its axis is not even then; `null`: nothing. */
export function clockChange(startAt: number, endAt: number, timeZone: string): string | null {
  if (endAt - startAt > 2 * LENGTHS.hour.ms * 24) return null;
  const offsetAt = (at: number) => tz(timeZone)(at).getTimezoneOffset();
  const change = offsetAt(endAt) - offsetAt(startAt);
  return change === 0 ? null : change > 0 ? "clocks go back" : "clocks go forward";
}

/** Whether a period runs from a midnight to a midnight, or to the last second before one. */
function isWholeDays(startAt: number, endAt: number, timeZone: string): boolean {
  const midnightAt = startOf(endAt + 1_000, "day", timeZone);
  return (
    startAt === startOf(startAt, "day", timeZone) &&
    endAt >= midnightAt - 1_000 &&
    endAt <= midnightAt &&
    endAt > startAt
  );
}
