import { clearCadence, pausesOf, type Pauses } from "./cadence.ts";
import { findGaps } from "./gaps.ts";
import { heldUntil } from "./held.ts";
import { sortByTime, summarize, type Series, type Span, type Summary } from "./series.ts";
import { isOnChange } from "./steps.ts";

/** A series in order of time, and what all that draws it needs to know of it. */
export interface Trace {
  readonly series: Series;
  readonly summary: Summary;
  /** Within the period, in order. */
  readonly gaps: readonly Span[];
  /** Until when each entry holds; see `heldUntil`. */
  readonly until: Float64Array;
  /** Between its entries. */
  readonly pauses: Pauses;
  /** Its clear cadence, ms; `null`: it has none. */
  readonly clear: number | null;
  /** Whether each number holds until the next: then it is drawn in steps. */
  readonly isHeld: boolean;
  /** Where its line ends: at its newest number, or at the end of the period, if that holds until then; `null`: it has no number. */
  readonly lineEndsAt: number | null;
}

/** Works out what is to be known of a series over a period. @param everyMs how often it comes, as the plants file says it */
export function traceOf(given: Series, period: Span, everyMs?: number): Trace {
  const series = sortByTime(given);
  const summary = summarize(series);
  const gaps = findGaps(series, period, everyMs);
  const until = heldUntil(series, gaps, period.endAt);
  const pauses = pausesOf(series.times);
  const clear = clearCadence(series.times, pauses);
  const isHeld = isOnChange(series, everyMs, clear);
  const isKnown = isHeld && summary.lastAt !== null && gaps.at(-1)?.startAt !== summary.lastAt;
  return { series, summary, gaps, until, pauses, clear, isHeld, lineEndsAt: isKnown ? period.endAt : summary.lastAt };
}
