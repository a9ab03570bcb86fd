import { tzOffset } from "@date-fns/tz/tzOffset";

/**
 * Clocks on a wall. A *reading* is what such a clock shows, as the epoch ms at which a clock in UTC shows the same: its
 * fields are read with `getUTC…`, and days are 24 h long in it. Some readings never occur in a zone, some occur twice.
 */

const DAY_MS = 86_400_000;

/** What a clock in `zone` shows at the instant `at`. */
export function readingAt(at: number, zone: string): number {
  return at + offsetMs(at, zone);
}

/** When a clock in `zone` shows `reading`: never (summer time skips it), once, or twice; earliest first. */
export function instantsOf(reading: number, zone: string): readonly number[] {
  // No zone is a day away from UTC, so these are the offsets before and after any change near the reading.
  const offsets = new Set([offsetMs(reading - DAY_MS, zone), offsetMs(reading + DAY_MS, zone)]);
  return [...offsets]
    .map((offset) => reading - offset)
    .filter((at) => readingAt(at, zone) === reading)
    .sort((a, b) => a - b);
}

/** When a clock in `zone` shows `reading` first; where summer time skips it, as much later as it is put forward. */
export function instantNear(reading: number, zone: string): number {
  return instantsOf(reading, zone)[0] ?? reading - offsetMs(reading - DAY_MS, zone);
}

/** When the day of `reading` begins in `zone`, which is 01:00 where summer time skips midnight; `null` if `zone` skips the day. */
export function startOfDay(reading: number, zone: string): number | null {
  const midnight = dayOf(reading);
  const at = instantNear(midnight, zone);
  return dayOf(readingAt(at, zone)) === midnight ? at : null;
}

/** The reading at midnight of the day `days` after that of `reading`. */
export function dayOf(reading: number, days = 0): number {
  return (Math.floor(reading / DAY_MS) + days) * DAY_MS;
}

const QUARTER_MS = 900_000;

/**
 * Instants moved to when the clock on the wall shows the same so many days later; for many, best in order. In the hours of a change two
 * may fall together.
 */
export function daysLater(times: Float64Array, days: number, zone: string): Float64Array {
  const exactly = (at: number): number => instantNear(readingAt(at, zone) + days * DAY_MS, zone) - at;
  let [day, quarter, shift] = [Number.NaN, Number.NaN, 0];
  let isEven = false;
  return times.map((at) => {
    // To ask for each would take seconds. On most days clocks do not change, and then only at whole quarters of hours.
    if (Math.floor(at / DAY_MS) !== day) {
      day = Math.floor(at / DAY_MS);
      shift = exactly(day * DAY_MS);
      isEven = [0, days].every(
        (later) => offsetMs((day + later - 1) * DAY_MS, zone) === offsetMs((day + later + 2) * DAY_MS, zone),
      );
      quarter = Number.NaN;
    }
    if (!isEven && Math.floor(at / QUARTER_MS) !== quarter) {
      quarter = Math.floor(at / QUARTER_MS);
      shift = exactly(at);
    }
    return at + shift;
  });
}

function offsetMs(at: number, zone: string): number {
  return Math.round(tzOffset(zone, new Date(at)) * 60) * 1_000;
}
