import type { Series } from "../measurements/series.ts";
import { traceOf } from "../measurements/trace.ts";
import type { Readings } from "../measurements/source.ts";
import { notesOf } from "../measurements/explain.ts";
import { forecast, type Forecast } from "../measurements/forecast.ts";
import { unlessAllFailed, type Failed } from "../lib/text/partial.ts";
import type { FeedRequest } from "./feed-request.ts";
import type { Measurement } from "../measurements/measurement.ts";
import type { Period } from "./period.ts";
import { sparklineOf } from "./sparkline.ts";
import { statisticsOf, type FieldStatistics } from "../measurements/statistics.ts";

/** Reads one field from `startAt` to `endAt` (epoch ms, both included), oldest first. @throws UpstreamError */
export type ReadField = (query: {
  readonly field: number;
  readonly startAt: number;
  readonly endAt: number;
}) => Promise<Readings>;

/** What the numbers of one field come to. */
export interface Digest {
  readonly statistics: FieldStatistics;
  readonly forecast: Forecast | null;
  readonly sparkline: string;
}

/** The numbers of one field over a period; `now`, epoch ms: what is to come is told of a period that ends about then. */
export interface DigestRequest {
  readonly series: Series;
  readonly period: Period;
  readonly measurement: Measurement;
  readonly now: number;
}

/** Works out what numbers come to, in another thread: of a million it takes half a second. The arrays are moved there. */
export type DigestField = (request: DigestRequest) => Promise<Digest>;

/** What one field did in a period. */
export interface FieldSummary extends Digest {
  readonly measurement: Measurement;
  /** Where the numbers come from, if that is not as usual. */
  readonly notes: readonly string[];
}

/** A field that cannot be read just now. */
export interface FailedField extends Failed {
  readonly measurement: Measurement;
}

/** What numbers come to; see `DigestField`. */
export function digestOf({ series: given, period, measurement, now }: DigestRequest): Digest {
  const trace = traceOf(given, period, measurement.everyMs);
  const { series } = trace;
  return {
    statistics: statisticsOf(trace, period, measurement),
    forecast: forecast(series, measurement.limits, now),
    sparkline: sparklineOf(series, period, trace),
  };
}

/**
 * Reads fields and tells what they did. One after the other: eight fields of a long period at once would take the memory of eight.
 * One that cannot be read does not keep the others from being told.
 * @param now epoch ms: what is to come is told of a period that ends about now
 * @throws what was wrong with the first, if none can be read
 */
export async function summarizeFields(
  { read, digest }: { readonly read: ReadField; readonly digest: DigestField },
  { measurements, startAt, endAt }: FeedRequest,
  now: number,
): Promise<readonly (FieldSummary | FailedField)[]> {
  const summaries: (FieldSummary | FailedField)[] = [];
  for (const measurement of measurements) {
    try {
      // A period ends before its end; ThingSpeak counts the last second in.
      const series = await read({ field: measurement.number, startAt, endAt: endAt - 1 });
      const notes = notesOf([series]);
      const told = await digest({ series, period: { startAt, endAt }, measurement, now });
      summaries.push({ measurement, ...told, notes });
    } catch (error) {
      summaries.push({ measurement, error });
    }
  }
  return unlessAllFailed(summaries);
}
