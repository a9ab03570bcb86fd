import type { SeriesKey } from "../recorder/series-names.ts";
import { ruleId } from "./rule.ts";
import type { WatchedSeries } from "./types.ts";
import { LimitWatch, type WatchSetting } from "./watch.ts";
import { predictionId, topicOf } from "./words.ts";

/** An alarm, as the store knows it. */
export interface AlarmName {
  readonly id: string;
  readonly topic: string;
}

/** All rules that are watched, found by their alarms and by the series in which values come. */
export class LimitWatches {
  readonly #setting: WatchSetting;
  #byAlarm = new Map<string, LimitWatch>();
  /** By device, then member. */
  #byKey = new Map<string, Map<string, LimitWatch[]>>();

  constructor(setting: WatchSetting) {
    this.#setting = setting;
  }

  /** Watches these from now on; how it is with a rule that stays goes on. */
  arrange(all: readonly WatchedSeries[]): void {
    const former = this.#byAlarm;
    this.#byAlarm = new Map();
    this.#byKey = new Map();
    for (const series of all) {
      for (const rule of series.rules) {
        const name = nameOf({ topic: topicOf(series), id: ruleId(rule) });
        const watch = new LimitWatch(series, rule, this.#setting, former.get(name));
        this.#byAlarm.set(name, watch);
        for (const key of series.keys) this.#addKey(key, watch);
      }
    }
  }

  all(): LimitWatch[] {
    return [...this.#byAlarm.values()];
  }

  /** Each with a name that is the same over restarts. */
  named(): readonly (readonly [string, LimitWatch])[] {
    return [...this.#byAlarm];
  }

  /** Those that take the values of a series. */
  of({ device, member }: SeriesKey): readonly LimitWatch[] {
    return this.#byKey.get(device)?.get(member) ?? [];
  }

  /** Knows an alarm that is active already. @returns whether anybody watches it still */
  recognize(alarm: AlarmName): boolean {
    const watch = this.#byAlarm.get(nameOf(alarm));
    if (watch) {
      watch.recognize();
      return true;
    }
    const foretold = this.all().find(
      ({ rule, series }) => topicOf(series) === alarm.topic && predictionId(rule) === alarm.id,
    );
    if (!foretold?.predicted) return false;
    foretold.recognizePrediction();
    return true;
  }

  #addKey({ device, member }: SeriesKey, watch: LimitWatch): void {
    const members = this.#byKey.get(device) ?? new Map<string, LimitWatch[]>();
    this.#byKey.set(device, members.set(member, [...(members.get(member) ?? []), watch]));
  }
}

const nameOf = ({ topic, id }: AlarmName): string => `${topic}\n${id}`;
