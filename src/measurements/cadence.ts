import type { Series, Span } from "./series.ts";

/** How the entries of a series follow each other. */
export interface Rhythm {
  /** The time from one entry to the next; `null`: they keep to none. */
  readonly everyMs: number | null;
  /** Entries if none had been missed, never fewer than there are; `null`: nobody can tell. */
  readonly expected: number | null;
  /** The longest time without an entry; `null`: there is no entry. */
  readonly longestPauseMs: number | null;
}

/** Fewer pauses say nothing about a cadence. */
const MIN_PAUSES = 5;
/** A cadence is clear if so many of all pauses… */
const CLEAR_SHARE = 0.9;
/** …are within this share of it. */
const JITTER = 0.25;
/** Of a doubling; finer than the jitter. */
const BINS = 8;
const MAX_BINS = 64 * BINS;

/**
 * How many entries a period holds, and how many were missed. Where the cadence is not clear, and nobody has said it, that is not known:
 * then the longest pause has to say enough. All of this is of entries, with a number or without, in order of time.
 * @param everyMs as the plants file says it
 * @param clear its clear cadence, if that is looked for already
 */
export function rhythmOf(
  series: Series,
  { startAt, endAt }: Span,
  everyMs?: number,
  clear = clearCadence(series.times),
): Rhythm {
  const { times, spread, isFromStart = false } = series;
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined)
    return { everyMs: everyMs ?? null, expected: null, longestPauseMs: null };
  // Before the first entry ever, none was due.
  const leadMs = isFromStart ? 0 : Math.max(0, first - startAt);
  const trailMs = Math.max(0, endAt - last);
  // Where some are means of a minute, what came in it is not to be seen any more.
  const every = everyMs ?? (spread ? null : clear);
  const isKnown = every !== null && spread === undefined;
  return {
    everyMs: every,
    expected: isKnown ? times.length + missedWithin(times, every) + missedAtEnds(leadMs, trailMs, every) : null,
    longestPauseMs: Math.max(leadMs, trailMs, longestOf(times)),
  };
}

/** The cadence that nearly all pauses keep to; `null`: there is none. Entries of one instant count as one. */
export function clearCadence(times: Float64Array): number | null {
  const { median, count } = roughMedian(times);
  if (count < MIN_PAUSES) return null;
  const rough = meanAround(times, median).mean;
  const { mean, kept } = meanAround(times, rough);
  return kept >= count * CLEAR_SHARE ? mean : null;
}

/** The middle of all pauses, to a tenth: without putting a million of them in order. */
function roughMedian(times: Float64Array): { readonly median: number; readonly count: number } {
  const bins = new Uint32Array(MAX_BINS);
  let count = 0;
  // A logarithm takes long, and most pauses are like the one before.
  let [before, its] = [0, 0];
  for (let i = 1; i < times.length; i++) {
    const pause = times[i]! - times[i - 1]!;
    if (pause <= 0) continue;
    if (pause !== before) [before, its] = [pause, binOf(pause)];
    bins[its]! += 1;
    count++;
  }
  let bin = 0;
  for (let below = bins[0]!; below < count / 2;) below += bins[++bin]!;
  return { median: 2 ** ((bin + 0.5) / BINS), count };
}

const binOf = (pause: number): number => Math.min(MAX_BINS - 1, Math.max(0, Math.floor(Math.log2(pause) * BINS)));

/** The mean of the pauses that are about as long as `usual`, and how many these are. */
function meanAround(times: Float64Array, usual: number): { readonly mean: number; readonly kept: number } {
  let [sum, kept] = [0, 0];
  for (let i = 1; i < times.length; i++) {
    const pause = times[i]! - times[i - 1]!;
    if (pause <= 0 || !isAbout(pause, usual)) continue;
    sum += pause;
    kept++;
  }
  return { mean: kept === 0 ? usual : sum / kept, kept };
}

const isAbout = (pause: number, every: number): boolean => Math.abs(pause - every) <= every * JITTER;

/** Pauses off the cadence are counted with those off it beside them: what came late is followed by a short one. */
function missedWithin(times: Float64Array, every: number): number {
  let [missed, runMs, pauses] = [0, 0, 0];
  for (let i = 1; i <= times.length; i++) {
    const pause = i < times.length ? times[i]! - times[i - 1]! : every;
    if (pause <= 0) continue;
    if (!isAbout(pause, every)) {
      runMs += pause;
      pauses++;
      continue;
    }
    missed += Math.max(0, Math.round(runMs / every) - pauses);
    [runMs, pauses] = [0, 0];
  }
  return missed;
}

function missedAtEnds(leadMs: number, trailMs: number, every: number): number {
  // The first may be late; and at an end that is now, the newest is still on its way.
  const atStart = leadMs > every * (1 + JITTER) ? Math.floor(leadMs / every) : 0;
  const atEnd = trailMs > every * (2 + JITTER) ? Math.ceil(trailMs / every) - 1 : 0;
  return atStart + atEnd;
}

function longestOf(times: Float64Array): number {
  let longest = 0;
  for (let i = 1; i < times.length; i++) longest = Math.max(longest, times[i]! - times[i - 1]!);
  return longest;
}
