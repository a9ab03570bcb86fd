import type { Destination } from "../alarms/types.ts";
import { dayOf, instantsOf, readingAt } from "../lib/time/wall-clock.ts";
import { weekdayOf } from "../lib/time/weekday.ts";
import type { CalendarSetting } from "./calendar.ts";
import type { DutyTurn } from "./turn.ts";

/** Who is on duty on some days of each week, by a clock on the wall. */
export interface WeeklyShift {
  /** 1 for Monday … 7 for Sunday: the days on which it starts. */
  readonly weekdays: readonly number[];
  /** Minutes after midnight. */
  readonly from: number;
  /** The same; not after `from`: on the day after. */
  readonly to: number;
  /** Who has it: the first in the week in which the rota starts, then one week each, and again from the first. */
  readonly who: readonly Destination[];
}

/** A pattern of a week in which people take turns. */
export interface WeeklyRota {
  /** IANA name; `null`: the zone of the settings. */
  readonly zone: string | null;
  /** The first day of its first week, as a reading (see wall-clock.ts). */
  readonly start: number;
  readonly shifts: readonly WeeklyShift[];
}

/** Who is on duty, as the plants file says it: by a week, or by a calendar, which then has all turns. */
export interface DutySetting extends WeeklyRota {
  readonly calendar: CalendarSetting | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const DAY = 24 * 60;

/** How long a shift is by a clock that nobody changes, in minutes. */
const lengthOf = ({ from, to }: WeeklyShift): number => (to > from ? to - from : to - from + DAY);

/**
 * The turns of a rota that touch the time from `from` until `to`, in order. Each change is at one instant, so no change of the clocks
 * leaves a gap, nor two people at once.
 */
export function weeklyTurns(
  rota: Omit<WeeklyRota, "zone"> & { readonly zone: string },
  from: number,
  to: number,
): DutyTurn[] {
  const { zone, start, shifts } = rota;
  const turns: DutyTurn[] = [];
  const last = dayOf(readingAt(to, zone), 1);
  for (let day = dayOf(readingAt(from, zone), -2); day <= last; day += DAY_MS) {
    const week = Math.floor((day - start) / WEEK_MS);
    for (const shift of shifts) {
      const who = shift.who.at(week % shift.who.length);
      if (who === undefined || !shift.weekdays.includes(weekdayOf(day))) continue;
      const begins = day + shift.from * MINUTE_MS;
      const startAt = firstAt(begins, zone);
      const endAt = firstAt(begins + lengthOf(shift) * MINUTE_MS, zone);
      // What summer time skips is no time at all.
      if (startAt < endAt && startAt < to && endAt > from) turns.push({ startAt, endAt, who });
    }
  }
  return turns.sort((a, b) => a.startAt - b.startAt);
}

/** When a clock shows `reading` or later for the first time: what summer time skips is at the change. */
function firstAt(reading: number, zone: string): number {
  const [first] = instantsOf(reading, zone);
  if (first !== undefined) return first;
  let [before, after] = [reading - 2 * DAY_MS, reading + 2 * DAY_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (readingAt(middle, zone) >= reading) after = middle;
    else before = middle;
  }
  return after;
}

/** The first two shifts that want two people at once, counted from 1; `null`: none do. */
export function overlapOf(shifts: readonly WeeklyShift[]): readonly [number, number] | null {
  const spans = shifts
    .flatMap((shift, index) =>
      shift.weekdays.map((weekday) => ({
        number: index + 1,
        at: (weekday - 1) * DAY + shift.from,
        length: lengthOf(shift),
      })),
    )
    .sort((a, b) => a.at - b.at);
  for (const [index, span] of spans.entries()) {
    // The week after the last comes the first again.
    const next = spans[index + 1] ?? spans[0];
    const nextAt = (next?.at ?? 0) + (index + 1 < spans.length ? 0 : 7 * DAY);
    if (next && span.at + span.length > nextAt) return [span.number, next.number];
  }
  return null;
}
