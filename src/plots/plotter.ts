import { must } from "../lib/must.ts";
import type { AlarmTime } from "../alarms/alarm-time.ts";
import type { ChartLine, ChartRequest } from "../charts/request.ts";
import type { Series } from "../measurements/series.ts";
import type { Field, Readings, Source } from "../measurements/source.ts";
import { daysLater, instantNear, readingAt } from "../lib/time/wall-clock.ts";
import type { WorkerPool } from "../worker/pool.ts";
import { WorkerError } from "../lib/worker-error.ts";
import { isFailed, unlessAllFailed } from "../lib/text/partial.ts";
import { createQueue } from "../lib/queue.ts";
import { captionOf, captionNames } from "./caption.ts";
import { explain, notesOf } from "../measurements/explain.ts";
import type { FailedField } from "../queries/field-summary.ts";
import { measurementOf, type FieldSetting, type MeasuredLimit, type Measurement } from "../measurements/measurement.ts";
import { formatPeriodAsTyped, type Period } from "../queries/period.ts";
import { periodOf, type PlotView } from "./view.ts";

/** A picture and what is said below it, one line each. */
interface Plot {
  readonly png: Uint8Array;
  readonly caption: readonly string[];
  /** Whether the period holds no entry: then it is an empty picture. */
  readonly isEmpty: boolean;
}

/** One field over a period. */
export interface PlotLine {
  readonly measurement: Measurement;
  readonly series: Readings;
}

/** What a picture may have besides its view. */
interface PlotMore {
  readonly size?: { readonly width: number; readonly height: number };
  readonly limits?: readonly MeasuredLimit[];
}

/** Turns what somebody wants to see into a picture. */
export interface Plotter {
  /** The channel's fields as their owner labelled them. */
  fields(): Promise<readonly Field[]>;
  /** The same, with all that is known about them. */
  measurements(): Promise<readonly Measurement[]>;
  /** What the buttons below a plot switch on and off: the channel's fields, or what else the plot shows. */
  switches(view: PlotView): Promise<readonly Measurement[]>;
  /**
   * @param timeZone IANA name: all times in picture and caption are in it
   * @param more `size`: pixels, 1280 × 720 unless given; `limits`: also drawn, besides those of the plants file
   * @throws UpstreamError, WorkerError
   */
  plot(view: PlotView, timeZone: string, more?: PlotMore): Promise<Plot>;
  /** The numbers that a view shows, as far as they can be read. @throws UpstreamError if none can */
  lines(view: PlotView): Promise<readonly (PlotLine | FailedField)[]>;
  /** How often the fields get a new entry, as far as plots have shown; ms. */
  cadenceOf(fields: readonly number[]): number;
}

/** What a plotter needs. */
export interface PlotterOptions {
  readonly feed: Pick<Source, "channel" | "read">;
  readonly worker: WorkerPool;
  /** What the plants file says about the fields. */
  readonly settings: () => readonly FieldSetting[];
  /** A member of a device, which is plotted like a field; `null`: no member has that number. */
  readonly member?: (number: number) => Measurement | null;
  /** When alarms about these fields were active. */
  readonly alarmTimes: (fields: readonly number[], startAt: number, endAt: number) => Promise<readonly AlarmTime[]>;
  readonly now: () => number;
}

const DAY = 86_400_000;
/** A million entries of four fields, and of the day before, take 130 MB until they are drawn. */
const AT_ONCE = 3;
const MAX_WAITING = 40;
const USUAL_CADENCE_MS = 60_000;
const DAYS_BEFORE = { none: 0, yesterday: 1, "last week": 7 } as const;

/** Reads from the feed, draws in the worker. */
export function createPlotter({ feed, worker, settings, member, alarmTimes, now }: PlotterOptions): Plotter {
  const inQueue = createQueue({
    atOnce: AT_ONCE,
    maxWaiting: MAX_WAITING,
    full: () => new WorkerError("full", `${MAX_WAITING} plots are waiting already`),
  });
  /** By field; ms. */
  const cadences = new Map<number, number>();

  const fields = async (): Promise<readonly Field[]> => (await feed.channel()).fields;
  const measurements = async (): Promise<readonly Measurement[]> =>
    (await fields()).map((field) => measurementOf(field, settings()));

  const memberOf = (number: number): Measurement | null => member?.(number) ?? null;
  /** Members are shown also while the channel cannot be reached. */
  const ofChannel = (view: PlotView): Promise<readonly Measurement[]> =>
    view.fields.every((number) => memberOf(number) !== null) ? Promise.resolve([]) : measurements();

  /** The same hours of another day by the clock on the wall, moved onto the period. */
  async function readEarlier(field: number, period: Period, days: number, zone: string): Promise<Series> {
    const earlier = (at: number): number => instantNear(readingAt(at, zone) - days * DAY, zone);
    const series = await feed.read({ field, startAt: earlier(period.startAt), endAt: earlier(period.endAt) - 1 });
    return { ...series, times: daysLater(series.times, days, zone) };
  }

  async function read(view: PlotView): Promise<readonly (PlotLine | FailedField)[]> {
    const { startAt, endAt } = periodOf(view, now());
    const known = await ofChannel(view);
    const asked = view.fields.map(async (field): Promise<PlotLine | FailedField> => {
      const measurement =
        known.find(({ number }) => number === field) ??
        memberOf(field) ??
        measurementOf({ number: field, label: `Field ${field}` }, settings());
      try {
        // A period ends before its end; ThingSpeak counts the last second in.
        return { measurement, series: await feed.read({ field, startAt, endAt: endAt - 1 }) };
      } catch (error) {
        return { measurement, error };
      }
    });
    return unlessAllFailed(await Promise.all(asked));
  }

  async function draw(view: PlotView, timeZone: string, { size, limits = [] }: PlotMore = {}): Promise<Plot> {
    const { startAt, endAt } = periodOf(view, now());
    const days = DAYS_BEFORE[view.compared];
    const [asked, alarms] = await Promise.all([read(view), alarmTimes(view.fields, startAt, endAt)]);
    const shown = asked.filter((line): line is PlotLine => !isFailed(line));
    const readOne = ({ measurement }: PlotLine) => readEarlier(measurement.number, { startAt, endAt }, days, timeZone);
    const earlier = days === 0 ? [] : await Promise.all(shown.map(readOne));
    const isEmpty = shown.every(({ series }) => series.times.length === 0);
    const title = shown.map(({ measurement }) => measurement.label).join(", ");
    const request: ChartRequest = {
      title,
      timeZone,
      startAt,
      endAt,
      lines: shown.map(({ series, measurement }, i): ChartLine => ({
        series,
        measurement: { ...measurement, limits: together(measurement.limits, limits) },
        earlier: earlier[i] ?? null,
      })),
      earlierName: view.compared === "none" ? null : view.compared,
      limits: view.limits,
      alarms,
      theme: view.theme,
      ...size,
    };
    const { png, statistics } = await worker.run({ kind: "draw", request, isCurrent: view.endAt === null });
    const told = shown.map(({ measurement }, i) => ({
      measurement,
      ...must(statistics[i], "what is known of a line"),
    }));
    for (const { measurement, everyMs } of told) {
      if (everyMs !== null) cadences.set(measurement.number, everyMs);
    }
    const period = formatPeriodAsTyped({ startAt, endAt }, timeZone);
    const notes = notesOf(shown.map(({ series }) => series));
    const names = captionNames(shown.map(({ measurement }) => measurement)).join(", ");
    const missing = asked.filter(isFailed).map(({ measurement, error }) => `${measurement.label}: ${explain(error)}`);
    return { png, caption: [`${names} · ${period}`, ...captionOf(told, timeZone), ...notes, ...missing], isEmpty };
  }

  return {
    fields,
    measurements,
    async switches(view) {
      const shown = view.fields.map(memberOf).filter((member) => member !== null);
      return [...(await ofChannel(view)), ...shown];
    },
    lines: (view) => inQueue(() => read(view)),
    cadenceOf: (fields) => Math.min(...fields.map((field) => cadences.get(field) ?? USUAL_CADENCE_MS)),
    plot: (view, timeZone, more) => inQueue(() => draw(view, timeZone, more)),
  };
}

/** All limits, each value once. */
const together = (limits: readonly MeasuredLimit[], more: readonly MeasuredLimit[]): readonly MeasuredLimit[] => [
  ...limits,
  ...more.filter(({ value }) => limits.every((limit) => limit.value !== value)),
];
