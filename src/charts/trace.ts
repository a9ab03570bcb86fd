import { findGaps } from "./gaps.ts";
import type { ChartLine } from "./request.ts";
import { sortByTime, summarize, type Series, type Span, type Summary } from "./series.ts";
import { isOnChange } from "./steps.ts";

/** A series in order of time, and what all that draws it needs to know of it. */
export interface Trace {
  readonly series: Series;
  readonly summary: Summary;
  /** Within the period, in order. */
  readonly gaps: readonly Span[];
  /** Whether each number holds until the next: then it is drawn in steps. */
  readonly isHeld: boolean;
}

/** One field over the period, ready to be drawn. */
export interface TracedLine extends Pick<ChartLine, "measurement"> {
  readonly trace: Trace;
  /** The same hours of another day; `null`: not asked for. */
  readonly earlier: Trace | null;
}

/** Makes a line ready. */
export function traceLine({ measurement, series, earlier }: ChartLine, period: Span): TracedLine {
  const { everyMs } = measurement;
  const trace = (given: Series): Trace => {
    const sorted = sortByTime(given);
    return {
      series: sorted,
      summary: summarize(sorted),
      gaps: findGaps(sorted, period, everyMs),
      isHeld: isOnChange(sorted, everyMs),
    };
  };
  return { measurement, trace: trace(series), earlier: earlier && trace(earlier) };
}
