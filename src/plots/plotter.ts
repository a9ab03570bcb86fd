import { must } from "../lib/must.ts";
import type { AlarmTime } from "../alarms/alarm-time.ts";
import type { Series } from "../measurements/series.ts";
import type { Field, Source } from "../measurements/source.ts";
import { daysLater, instantNear, readingAt } from "../lib/time/wall-clock.ts";
import type { WorkerPool } from "../worker/pool.ts";
import { WorkerError } from "../lib/worker-error.ts";
import { isFailed, unlessAllFailed } from "../lib/text/partial.ts";
import { createQueue } from "../lib/queue.ts";
import { captionOf, captionNames, titleOf } from "./caption.ts";
import { requestFor, type PlotLine, type PlotMore } from "./chart-request.ts";
import { explain, notesOf } from "../measurements/explain.ts";
import type { FailedField } from "../queries/field-summary.ts";
import { measurementOf, type FieldSetting, type Measurement } from "../measurements/measurement.ts";
import { formatPeriodAsTyped, type Period } from "../queries/period.ts";
import { periodOf, type PlotView } from "./view.ts";

/** A picture and what is said below it, one line each. */
interface DrawnPlot {
  readonly png: Uint8Array;
  readonly caption: readonly string[];
  /** Whether the period holds no entry: then it is an empty picture. */
  readonly isEmpty: boolean;
}

/** Turns what somebody wants to see into a picture. */
export interface Plotter {
  /** Says that somebody is about to ask for a picture: what draws is started meanwhile. */
  prepare(): void;
  /** The channel's fields as their owner labelled them. */
  readonly fields: () => Promise<readonly Field[]>;
  /** The same, with all that is known about them. */
  readonly measurements: () => Promise<readonly Measurement[]>;
  /** What the buttons below a plot switch on and off: the channel's fields, or what else the plot shows. */
  switches(view: PlotView): Promise<readonly Measurement[]>;
  /**
   * @param timeZone IANA name: all times in picture and caption are in it
   * @param more `size`: pixels, 1280 × 720 unless given; `limits`: also drawn, besides those of the plants file
   * @throws UpstreamError, WorkerError
   */
  plot(view: PlotView, timeZone: string, more?: PlotMore): Promise<DrawnPlot>;
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
export const createPlotter = (options: PlotterOptions): Plotter => new FeedPlotter(options);

class FeedPlotter implements Plotter {
  readonly #options: PlotterOptions;
  readonly #inQueue = createQueue({
    atOnce: AT_ONCE,
    maxWaiting: MAX_WAITING,
    full: () => new WorkerError("full", `${MAX_WAITING} plots are waiting already`),
  });
  /** By field; ms. */
  readonly #cadences = new Map<number, number>();

  constructor(options: PlotterOptions) {
    this.#options = options;
  }

  /** What goes wrong with it goes wrong with the picture, which tells. */
  readonly prepare = (): void => void this.#options.worker.run({ kind: "prepare" }).catch(() => undefined);

  readonly fields = async (): Promise<readonly Field[]> => (await this.#options.feed.channel()).fields;

  readonly measurements = async (): Promise<readonly Measurement[]> =>
    (await this.fields()).map((field) => measurementOf(field, this.#options.settings()));

  async switches(view: PlotView): Promise<readonly Measurement[]> {
    const shown = view.fields.map((number) => this.#memberOf(number)).filter((member) => member !== null);
    return [...(await this.#ofChannel(view)), ...shown];
  }

  plot(view: PlotView, timeZone: string, more: PlotMore = {}): Promise<DrawnPlot> {
    return this.#inQueue(() => this.#draw(view, timeZone, more));
  }

  lines(view: PlotView): Promise<readonly (PlotLine | FailedField)[]> {
    return this.#inQueue(() => this.#read(view));
  }

  cadenceOf(fields: readonly number[]): number {
    return Math.min(...fields.map((field) => this.#cadences.get(field) ?? USUAL_CADENCE_MS));
  }

  #memberOf(number: number): Measurement | null {
    return this.#options.member?.(number) ?? null;
  }

  /** Members are shown also while the channel cannot be reached. */
  async #ofChannel(view: PlotView): Promise<readonly Measurement[]> {
    return view.fields.every((number) => this.#memberOf(number) !== null) ? [] : this.measurements();
  }

  async #read(view: PlotView): Promise<readonly (PlotLine | FailedField)[]> {
    const { feed, settings, now } = this.#options;
    const { startAt, endAt } = periodOf(view, now());
    const known = await this.#ofChannel(view);
    const asked = view.fields.map(async (field): Promise<PlotLine | FailedField> => {
      const measurement =
        known.find(({ number }) => number === field) ??
        this.#memberOf(field) ??
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

  /** The same hours of another day by the clock on the wall, moved onto the period. */
  async #readEarlier(field: number, period: Period, days: number, zone: string): Promise<Series> {
    const earlier = (at: number): number => instantNear(readingAt(at, zone) - days * DAY, zone);
    const [startAt, endAt] = [earlier(period.startAt), earlier(period.endAt) - 1];
    const series = await this.#options.feed.read({ field, startAt, endAt });
    return { ...series, times: daysLater(series.times, days, zone) };
  }

  async #draw(view: PlotView, timeZone: string, more: PlotMore): Promise<DrawnPlot> {
    const { worker, alarmTimes, now } = this.#options;
    this.prepare();
    const period = periodOf(view, now());
    const days = DAYS_BEFORE[view.compared];
    const [asked, alarms] = await Promise.all([
      this.#read(view),
      alarmTimes(view.fields, period.startAt, period.endAt),
    ]);
    const shown = asked.filter((line): line is PlotLine => !isFailed(line));
    const readOne = ({ measurement }: PlotLine) => this.#readEarlier(measurement.number, period, days, timeZone);
    const earlier = days === 0 ? [] : await Promise.all(shown.map(readOne));
    const isEmpty = shown.every(({ series }) => series.times.length === 0);
    const request = requestFor(view, { period, timeZone, shown, earlier, alarms, more });
    const { png, statistics } = await worker.run({ kind: "draw", request, isCurrent: view.endAt === null });
    const told = shown.map(({ measurement }, i) => ({
      measurement,
      ...must(statistics[i], "what is known of a line"),
    }));
    for (const { measurement, everyMs } of told) {
      if (everyMs !== null) this.#cadences.set(measurement.number, everyMs);
    }
    const names = captionNames(shown.map(({ measurement }) => measurement)).join(", ");
    const notes = notesOf(shown.map(({ series }) => series));
    const missing = asked.filter(isFailed).map(({ measurement, error }) => `${measurement.label}: ${explain(error)}`);
    const first = titleOf(names, formatPeriodAsTyped(period, timeZone));
    return { png, caption: [first, ...captionOf(told, period, timeZone), ...notes, ...missing], isEmpty };
  }
}
