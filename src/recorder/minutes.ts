import { numberAt } from "../measurements/series.ts";

/** What a series did, minute by minute; columns of one length, minutes without entries left out. */
export interface Minutes {
  /** When each minute begins; epoch ms. */
  readonly times: Float64Array<ArrayBuffer>;
  readonly lows: Float64Array<ArrayBuffer>;
  readonly means: Float64Array<ArrayBuffer>;
  readonly highs: Float64Array<ArrayBuffer>;
  /** How many entries each had. */
  readonly counts: Float64Array<ArrayBuffer>;
}

/** Entries of one series, in order of time. */
export interface SeriesEntries {
  /** Epoch ms. */
  readonly times: Float64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
}

/** A minute, ms. */
export const MINUTE_MS = 60_000;

/** Sums up entries by the minute. Those that are no number are none. */
export function minutesOf({ times, values }: SeriesEntries): Minutes {
  const rows: { at: number; low: number; sum: number; high: number; count: number }[] = [];
  for (const [i, at] of times.entries()) {
    const value = numberAt(values, i);
    if (Number.isNaN(value)) continue;
    const minuteAt = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    const last = rows.at(-1);
    if (last?.at === minuteAt) {
      last.low = Math.min(last.low, value);
      last.high = Math.max(last.high, value);
      last.sum += value;
      last.count += 1;
    } else rows.push({ at: minuteAt, low: value, sum: value, high: value, count: 1 });
  }
  const column = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of);
  return {
    times: column(({ at }) => at),
    lows: column(({ low }) => low),
    // A sum of large values may overflow, or lie a last digit beyond both ends.
    means: column(({ low, sum, high, count }) => Math.min(high, Math.max(low, sum / count))),
    highs: column(({ high }) => high),
    counts: column(({ count }) => count),
  };
}

/** Puts two sums of one day together, for what came late. */
export function mergeMinutes(one: Minutes, other: Minutes): Minutes {
  const rows = [one, other]
    .flatMap(({ times, lows, means, highs, counts }) =>
      Array.from(times, (at, i) => ({
        at,
        low: numberAt(lows, i),
        mean: numberAt(means, i),
        high: numberAt(highs, i),
        count: numberAt(counts, i),
      })),
    )
    .sort((a, b) => a.at - b.at);
  const merged: typeof rows = [];
  for (const row of rows) {
    const last = merged.at(-1);
    if (last?.at !== row.at) {
      merged.push({ ...row });
      continue;
    }
    const count = last.count + row.count;
    last.mean += (row.mean - last.mean) * (row.count / count);
    last.low = Math.min(last.low, row.low);
    last.high = Math.max(last.high, row.high);
    last.count = count;
  }
  const column = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(merged, of);
  return {
    times: column(({ at }) => at),
    lows: column(({ low }) => low),
    means: column(({ mean }) => mean),
    highs: column(({ high }) => high),
    counts: column(({ count }) => count),
  };
}
