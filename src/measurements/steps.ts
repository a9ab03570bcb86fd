import { clearCadence } from "./cadence.ts";
import { numberAt, type Series } from "./series.ts";

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
 * @param clear its clear cadence, if that is looked for already
 */
export function isOnChange({ times, values, spread }: Series, everyMs?: number, clear = clearCadence(times)): boolean {
  if (spread || everyMs !== undefined || clear !== null) return false;
  const { sizes, repeats } = changesOf(values);
  const count = sizes.length;
  if (count < MIN_CHANGES || repeats > count * MAX_REPEATS) return false;
  sizes.sort();
  return numberAt(sizes, Math.floor(count * LEAST_SHARE)) >= numberAt(sizes, count >> 1) * FAR_SMALLER;
}

/** How large the changes from number to number are, and how often there is none. */
function changesOf(values: Float64Array): { readonly sizes: Float64Array; readonly repeats: number } {
  const sizes = new Float64Array(values.length);
  let [count, repeats] = [0, 0];
  let before = Number.NaN;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value === before) repeats++;
    else if (!Number.isNaN(before)) sizes[count++] = Math.abs(value - before);
    before = value;
  }
  return { sizes: sizes.subarray(0, count), repeats };
}
