import type { Parsed, Problem } from "../lib/text/parsed.ts";
import { formatTimeOfDay, instantOfTime, parseTimeOfDay } from "../alarms/time-of-day.ts";
import { nameOfWeekday, parseWeekday, weekdayOf } from "../lib/time/weekday.ts";
import { dayOf, readingAt } from "../lib/time/wall-clock.ts";

/** When a chat gets its report, by its own clock. */
export interface Schedule {
  /** Minutes after midnight. */
  readonly minute: number;
  /** 1 for Monday … 7 for Sunday; `null`: each day. */
  readonly weekday: number | null;
}

const DAYS_AROUND = [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];
const HOW_TO_WRITE = "Write /report daily 07:00 or /report weekly mon 07:00, and /report off to end them.";

/**
 * When the next report is due. On the nights on which clocks change: once, the first time if the clock shows it twice, and as much
 * later as summer time takes away if it never does.
 * @param zone IANA name
 * @param after epoch ms, as is the result, which is later
 */
export function nextReportAt(schedule: Schedule, zone: string, after: number): number {
  return known(dueAround(schedule, zone, after).find((at) => at > after));
}

/** The last time, at `at` or before, at which a report was due. */
export function lastReportAt(schedule: Schedule, zone: string, at: number): number {
  return known(dueAround(schedule, zone, at).findLast((due) => due <= at));
}

/** Each week has one. */
function known(at: number | undefined): number {
  if (at === undefined) throw new Error("no report is due in the week around");
  return at;
}

/** When reports are due in the week before and after `at`. */
function dueAround({ minute, weekday }: Schedule, zone: string, at: number): number[] {
  const today = readingAt(at, zone);
  return DAYS_AROUND.map((days) => dayOf(today, days))
    .filter((day) => weekday === null || weekdayOf(day) === weekday)
    .map((day) => instantOfTime(day, minute, zone));
}

/** Words that may stand in a schedule without meaning more. */
const FILLERS: ReadonlySet<string> = new Set(["at", "on", "every", "each"]);
const KINDS: Readonly<Record<string, "daily" | "weekly">> = {
  daily: "daily",
  day: "daily",
  weekly: "weekly",
  week: "weekly",
};

/**
 * Reads a schedule as a person writes it: `daily 07:00`, `daily 7`, `weekly mon 07:00`, `every monday at 7 am`.
 * @returns what is wrong as a sentence for that person, plain text, if it cannot be read
 */
export function parseSchedule(text: string): Parsed<Schedule> {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/(\d)\s+([ap]m)\b/g, "$1$2")
    .split(/\s+/)
    .filter((word) => !FILLERS.has(word));
  const isKind = (word: string): boolean => Object.hasOwn(KINDS, word);
  const kinds = new Set(words.filter(isKind).map((word) => KINDS[word]));
  const clocks = words.filter((word) => /^\d/.test(word));
  const days = words.filter((word) => !isKind(word) && !clocks.includes(word));
  const [weekday = null, ...otherDays] = days.map(parseWeekday);
  if (kinds.size + days.length === 0 || kinds.size > 1 || otherDays.length > 0) return problem("I cannot read this.");
  if (days.length === 1 ? weekday === null : kinds.has("weekly")) return problem("I cannot read on which day.");
  if (weekday !== null && kinds.has("daily")) return problem("Is it each day, or one day of the week?");
  const minute = clocks.length === 1 ? parseTimeOfDay(clocks[0] ?? "") : null;
  return minute === null ? problem("I cannot read at what time.") : { value: { minute, weekday } };
}

const problem = (what: string): Problem => ({ problem: `${what} ${HOW_TO_WRITE}` });

/** A schedule within a sentence: `each day at 07:00`, `each Monday at 07:00`. */
export function formatSchedule({ minute, weekday }: Schedule): string {
  return `each ${weekday === null ? "day" : nameOfWeekday(weekday)} at ${formatTimeOfDay(minute)}`;
}
