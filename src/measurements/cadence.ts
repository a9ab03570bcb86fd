import { numberAt, type Series, type Span } from "./series.ts";

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
 * @param pauses between its entries, if these were looked at already
 * @param clear its clear cadence, likewise
 */
export function rhythmOf(
  series: Series,
  { startAt, endAt }: Span,
  everyMs?: number,
  pauses = pausesOf(series.times),
  clear = clearCadence(series.times, pauses),
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
    expected: isKnown ? times.length + missedWithin(times, pauses, every) + missedAtEnds(leadMs, trailMs, every) : null,
    longestPauseMs: Math.max(leadMs, trailMs, pauses.longest),
  };
}

/** The times from one entry to the next, as one look at each tells them; entries of one instant count as one. */
export interface Pauses {
  readonly count: number;
  /** To a tenth: a million of them need not be put in order for that. */
  readonly median: number;
  /** `Infinity` of none. */
  readonly shortest: number;
  /** 0 of none. */
  readonly longest: number;
}

/** The cadence that nearly all pauses keep to; `null`: there is none. @param pauses between the times, if these were looked at already */
export function clearCadence(times: Float64Array, pauses = pausesOf(times)): number | null {
  if (pauses.count < MIN_PAUSES) return null;
  const rough = meanAround(times, pauses, pauses.median).mean;
  const { mean, kept } = meanAround(times, pauses, rough);
  return kept >= pauses.count * CLEAR_SHARE ? mean : null;
}

/** Looks at the pauses between times in order. */
export function pausesOf(times: Float64Array): Pauses {
  const bins = new Uint32Array(MAX_BINS);
  let count = 0;
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  let before = numberAt(times, 0);
  // A logarithm takes long, and most pauses are like the one before.
  let [last, its] = [0, 0];
  for (let i = 1; i < times.length; i++) {
    const at = times[i]!;
    const pause = at - before;
    before = at;
    if (pause <= 0) continue;
    if (pause !== last) {
      last = pause;
      its = binOf(pause);
      if (pause < shortest) shortest = pause;
      if (pause > longest) longest = pause;
    }
    bins[its]! += 1;
    count++;
  }
  let bin = 0;
  for (let below = bins[0]!; below < count / 2;) below += bins[++bin]!;
  return { count, median: 2 ** ((bin + 0.5) / BINS), shortest, longest };
}

const binOf = (pause: number): number => Math.min(MAX_BINS - 1, Math.max(0, Math.floor(Math.log2(pause) * BINS)));

/** The mean of the pauses that are about as long as `usual`, and how many these are. */
function meanAround(
  times: Float64Array,
  pauses: Pauses,
  usual: number,
): { readonly mean: number; readonly kept: number } {
  if (areAbout(pauses, usual)) {
    return { mean: (numberAt(times, times.length - 1) - numberAt(times, 0)) / pauses.count, kept: pauses.count };
  }
  let [sum, kept] = [0, 0];
  let before = numberAt(times, 0);
  for (let i = 1; i < times.length; i++) {
    const at = times[i]!;
    const pause = at - before;
    before = at;
    if (pause <= 0 || !isAbout(pause, usual)) continue;
    sum += pause;
    kept++;
  }
  return { mean: kept === 0 ? usual : sum / kept, kept };
}

/** Whether all of them are: then none needs to be looked at again. */
const areAbout = ({ shortest, longest }: Pauses, every: number): boolean =>
  isAbout(shortest, every) && isAbout(longest, every);

const isAbout = (pause: number, every: number): boolean => Math.abs(pause - every) <= every * JITTER;

/** Pauses off the cadence are counted with those off it beside them: what came late is followed by a short one. */
function missedWithin(times: Float64Array, all: Pauses, every: number): number {
  if (areAbout(all, every)) return 0;
  let [missed, runMs, pauses] = [0, 0, 0];
  let before = numberAt(times, 0);
  for (let i = 1; i <= times.length; i++) {
    const at = i < times.length ? times[i]! : before + every;
    const pause = at - before;
    before = at;
    if (pause <= 0) continue;
    if (!isAbout(pause, every)) {
      runMs += pause;
      pauses++;
    } else if (pauses > 0) {
      missed += Math.max(0, Math.round(runMs / every) - pauses);
      [runMs, pauses] = [0, 0];
    }
  }
  return missed;
}

function missedAtEnds(leadMs: number, trailMs: number, every: number): number {
  // The first may be late; and at an end that is now, the newest is still on its way.
  const atStart = leadMs > every * (1 + JITTER) ? Math.floor(leadMs / every) : 0;
  const atEnd = trailMs > every * (2 + JITTER) ? Math.ceil(trailMs / every) - 1 : 0;
  return atStart + atEnd;
}
