import type { ChartLine, ChartRequest } from "./request.ts";
import { traceOf, type Trace } from "../measurements/trace.ts";

/** One field over the period, ready to be drawn. */
export interface TracedLine extends Pick<ChartLine, "measurement"> {
  readonly trace: Trace;
  /** The same hours of another day; `null`: not asked for. */
  readonly earlier: Trace | null;
}

/** Makes the lines of a request ready. */
export const tracedLines = (request: ChartRequest): TracedLine[] =>
  request.lines.map(({ measurement, series, earlier }) => ({
    measurement,
    trace: traceOf(series, request, measurement.everyMs),
    earlier: earlier && traceOf(earlier, request, measurement.everyMs),
  }));
