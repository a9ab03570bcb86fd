import { formatTimeOfDay, instantOfTime, parseTimeOfDay } from "../alarms/time-of-day.ts";
import { dayOf, readingAt } from "../wall-clock.ts";

/** When a chat gets its report, by its own clock. */
export interface Schedule {
  /** Minutes after midnight. */
  readonly minute: number;
  /** 1 for Monday … 7 for Sunday; `null`: each day. */
  readonly weekday: number | null;
}

const DAY_MS = 86_400_000;
const DAYS_AROUND = [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOW_TO_WRITE = "Write /report daily 07:00 or /report weekly mon 07:00, and /report off to end it.";

/**
 * When the next report is due. On the nights on which clocks change: once, the first time if the clock shows it twice, and as much
 * later as summer time takes away if it never does.
 * @param zone IANA name
 * @param after epoch ms, as is the result, which is later
 */
export function nextReportAt(schedule: Schedule, zone: string, after: number): number {
  return dueAround(schedule, zone, after).find((at) => at > after)!;
}

/** When the newest report was due that was due at `at` or before. */
export function lastReportAt(schedule: Schedule, zone: string, at: number): number {
  return dueAround(schedule, zone, at).findLast((due) => due <= at)!;
}

/** When reports are due in the week before and after `at`. */
function dueAround({ minute, weekday }: Schedule, zone: string, at: number): number[] {
  const today = readingAt(at, zone);
  return DAYS_AROUND.map((days) => dayOf(today, days))
    .filter((day) => weekday === null || weekdayOf(day) === weekday)
    .map((day) => instantOfTime(day, minute, zone));
}

/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => ((((day / DAY_MS + 3) % 7) + 7) % 7) + 1;

/**
 * Reads a schedule as a person writes it: `daily 07:00`, `weekly mon 07:00`.
 * @returns what is wrong as a sentence for that person, plain text, if it cannot be read
 */
export function parseSchedule(text: string): Schedule | { readonly problem: string } {
  const [kind, ...rest] = text.trim().toLowerCase().split(/\s+/);
  const [dayName, clock, ...others] = kind === "daily" ? [null, ...rest] : rest;
  if ((kind !== "daily" && kind !== "weekly") || others.length > 0) return problem("I cannot read this.");
  const weekday = dayName == null ? null : parseWeekday(dayName);
  const minute = parseTimeOfDay(clock ?? "");
  if (kind === "weekly" && weekday === null) return problem("I cannot read on which day.");
  return minute === null ? problem("I cannot read at what time.") : { minute, weekday };
}

/** `mon`, `monday` and what is between them. */
function parseWeekday(text: string): number | null {
  const index = WEEKDAYS.findIndex((day) => text.length >= 3 && day.toLowerCase().startsWith(text));
  return index === -1 ? null : index + 1;
}

const problem = (what: string): { readonly problem: string } => ({ problem: `${what} ${HOW_TO_WRITE}` });

/** A schedule within a sentence: `each day at 07:00`, `each Monday at 07:00`. */
export function formatSchedule({ minute, weekday }: Schedule): string {
  return `each ${weekday === null ? "day" : WEEKDAYS[weekday - 1]} at ${formatTimeOfDay(minute)}`;
}
