import { dayOf, readingAt } from "../wall-clock.ts";
import { formatTimeOfDay, instantOfTime, parseTimeOfDay } from "./time-of-day.ts";

/** When a chat is not to be rung at, by its own clock. */
export interface QuietHours {
  /** Minutes after midnight. An end that is not after the start is on the next day. */
  readonly startMinute: number;
  readonly endMinute: number;
  /** The days on which a quiet night begins, ascending: 1 for Monday … 7 for Sunday. */
  readonly weekdays: readonly number[];
}

const DAY_MS = 86_400_000;
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const EVERY_DAY: readonly number[] = [1, 2, 3, 4, 5, 6, 7];
const HOW_TO_WRITE = "Write them like 22:00-06:00, or 22:00-06:00 mon-fri, or 20:00-08:00 sat,sun.";

/**
 * When the quiet time that contains `at` ends; `null` if it is not quiet.
 * @param timeZone IANA name
 * @param at epoch ms, as is the result
 */
export function quietUntil(quiet: QuietHours, timeZone: string, at: number): number | null {
  const today = dayOf(readingAt(at, timeZone));
  const isOvernight = quiet.endMinute <= quiet.startMinute;
  // What is quiet now began today, or yesterday if it passes midnight.
  for (const day of [today, dayOf(today, -1)]) {
    if (!quiet.weekdays.includes(weekdayOf(day))) continue;
    const endAt = instantOfTime(dayOf(day, isOvernight ? 1 : 0), quiet.endMinute, timeZone);
    if (instantOfTime(day, quiet.startMinute, timeZone) <= at && at < endAt) return endAt;
  }
  return null;
}

/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => ((((day / DAY_MS + 3) % 7) + 7) % 7) + 1;

/**
 * Reads quiet hours as a person writes them: `22:00-06:00`, then the days on which they begin, if not all: `mon-fri`,
 * `sat,sun`.
 * @returns what is wrong as a sentence for that person, plain text, if it cannot be read
 */
export function parseQuietHours(text: string): QuietHours | { readonly problem: string } {
  const [hours = "", ...days] = text
    .trim()
    .toLowerCase()
    .replace(/[\u2012-\u2015\u2212]/g, "-")
    .split("-")
    .map((part) => part.trim())
    .join("-")
    .split(/[\s,]+/);
  const [startMinute, endMinute, ...others] = hours.split("-").map(parseTimeOfDay);
  if (startMinute == null || endMinute == null || others.length > 0) {
    return { problem: `I cannot read these quiet hours. ${HOW_TO_WRITE}` };
  }
  if (startMinute === endMinute) return { problem: `Quiet hours cannot end when they begin. ${HOW_TO_WRITE}` };
  const weekdays = days.filter((day) => day !== "").map(parseWeekdays);
  if (weekdays.includes(null)) return { problem: `I cannot read the days of these quiet hours. ${HOW_TO_WRITE}` };
  const named = new Set(weekdays.flatMap((some) => some ?? []));
  return { startMinute, endMinute, weekdays: EVERY_DAY.filter((day) => named.size === 0 || named.has(day)) };
}

/** The days of `mon` or `mon-fri`, also over the end of the week: `sat-mon`. */
function parseWeekdays(text: string): readonly number[] | null {
  const [first, last = first, ...others] = text.split("-").map(parseWeekday);
  if (first == null || last == null || others.length > 0) return null;
  const count = ((last - first + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => ((first - 1 + i) % 7) + 1);
}

/** `mon`, `monday` and what is between them. */
function parseWeekday(text: string): number | null {
  const index = WEEKDAYS.findIndex((day) => text.length >= 3 && day.toLowerCase().startsWith(text));
  return index === -1 ? null : index + 1;
}

/** Quiet hours as `parseQuietHours` reads them: `22:00–06:00`, `22:00–06:00 Mon–Fri`, `22:00–06:00 Tue, Sat, Sun`. */
export function formatQuietHours({ startMinute, endMinute, weekdays }: QuietHours): string {
  const hours = `${formatTimeOfDay(startMinute)}–${formatTimeOfDay(endMinute)}`;
  return weekdays.length === EVERY_DAY.length ? hours : `${hours} ${runsOf(weekdays).map(formatRun).join(", ")}`;
}

/** Ascending numbers, in groups of those that follow each other. */
function runsOf(numbers: readonly number[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run?.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs;
}

function formatRun(run: readonly number[]): string {
  const names = run.map((day) => WEEKDAYS[day - 1]?.slice(0, 3));
  return names.length > 2 ? `${names[0]}–${names.at(-1)}` : names.join(", ");
}
