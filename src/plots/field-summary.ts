import type { Series } from "../charts/series.ts";
import { forecast, type Forecast } from "./forecast.ts";
import type { FeedRequest } from "./feed-request.ts";
import type { Measurement } from "./measurement.ts";
import { sparklineOf } from "./sparkline.ts";
import { statisticsOf, type FieldStatistics } from "./statistics.ts";

/** Reads one field from `startAt` to `endAt` (epoch ms, both included), oldest first. @throws UpstreamError */
export type ReadField = (query: {
  readonly field: number;
  readonly startAt: number;
  readonly endAt: number;
}) => Promise<Series>;

/** What one field did in a period. */
export interface FieldSummary {
  readonly measurement: Measurement;
  readonly statistics: FieldStatistics;
  readonly forecast: Forecast | null;
  readonly sparkline: string;
}

/**
 * Reads fields and tells what they did. One after the other: eight fields of a long period at once would take the memory of eight.
 * @param now epoch ms: what is to come is told of a period that ends about now
 */
export async function summarizeFields(
  read: ReadField,
  { measurements, startAt, endAt }: FeedRequest,
  now: number,
): Promise<FieldSummary[]> {
  const summaries: FieldSummary[] = [];
  for (const measurement of measurements) {
    // A period ends before its end; ThingSpeak counts the last second in.
    const series = await read({ field: measurement.number, startAt, endAt: endAt - 1 });
    summaries.push({
      measurement,
      statistics: statisticsOf(series, { startAt, endAt }),
      forecast: forecast(series, measurement.limits, now),
      sparkline: sparklineOf(series, { startAt, endAt }),
    });
  }
  return summaries;
}
