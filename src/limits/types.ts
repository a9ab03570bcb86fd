import type { SeriesKey } from "../recorder/series-names.ts";
import type { LimitRule } from "./rule.ts";
import type { NamedMeasurement } from "./words.ts";

/** A measurement, what is watched of it, and the series in which its values come. */
export interface WatchedSeries extends NamedMeasurement {
  readonly keys: readonly SeriesKey[];
  readonly rules: readonly LimitRule[];
}

/** How many limits are watched, and which are passed now, in words. */
export interface LimitsStatus {
  readonly watched: number;
  readonly passed: readonly string[];
}
