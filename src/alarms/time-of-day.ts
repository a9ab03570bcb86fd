import { dayOf, instantsOf, readingAt } from "../wall-clock.ts";

/** Times of day as people write them, counted in minutes after midnight of a clock on the wall. */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const CLOCK = /^(\d{1,2}):(\d{2})$/;

/** Minutes after midnight of `06:00`; `null` if there is no such time of day. */
export function parseTimeOfDay(text: string): number | null {
  const [, hour, minute] = (CLOCK.exec(text) ?? []).map(Number);
  return hour === undefined || minute === undefined || hour > 23 || minute > 59 ? null : hour * 60 + minute;
}

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
