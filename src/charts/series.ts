/**
 * One field over time, as two columns of the same length: cheap to hand to another thread, quick to walk.
 * `times` are epoch ms UTC; a value that is not finite stands for an entry whose field is blank or no number.
 */
export interface Series {
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Where some values are means of several entries; without it each stands for itself. */
  readonly spread?: Spread;
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
  readonly mean: number | null;
  readonly last: number | null;
  readonly lastAt: number | null;
}

/** A time without numbers, from the last number before it to the first one after it, or to an end of the period; epoch ms UTC. */
export interface Gap {
  readonly startAt: number;
  readonly endAt: number;
}

/** A pause is a gap when it is over this many usual pauses… */
const GAP_MEDIANS = 5;
/** …and over this many times the pause that nine in ten keep to, so that an irregular cadence is not all gaps. */
const GAP_LONG_PAUSES = 3;
/** Pauses looked at to learn the cadence: enough for a median within a few percent, and sorted in well under 1 ms. */
const CADENCE_SAMPLE = 4096;

/**
 * The same entries in order of time, those of one instant in their old order. A series that is in order already is
 * returned as it is. This is the one place that sorts: everything else here that says "in order" relies on it.
 */
export function sortByTime(series: Series): Series {
  const { times, values, spread } = series;
  if (isInOrder(times)) return series;
  const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]!);
  const sorted = (column: Float64Array) => Float64Array.from(order, (i) => column[i]!);
  const inOrder = { times: sorted(times), values: sorted(values) };
  if (!spread) return inOrder;
  const { lows, highs, counts } = spread;
  return { ...inOrder, spread: { lows: sorted(lows), highs: sorted(highs), counts: sorted(counts) } };
}

/** Counts, extremes and the mean of all entries of a series in any order; of equal extremes the first one met, as `last` the newest number. */
export function summarize({ times, values, spread }: Series): Summary {
  const { lows, highs } = spread ?? { lows: values, highs: values };
  let numbers = 0;
  let [sum, weight] = [0, 0];
  let [low, high, last] = [-1, -1, -1];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const count = spread ? spread.counts[i]! : 1;
    numbers++;
    sum += value * count;
    weight += count;
    if (low < 0 || lows[i]! < lows[low]!) low = i;
    if (high < 0 || highs[i]! > highs[high]!) high = i;
    if (last < 0 || times[i]! >= times[last]!) last = i;
  }
  return {
    entries: values.length,
    numbers,
    min: lows[low] ?? null,
    minAt: times[low] ?? null,
    max: highs[high] ?? null,
    maxAt: times[high] ?? null,
    mean: numbers === 0 ? null : sum / weight,
    last: values[last] ?? null,
    lastAt: times[last] ?? null,
  };
}

/**
 * How many entries a period would hold if none had been missed, by the usual pause between them; `null` where there are too few
 * to know it.
 */
export function expectedEntries(series: Series, startAt: number, endAt: number): number | null {
  const pauses = samplePauses(series).sort();
  const usual = pauses[Math.floor((pauses.length - 1) / 2)];
  if (usual === undefined || pauses.length < 3) return null;
  const expected = Math.round((endAt - startAt) / usual);
  // A cadence that is not even makes a guess of it; and at an end that is now, the newest entry is still on its way.
  return expected <= series.times.length + 1 ? series.times.length : expected;
}

/**
 * The times of a period in which numbers were due but none came, its beginning and its end included; for a series in order. Blank
 * entries neither make a gap nor fill one. How long a pause must be follows from the series itself; two numbers alone have no
 * cadence and thus no gap.
 */
export function findGaps(
  series: Series,
  { startAt, endAt }: { readonly startAt: number; readonly endAt: number },
): Gap[] {
  const { times, values } = series;
  const longest = longestUsualPause(series);
  const gaps: Gap[] = [];
  let previousAt = startAt;
  const look = (at: number): void => {
    if (at - previousAt > longest) gaps.push({ startAt: previousAt, endAt: at });
    previousAt = at;
  };
  for (let i = 0; i < times.length; i++) if (Number.isFinite(values[i]!)) look(times[i]!);
  look(endAt);
  return gaps;
}

/** The position of the first time that is not before `at`; times are in order. */
export function firstFrom(times: Float64Array, at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The numbers of a series in order, without blanks; a `NaN` stands in each gap and breaks the line there.
 */
export function broken(series: Series): Series {
  const longest = longestUsualPause(series);
  const times: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < series.times.length; i++) {
    const [at, value] = [series.times[i]!, series.values[i]!];
    if (!Number.isFinite(value)) continue;
    if (at - (times.at(-1) ?? at) > longest) {
      times.push(times.at(-1)!);
      values.push(Number.NaN);
    }
    times.push(at);
    values.push(value);
  }
  return { times: Float64Array.from(times), values: Float64Array.from(values) };
}

function isInOrder(times: Float64Array): boolean {
  for (let i = 1; i < times.length; i++) if (times[i]! < times[i - 1]!) return false;
  return true;
}

/** The longest pause between neighbouring numbers that is not yet a gap, in ms. */
export function longestUsualPause(series: Series): number {
  const pauses = samplePauses(series).sort();
  if (pauses.length < 2) return Number.POSITIVE_INFINITY;
  const at = (share: number) => pauses[Math.floor((pauses.length - 1) * share)]!;
  return Math.max(GAP_MEDIANS * at(0.5), GAP_LONG_PAUSES * at(0.9));
}

/** Pauses between neighbouring numbers, every so-many-th so that there are at most `CADENCE_SAMPLE`; in ms. */
function samplePauses({ times, values }: Series): Float64Array {
  let numbers = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]!)) numbers++;
  const stride = Math.ceil(numbers / CADENCE_SAMPLE);
  const pauses: number[] = [];
  let previousAt = Number.NaN;
  let seen = 0;
  for (let i = 0; i < times.length; i++) {
    if (!Number.isFinite(values[i]!)) continue;
    const at = times[i]!;
    if (at > previousAt && seen++ % stride === 0) pauses.push(at - previousAt);
    previousAt = at;
  }
  return Float64Array.from(pauses);
}
