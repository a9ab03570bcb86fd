import type { Summary } from "../charts/series.ts";
import { formatCount, formatQuantity } from "../number.ts";
import { formatMinute } from "../time.ts";
import type { WorkerPool } from "../worker/pool.ts";
import { splitLabel } from "./label.ts";
import { formatPeriod } from "./period.ts";
import type { Field, PlotRequest } from "./plot-command.ts";

/** Where the numbers come from. */
export interface FeedSource {
  fields(): Promise<readonly Field[]>;
  /** Both ends included; epoch ms. */
  read(query: {
    readonly field: number;
    readonly startAt: number;
    readonly endAt: number;
  }): Promise<{ readonly times: Float64Array; readonly values: Float64Array }>;
}

/** A picture and what is said below it, one line each. */
export interface Plot {
  readonly png: Uint8Array;
  readonly caption: readonly string[];
}

/** Turns what somebody asked for into a picture. */
export interface Plotter {
  fields(): Promise<readonly Field[]>;
  /**
   * @param timeZone IANA name: all times in picture and caption are in it
   * @returns `null` if the period holds no entry
   * @throws UpstreamError, WorkerError
   */
  plot(request: PlotRequest, timeZone: string): Promise<Plot | null>;
}

/** Reads from the feed, draws in the worker. */
export function createPlotter({ feed, worker }: { readonly feed: FeedSource; readonly worker: WorkerPool }): Plotter {
  return {
    fields: () => feed.fields(),
    async plot(request, timeZone) {
      const { startAt, endAt } = request;
      // A period ends before its end; ThingSpeak counts the last second in.
      const [fields, series] = await Promise.all([
        feed.fields(),
        feed.read({ field: request.field, startAt, endAt: endAt - 1 }),
      ]);
      if (series.times.length === 0) return null;
      const field = fields.find(({ number }) => number === request.field);
      const { label, unit } = splitLabel(field?.label ?? `Field ${request.field}`);
      const { png, summary } = await worker.run({
        kind: "draw",
        request: { title: label, label, unit, timeZone, startAt, endAt, series },
      });
      const title = `${label} · ${formatPeriod(request, timeZone)}`;
      return { png, caption: [title, ...describe(summary, unit, timeZone)] };
    },
  };
}

function describe(summary: Summary, unit: string | null, timeZone: string): string[] {
  const { entries, numbers, min, minAt, max, maxAt, mean, last, lastAt } = summary;
  const count = `${formatCount(entries)} ${entries === 1 ? "entry" : "entries"}`;
  if (min === null || max === null || mean === null || last === null) return [`${count}, none of them a number`];
  const at = (instant: number | null) => (instant === null ? "" : ` (${formatMinute(instant, timeZone)})`);
  return [
    `Minimum ${formatQuantity(min, unit)}${at(minAt)}`,
    `Maximum ${formatQuantity(max, unit)}${at(maxAt)}`,
    `Mean ${formatQuantity(mean, unit)}`,
    `Last ${formatQuantity(last, unit)}${at(lastAt)}`,
    numbers === entries ? count : `${count}, ${formatCount(entries - numbers)} without a number`,
  ];
}
