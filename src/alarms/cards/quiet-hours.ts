import type { Parsed } from "../../lib/text/parsed.ts";
import { nameOfWeekday, parseWeekday, weekdayOf } from "../../lib/time/weekday.ts";
import { unifyDashes } from "../../lib/text/fold.ts";
import { dayOf, readingAt } from "../../lib/time/wall-clock.ts";
import { formatTimeOfDay, instantOfTime, parseEndOfDay, parseTimeOfDay } from "../time-of-day.ts";

/** The hours in which a chat should not ring, by its own clock. */
export interface QuietHours {
  /** Minutes after midnight. An end that is not after the start is on the next day. */
  readonly startMinute: number;
  readonly endMinute: number;
  /** The days on which a quiet night begins, ascending: 1 for Monday … 7 for Sunday. */
  readonly weekdays: readonly number[];
}

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

/**
 * Reads quiet hours as a person writes them: `22:00-06:00`, `22-6`, `from 10 pm to 6 am`, and the days on which they begin, if not
 * all: `mon-fri`, `sat,sun`, `weekdays`.
 * @returns what is wrong as a sentence for that person, plain text, if it cannot be read
 */
export function parseQuietHours(text: string): Parsed<QuietHours> {
  const words = unifyDashes(text.toLowerCase())
    .replace(/\b(?:to|until|till)\b/g, "-")
    .replace(/(\d)\s+([ap]m)\b/g, "$1$2")
    .split("-")
    .map((part) => part.trim())
    .join("-")
    .split(/[\s,&+]+/)
    .filter((word) => !FILLERS.has(word));
  const isHours = (word: string): boolean => /\d/.test(word);
  const [hours = "", ...moreHours] = words.filter(isHours);
  const [start = "", end = "", ...others] = hours.split("-");
  const [startMinute, endMinute] = [parseTimeOfDay(start), parseEndOfDay(end)];
  if (startMinute === null || endMinute === null || others.length > 0 || moreHours.length > 0) {
    return { problem: `I cannot read these quiet hours. ${HOW_TO_WRITE}` };
  }
  if (startMinute === endMinute) return { problem: `Quiet hours cannot end when they begin. ${HOW_TO_WRITE}` };
  const weekdays = words.filter((word) => !isHours(word)).map(parseWeekdays);
  if (weekdays.includes(null)) return { problem: `I cannot read the days of these quiet hours. ${HOW_TO_WRITE}` };
  const named = new Set(weekdays.flatMap((some) => some ?? []));
  const weekdaysNamed = EVERY_DAY.filter((day) => named.size === 0 || named.has(day));
  return { value: { startMinute, endMinute, weekdays: weekdaysNamed } };
}

/** Words that may stand in quiet hours without meaning more. */
const FILLERS: ReadonlySet<string> = new Set(["", "from", "on", "and", "every", "each"]);

/** Days that have a name together. */
const GROUPS: Readonly<Record<string, readonly number[]>> = {
  daily: EVERY_DAY,
  day: EVERY_DAY,
  weekdays: [1, 2, 3, 4, 5],
  weekend: [6, 7],
  weekends: [6, 7],
};

/** The days of `mon` or `mon-fri`, also over the end of the week: `sat-mon`. */
function parseWeekdays(text: string): readonly number[] | null {
  if (Object.hasOwn(GROUPS, text)) return GROUPS[text] ?? null;
  const [first, last = first, ...others] = text.split("-").map(parseWeekday);
  if (first == null || last == null || others.length > 0) return null;
  const count = ((last - first + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => ((first - 1 + i) % 7) + 1);
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
  const names = run.map((day) => nameOfWeekday(day).slice(0, 3));
  return names.length > 2 ? `${names[0]}–${names.at(-1)}` : names.join(", ");
}
