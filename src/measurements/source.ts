import type { Spread } from "./series.ts";
import type { UpstreamReason } from "../lib/errors.ts";
import type { Failed } from "../lib/text/partial.ts";

/** Of more, a picture shows nothing more, and they take a lot of memory: 16 MB are a million of one field. */
export const MAX_ENTRIES = 1_000_000;

/** One measurement: its number, 1 to 8, and what its owner calls it. */
export interface Field {
  readonly number: number;
  readonly label: string;
}

/** Some measurements that belong together, as ThingSpeak's channel. */
export interface Channel {
  readonly name: string;
  /** Before then there is nothing, in epoch ms; `null`: nobody knows. */
  readonly createdAt: number | null;
  /** Those in use, in order of number. */
  readonly fields: readonly Field[];
}

/** The newest value of one field, as text: a field may hold anything. */
export interface LatestValue {
  readonly value: string;
  /** Epoch ms UTC. */
  readonly at: number;
}

/** The newest value of one of a channel's fields. */
export interface LatestEntry extends LatestValue {
  /** Why it is not the channel's, but what was recorded here. */
  readonly instead?: UpstreamReason;
  readonly field: number;
  readonly label: string;
}

/** A field whose newest entry cannot be read just now, and why. */
export interface FailedEntry extends Failed {
  readonly field: number;
  readonly label: string;
}

/** One field over a period, oldest first; `times` are epoch ms UTC. */
export interface Readings {
  readonly times: Float64Array<ArrayBuffer>;
  /** `NaN` where an entry has no number. */
  readonly values: Float64Array<ArrayBuffer>;
  /** Where some values are means of what is not kept one by one any more. */
  readonly spread?: Spread;
  /** Whether nothing was ever measured before; left out: nobody knows. */
  readonly isFromStart?: boolean;
  /** Why they are not the channel's, but what was recorded here of it. */
  readonly instead?: UpstreamReason;
}

/**
 * Where measurements come from: ThingSpeak, a file, or what the bot saw on the broker. Every call rejects with an
 * `UpstreamError`, or a `ConfigError` where an admin has to mend something.
 */
export interface Source {
  channel(): Promise<Channel>;
  /** One field from `startAt` to `endAt`, epoch ms, both included. The arrays belong to whoever gets them. */
  readonly read: (query: {
    readonly field: number;
    readonly startAt: number;
    readonly endAt: number;
  }) => Promise<Readings>;
  /** Whether a field has entries before an instant (epoch ms). */
  hasBefore(query: { readonly field: number; readonly at: number }): Promise<boolean>;
  /** The newest entry of each field that has one. Rejects only where none can be had. */
  readonly latest: () => Promise<readonly (LatestEntry | FailedEntry)[]>;
}
