import { dayOf, readingAt } from "../lib/time/wall-clock.ts";
import { instantOfTime } from "./time-of-day.ts";

/**
 * When the shift that runs at `at` ends, which is when the next one starts. Epoch ms, after `at`.
 * @param startMinutes when shifts start, in minutes after midnight of the clocks in `timeZone`; at least one
 */
export function shiftEndAfter(startMinutes: readonly number[], timeZone: string, at: number): number {
  const today = readingAt(at, timeZone);
  const starts = [today, dayOf(today, 1)].flatMap((day) =>
    startMinutes.map((minute) => instantOfTime(day, minute, timeZone)),
  );
  return Math.min(...starts.filter((start) => start > at));
}

/** When the shift that runs at `at` started. Epoch ms, not after `at`; else as `shiftEndAfter`. */
export function shiftStartBefore(startMinutes: readonly number[], timeZone: string, at: number): number {
  const today = readingAt(at, timeZone);
  const starts = [dayOf(today, -1), today].flatMap((day) =>
    startMinutes.map((minute) => instantOfTime(day, minute, timeZone)),
  );
  return Math.max(...starts.filter((start) => start <= at));
}
