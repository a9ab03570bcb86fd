/**
 * One field over time, as two columns of the same length: cheap to hand to another thread, quick to walk.
 * `times` are epoch ms UTC; a value that is not finite stands for an entry whose field is blank or no number.
 */
export interface Series {
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Where some values are means of several entries; without it each stands for itself. */
  readonly spread?: Spread;
  /** Whether nothing was ever measured before; left out: nobody knows. */
  readonly isFromStart?: boolean;
}

/** What each value of a series stands for, as columns of its length. */
export interface Spread {
  /** The lowest and the highest that it is the mean of. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** Of how many entries. */
  readonly counts: Float64Array;
}

/** What a caption says about a series; everything but the counts is null when there is no number. */
export interface Summary {
  readonly entries: number;
  readonly numbers: number;
  readonly min: number | null;
  readonly minAt: number | null;
  readonly max: number | null;
  readonly maxAt: number | null;
  readonly last: number | null;
  readonly lastAt: number | null;
}

/** A stretch of time; epoch ms UTC. */
export interface Span {
  readonly startAt: number;
  readonly endAt: number;
}

/**
 * The same entries in order of time, those of one instant in their old order. A series that is in order already is
 * returned as it is. This is the one place that sorts: everything else here that says "in order" relies on it.
 */
export function sortByTime(series: Series): Series {
  const { times, values, spread, ...others } = series;
  const outAt = lengthInOrder(times);
  if (outAt === times.length) return series;
  // What is before all that is out of order stays where it is: as a rule it is little, and at the end.
  const earliest = times.subarray(outAt).reduce((first, at) => Math.min(first, at), Infinity);
  const start = firstFrom(times.subarray(0, outAt), earliest);
  const order = Uint32Array.from({ length: times.length - start }, (_, i) => start + i).sort(
    (a, b) => numberAt(times, a) - numberAt(times, b),
  );
  const sorted = (column: Float64Array): Float64Array<ArrayBuffer> => {
    const all = Float64Array.from(column);
    for (let i = 0; i < order.length; i++) all[start + i] = column[order[i]!]!;
    return all;
  };
  const inOrder = { ...others, times: sorted(times), values: sorted(values) };
  if (!spread) return inOrder;
  const { lows, highs, counts } = spread;
  return { ...inOrder, spread: { lows: sorted(lows), highs: sorted(highs), counts: sorted(counts) } };
}

/** Counts and extremes of all entries of a series in any order; of equal extremes the first one met, as `last` the newest number. */
export function summarize({ times, values, spread }: Series): Summary {
  const { lows, highs } = spread ?? { lows: values, highs: values };
  let numbers = 0;
  let [low, high, last] = [-1, -1, -1];
  let [lowest, highest, lastAt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) continue;
    numbers++;
    if (lows[i]! < lowest) {
      low = i;
      lowest = lows[i]!;
    }
    if (highs[i]! > highest) {
      high = i;
      highest = highs[i]!;
    }
    if (times[i]! >= lastAt) {
      last = i;
      lastAt = times[i]!;
    }
  }
  return {
    entries: values.length,
    numbers,
    min: lows[low] ?? null,
    minAt: times[low] ?? null,
    max: highs[high] ?? null,
    maxAt: times[high] ?? null,
    last: values[last] ?? null,
    lastAt: times[last] ?? null,
  };
}

/** A number of a column; `NaN` where that has none. */
export const numberAt = (column: ArrayLike<number>, i: number): number => column[i] ?? Number.NaN;

/** The position of the first time that is not before `at`; times are in order. */
export function firstFrom(times: Float64Array, at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberAt(times, middle) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many times at the beginning are in order. */
function lengthInOrder(times: Float64Array): number {
  let before = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < times.length; i++) {
    const at = times[i]!;
    if (at < before) return i;
    before = at;
  }
  return times.length;
}
