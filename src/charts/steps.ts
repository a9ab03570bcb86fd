import { clearCadence } from "./cadence.ts";
import type { Series } from "./series.ts";

/** Fewer changes say nothing. */
const MIN_CHANGES = 6;
/** What is sent only when it changes is hardly ever sent as it was. */
const MAX_REPEATS = 0.05;
/** Its changes have a least size, below which nothing is sent: nineteen of twenty are not far smaller than the usual one. */
const LEAST_SHARE = 0.05;
const FAR_SMALLER = 0.15;

/**
 * Whether a measurement is sent when it changes, and holds in between, as far as its numbers show it: they keep to no cadence, each
 * differs from the one before, and there are no tiny changes, as there are in what is measured at odd times.
 * @param series in order of time
 * @param everyMs as the plants file says it: then it is sent by the clock
 */
export function isOnChange({ times, values, spread }: Series, everyMs?: number): boolean {
  if (spread || everyMs !== undefined) return false;
  const changes = new Float64Array(values.length);
  let [count, repeats] = [0, 0];
  let before = Number.NaN;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value === before) repeats++;
    else if (!Number.isNaN(before)) changes[count++] = Math.abs(value - before);
    before = value;
  }
  if (count < MIN_CHANGES || repeats > count * MAX_REPEATS || clearCadence(times) !== null) return false;
  const sizes = changes.subarray(0, count).sort();
  return sizes[Math.floor(count * LEAST_SHARE)]! >= sizes[count >> 1]! * FAR_SMALLER;
}
