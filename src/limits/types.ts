import type { LimitRule } from "./rule.ts";
import type { Named } from "./words.ts";

/** A measurement, what is watched of it, and the series in which its values come. */
export interface WatchedSeries extends Named {
  readonly keys: readonly SeriesKey[];
  readonly rules: readonly LimitRule[];
}

/** A name under which values come; see `Recorder.record`. */
interface SeriesKey {
  readonly device: string;
  readonly member: string;
}

/** Holds what comes against its limits. */
export interface Limits {
  /** Knows again what an earlier run left. To be called at the start. */
  start(): Promise<void>;
  /** Takes one value; quick. */
  take(key: SeriesKey, at: number, value: number): void;
  /** Tells what became of it; to be called each second or so, and at the end. */
  tick(): Promise<void>;
  /** Tells how it goes on: what is passed now by how much, and what will be; to be called each minute or so. */
  tellTrends(): Promise<void>;
  /** To be called when `series` are others: what is watched no more is over. */
  follow(): Promise<void>;
  /** The newest value of a measurement that was taken; epoch ms, `null`: none was. */
  newestAt(name: string): number | null;
  /** How many limits are watched, and which are passed now, in words. */
  status(): LimitsStatus;
}

/** See `Limits.status`. */
export interface LimitsStatus {
  readonly watched: number;
  readonly passed: readonly string[];
}
