import { z } from "zod";
import type { AlarmEvent } from "../alarms/event.ts";
import type { Series } from "../measurements/series.ts";
import { createOneAtATime } from "../lib/one-at-a-time.ts";
import type { FormerClock } from "../lib/time/former-clock.ts";
import type { Logger } from "../lib/log.ts";
import { forecast, whenWords } from "../measurements/forecast.ts";
import { ruleId } from "./rule.ts";
import type { LimitsStatus, WatchedSeries } from "./types.ts";
import type { KeptState, LimitWatch, PredictedRule } from "./watch.ts";
import { LimitWatches, type AlarmName } from "./watches.ts";
import { endEvent } from "./words.ts";
import type { SeriesKey } from "../recorder/series-names.ts";

/** The name of what is kept for the next run. */
const FACT = "limits";
const SAVE_MS = 60_000;
const MIN_TREND_MS = 900_000;

/** What is kept, by the name of the watch. */
const KEPT = z.record(z.string(), z.unknown());
const KEPT_STATE = z.object({
  since: z.number().nullable(),
  worst: z.number().nullable(),
  newest: z.object({ at: z.number(), value: z.number() }).nullable(),
  isToldLate: z.boolean(),
});

interface LimitMonitorOptions {
  /** As they are now. */
  readonly series: () => readonly WatchedSeries[];
  /** What was measured lately, for how it will go on. */
  readonly read: (series: WatchedSeries, startAt: number, endAt: number) => Promise<Series>;
  /** Records events; what it rejects is tried again. */
  readonly report: (events: readonly AlarmEvent[]) => Promise<void>;
  readonly isActive: (event: AlarmEvent) => Promise<boolean>;
  readonly active: () => Promise<readonly AlarmName[]>;
  readonly keyValue: { read(name: string): Promise<unknown>; write(name: string, content: unknown): Promise<void> };
  /** What is older says how it was, not how it is. */
  readonly lateMs: number;
  readonly timeZone: string;
  readonly now: () => number;
  readonly log: Logger;
}

/** Compares what comes with its limits; tells nothing before `start`. */
export class LimitMonitor {
  readonly #options: LimitMonitorOptions;
  readonly #watches: LimitWatches;
  /** What is not told yet, in order. */
  #untold: AlarmEvent[] = [];
  #hasChanged = false;
  #savedAt = 0;
  /** Until then what an earlier run kept is not known, and is not to be written over: a start that fails tells and saves at its end, too. */
  #isStarted = false;
  /** What one tells, another must not tell once more. */
  readonly #inTurn = createOneAtATime();

  constructor(options: LimitMonitorOptions) {
    this.#options = options;
    this.#watches = new LimitWatches(options);
  }

  /**
   * Knows again what an earlier run left. To be called at the start.
   * @param formerClock by what it noted that
   */
  async start(formerClock: Pick<FormerClock, "happened">): Promise<void> {
    const { series, keyValue, log } = this.#options;
    this.#watches.arrange(series());
    const kept = KEPT.safeParse(await keyValue.read(FACT)).data ?? {};
    for (const [name, watch] of this.#watches.named()) {
      if (!Object.hasOwn(kept, name)) continue;
      const { data, error } = KEPT_STATE.safeParse(kept[name]);
      if (data) watch.restore(data, formerClock);
      else log.error({ err: error, limit: name }, "could not read what was kept of a limit: it is known anew");
    }
    await this.#recognize();
    this.#isStarted = true;
  }

  /** Takes one value; quick. */
  take(key: SeriesKey, at: number, value: number): void {
    for (const watch of this.#watches.of(key)) this.#note(watch.take(at, value));
  }

  /** Tells what became of it; to be called each second or so, and at the end. */
  async tick(): Promise<void> {
    for (const watch of this.#watches.all()) this.#note(watch.look());
    await this.#flush();
  }

  /** Tells how it goes on: what is passed now by how much, and what will be; to be called each minute or so. */
  async tellTrends(): Promise<void> {
    const { isActive, log } = this.#options;
    for (const watch of this.#watches.all()) {
      const event = watch.newValue();
      // The number of an alarm that somebody closed is told to nobody.
      if (event && (await isActive(event))) this.#untold.push(event);
      if (watch.predicted === null) continue;
      await this.#predict(watch, watch.predicted).catch((error: unknown) =>
        log.warn({ err: error, limit: ruleId(watch.rule) }, "could not predict a limit"),
      );
    }
    await this.#flush();
  }

  /** To be called when `series` are others: what is watched no more is over. */
  async follow(): Promise<void> {
    this.#watches.arrange(this.#options.series());
    await this.#recognize();
    await this.#flush();
  }

  /** The newest value of a measurement that was taken; epoch ms, `null`: none was. */
  newestAt(name: string): number | null {
    const all = this.#watches.all().filter(({ series }) => series.name === name);
    const times = all.map(({ newestAt }) => newestAt).filter((at) => at !== null);
    return times.length === 0 ? null : Math.max(...times);
  }

  status(): LimitsStatus {
    const all = this.#watches.all();
    return { watched: all.length, passed: all.filter(({ isActive }) => isActive).map(({ words }) => words) };
  }

  /** What became of a watch is told with the next flush. */
  #note(event: AlarmEvent | null): void {
    if (event === null) return;
    this.#hasChanged = true;
    this.#untold.push(event);
  }

  #flush(): Promise<void> {
    return this.#inTurn(() => this.#tell());
  }

  async #tell(): Promise<void> {
    const { report, keyValue, now } = this.#options;
    if (!this.#isStarted) return;
    const events = this.#untold;
    if (events.length > 0) {
      await report(events);
      this.#untold = this.#untold.slice(events.length);
    }
    if (!this.#hasChanged && now() - this.#savedAt < SAVE_MS && now() >= this.#savedAt) return;
    this.#hasChanged = false;
    this.#savedAt = now();
    const kept = this.#watches.named().flatMap(([name, watch]): [string, KeptState][] => {
      const state = watch.kept();
      return state === null ? [] : [[name, state]];
    });
    await keyValue.write(FACT, Object.fromEntries(kept));
  }

  /** The store knows what is active: what we watch goes on, and the rest is over. */
  async #recognize(): Promise<void> {
    for (const alarm of await this.#options.active()) {
      if (!this.#watches.recognize(alarm)) this.#untold.push(endEvent(alarm, this.#options.now()));
    }
  }

  async #predict(watch: LimitWatch, rule: PredictedRule): Promise<void> {
    const { isActive, read, now } = this.#options;
    const spanMs = Math.max(MIN_TREND_MS, rule.predictMs);
    const reaches = watch.isActive
      ? null
      : (forecast(await read(watch.series, now() - spanMs, now()), [rule], now(), true)?.reaches ?? null);
    const event =
      reaches !== null && reaches.inMs <= rule.predictMs
        ? await watch.foretell(rule, whenWords(reaches), isActive)
        : watch.foretellNothing(rule);
    if (event) this.#untold.push(event);
  }
}
