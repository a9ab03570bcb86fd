import { setImmediate as breathe } from "node:timers/promises";
import type { Readings } from "../sources/source.ts";
import { notesOf } from "./explain.ts";
import { forecast, type Forecast } from "./forecast.ts";
import { unlessAllFailed, type Failed } from "../lib/partial.ts";
import type { FeedRequest } from "./feed-request.ts";
import type { Measurement } from "./measurement.ts";
import { sparklineOf } from "./sparkline.ts";
import { statisticsOf, type FieldStatistics } from "./statistics.ts";

/** Reads one field from `startAt` to `endAt` (epoch ms, both included), oldest first. @throws UpstreamError */
export type ReadField = (query: {
  readonly field: number;
  readonly startAt: number;
  readonly endAt: number;
}) => Promise<Readings>;

/** What one field did in a period. */
export interface FieldSummary {
  readonly measurement: Measurement;
  readonly statistics: FieldStatistics;
  readonly forecast: Forecast | null;
  readonly sparkline: string;
  /** Where the numbers come from, if that is not as usual. */
  readonly notes: readonly string[];
}

/** A field that cannot be read just now. */
export interface FailedField extends Failed {
  readonly measurement: Measurement;
}

/**
 * Reads fields and tells what they did. One after the other: eight fields of a long period at once would take the memory of eight.
 * One that cannot be read does not keep the others from being told. Of a million entries each part takes a few tenths of a second: others get
 * their turn in between.
 * @param now epoch ms: what is to come is told of a period that ends about now
 * @throws what was wrong with the first, if none can be read
 */
export async function summarizeFields(
  read: ReadField,
  { measurements, startAt, endAt }: FeedRequest,
  now: number,
): Promise<readonly (FieldSummary | FailedField)[]> {
  const summaries: (FieldSummary | FailedField)[] = [];
  for (const measurement of measurements) {
    try {
      // A period ends before its end; ThingSpeak counts the last second in.
      const series = await read({ field: measurement.number, startAt, endAt: endAt - 1 });
      const statistics = statisticsOf(series, { startAt, endAt }, measurement);
      await breathe();
      const ahead = forecast(series, measurement.limits, now);
      await breathe();
      const sparkline = sparklineOf(series, { startAt, endAt });
      summaries.push({ measurement, statistics, forecast: ahead, sparkline, notes: notesOf([series]) });
      await breathe();
    } catch (error) {
      summaries.push({ measurement, error });
    }
  }
  return unlessAllFailed(summaries);
}
