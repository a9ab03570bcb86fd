import type { Series, Span } from "./series.ts";

/** A pause is a gap when it is over this many times the running cadence… */
const GAP_CADENCES = 5;
/** …which is what nineteen of twenty of the pauses around it keep to: so many before it, and as many after it… */
const AROUND = 32;
const OTHERS_SHARE = 1 / 20;
/** …and so many at least in all, as fewer are no cadence. */
const MIN_AROUND = 5;
/** Where some numbers are means, these come once a minute, however often they were sent. */
const MEANS_MS = 60_000;

/**
 * The times of a period in which numbers were due but none came, its beginning and its end included; for a series in order. Blank
 * entries neither make a gap nor fill one. A pause is a gap where it is long for its surroundings, whatever is usual elsewhere in the
 * period; where the plants file says the cadence, that counts. Before the first entry ever there is no gap.
 */
export function findGaps(series: Series, { startAt, endAt }: Span, saidMs?: number): Span[] {
  const everyMs = saidMs !== undefined && series.spread ? Math.max(saidMs, MEANS_MS) : saidMs;
  const instants = instantsOf(series);
  const [first, last] = [instants[0], instants.at(-1)];
  if (first === undefined || last === undefined) return [];
  // What is not long beside the shortest pause of all is long beside none: of a million, hardly one is looked at any closer.
  const { shortest, longest } = extremesOf(instants);
  const least = (everyMs ?? shortest) * GAP_CADENCES;
  const isGap = (pauseMs: number, i: number): boolean =>
    pauseMs > least && (everyMs !== undefined || isLong(pauseMs, instants, i));
  const gaps: Span[] = [];
  if (series.isFromStart !== true && isGap(first - startAt, -1)) gaps.push({ startAt, endAt: first });
  if (longest > least) {
    for (let i = 0; i < instants.length - 1; i++) {
      const from = instants[i]!;
      const to = instants[i + 1]!;
      if (isGap(to - from, i)) gaps.push({ startAt: from, endAt: to });
    }
  }
  if (isGap(endAt - last, instants.length - 1)) gaps.push({ startAt: last, endAt });
  return gaps;
}

/**
 * The numbers of a series in order, without blanks; a `NaN` stands in each gap and breaks the line there.
 * @param gaps of the series, in order
 */
export function broken(series: Series, gaps: readonly Span[]): Series {
  const times: number[] = [];
  const values: number[] = [];
  let gap = 0;
  for (let i = 0; i < series.times.length; i++) {
    const at = series.times[i]!;
    const value = series.values[i]!;
    if (!Number.isFinite(value)) continue;
    while (gap < gaps.length && gaps[gap]!.endAt <= at) {
      // One that begins before the first number breaks nothing.
      if (times.length > 0) {
        times.push(gaps[gap]!.startAt);
        values.push(Number.NaN);
      }
      gap++;
    }
    times.push(at);
    values.push(value);
  }
  return { times: Float64Array.from(times), values: Float64Array.from(values) };
}

/** Whether a pause, the one behind the `i`th instant, is long beside those before and after it. */
function isLong(pauseMs: number, instants: Float64Array, i: number): boolean {
  const [from, to] = [Math.max(0, i - AROUND), Math.min(instants.length - 2, i + AROUND)];
  const count = to - from + (i < from || i > to ? 1 : 0);
  if (count < MIN_AROUND) return false;
  let others = 0;
  for (let other = from; other <= to; other++) {
    if (other === i || (instants[other + 1]! - instants[other]!) * GAP_CADENCES < pauseMs) continue;
    others++;
    if (others > count * OTHERS_SHARE) return false;
  }
  return true;
}

/** The shortest and the longest pause. */
function extremesOf(instants: Float64Array): { readonly shortest: number; readonly longest: number } {
  let [shortest, longest] = [Number.POSITIVE_INFINITY, 0];
  let before = Number.NaN;
  for (let i = 0; i < instants.length; i++) {
    const at = instants[i]!;
    const pause = at - before;
    if (pause < shortest) shortest = pause;
    if (pause > longest) longest = pause;
    before = at;
  }
  return { shortest, longest };
}

/** When there were numbers, each instant once; as a rule these are the times as they are. */
function instantsOf({ times, values }: Series): Float64Array {
  let count = 0;
  let before = Number.NaN;
  for (; count < times.length; count++) {
    const at = times[count]!;
    if (!Number.isFinite(values[count]!) || at === before) break;
    before = at;
  }
  if (count === times.length) return times;
  const instants = times.slice();
  for (let i = count; i < times.length; i++) {
    const at = times[i]!;
    if (Number.isFinite(values[i]!) && at !== before) before = instants[count++] = at;
  }
  return instants.subarray(0, count);
}
