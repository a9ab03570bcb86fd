import { isMarkedAsUntransferable } from "node:worker_threads";
import type { HeatMapRequest } from "../charts/heat-map.ts";
import type { ChartRequest } from "../charts/request.ts";
import { UpstreamError } from "../lib/errors.ts";
import type { Digest, DigestRequest } from "../queries/field-summary.ts";
import type { Forecast } from "../measurements/forecast.ts";
import type { SeriesFacts } from "../measurements/statistics.ts";
import type { Quality } from "../quality/types.ts";
import type { WhatIf } from "../quality/what-if.ts";
import type { WhatIfRequest } from "../store/quality/alarm-past.ts";
import type { QualityRequest } from "../store/quality/history.ts";
import type { DatabaseSettings } from "../store/sql/settings.ts";
import type { FeedPage } from "../thingspeak/feed-page.ts";
import type { OwnColumns } from "../measurements/own-columns.ts";
import { WorkerError } from "../lib/worker-error.ts";

/**
 * What the worker can do. The arrays of a job and of a feed page are moved to the other thread, not copied: whoever hands in
 * a job cannot use its arrays afterwards.
 */
export type Job =
  /** Loads what a picture needs: somebody is about to ask for one. */
  | { readonly kind: "prepare" }
  /** Reads a ThingSpeak CSV, UTF-8, into columns; `linesBefore`, `own`: see `parseFeed`. */
  | {
      readonly kind: "parse";
      readonly csv: Uint8Array;
      readonly linesBefore?: number;
      readonly own?: OwnColumns | null;
    }
  /** Draws a chart as PNG; what a caption says comes back with it, as the series itself does not. `isCurrent`: it ends now. */
  | { readonly kind: "draw"; readonly request: ChartRequest; readonly isCurrent: boolean }
  /** Works out what the numbers of a field come to. */
  | { readonly kind: "digest"; readonly request: DigestRequest }
  /** Draws how much came in each hour of each day. */
  | { readonly kind: "heatMap"; readonly request: HeatMapRequest }
  /** Works out the quality of alarms from what is stored; `database`: see `settingsApart`. */
  | { readonly kind: "quality"; readonly database: DatabaseSettings; readonly request: QualityRequest }
  /** Foretells what rules would do for an alarm. */
  | { readonly kind: "whatIf"; readonly database: DatabaseSettings; readonly request: WhatIfRequest };

/** Whether a job reads from the database, which may be millions of rows. */
export const isReading = (job: Job): boolean => "database" in job;

export interface Results {
  readonly prepare: null;
  readonly parse: FeedPage;
  readonly draw: DrawnPicture;
  readonly digest: Digest;
  readonly heatMap: Uint8Array;
  readonly quality: Quality;
  /** `null`: there is no such alarm. */
  readonly whatIf: WhatIf | null;
}

/** The result that belongs to a job. */
export type JobResult<J extends Job> = Results[J["kind"]];

/** What a caption says of one line. */
export interface Statistics extends SeriesFacts {
  /** Where it goes; `null`: nobody can tell. */
  readonly forecast: Forecast | null;
}

/** A PNG and what its caption says. */
interface DrawnPicture {
  readonly png: Uint8Array;
  /** One for each line. */
  readonly statistics: readonly Statistics[];
}

/** What comes back from the thread for each job: a failure as plain data, because an error's class does not survive the way. */
export type WorkerReply = { readonly result: unknown } | { readonly failure: JobFailure };

type JobFailure =
  | { readonly kind: "upstream"; readonly reason: UpstreamError["reason"]; readonly message: string }
  | { readonly kind: "other"; readonly message: string };

/** Takes an error apart for the way to the main thread. */
export function toFailure(error: unknown): JobFailure {
  if (error instanceof UpstreamError) return { kind: "upstream", reason: error.reason, message: error.message };
  return { kind: "other", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** The error that `toFailure` took apart; what is not a known class is a `WorkerError` of reason `failed`. */
export function fromFailure(failure: JobFailure): Error {
  return failure.kind === "upstream"
    ? new UpstreamError(failure.reason, failure.message)
    : new WorkerError("failed", failure.message);
}

/**
 * The memory of all arrays in `value` that can be moved: whole buffers only, as others may share the rest of one, and none
 * that belongs to a native library (a PNG). What cannot be moved is copied.
 */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const collect = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      const { buffer, byteLength } = part;
      if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength && !isMarkedAsUntransferable(buffer))
        found.add(buffer);
    } else if (typeof part === "object" && part !== null) Object.values(part).forEach(collect);
  };
  collect(value);
  return [...found];
}
