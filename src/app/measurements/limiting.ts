import { isThere } from "../../alarms/lifecycle/held-back.ts";
import { isDeepStrictEqual } from "node:util";
import type { Notifier } from "../../dispatch/notifier.ts";
import type { Clock } from "../../lib/time/clock.ts";
import type { Config } from "../../config/config.ts";
import type { Device } from "../../devices/types.ts";
import { memberLimits, type NumberOf } from "../../limits/member-limits.ts";
import { LimitMonitor } from "../../limits/limits.ts";
import type { WatchedSeries } from "../../limits/types.ts";
import { LIMITS_TOPIC } from "../../limits/words.ts";
import type { Logger } from "../../lib/log.ts";
import type { Feed } from "./feed.ts";
import type { Plants } from "../../plants/plants.ts";
import { numberAt } from "../../measurements/series.ts";
import { measurementOf } from "../../measurements/measurement.ts";
import type { Recorder } from "../../recorder/recorder.ts";
import { fieldMember, LIVE_DEVICE, meantChannel } from "../../sources/recorded-source.ts";
import type { Field } from "../../measurements/source.ts";
import type { Alarms } from "../../store/alarms/alarms.ts";
import type { Store } from "../../store/store.ts";
import { createTicker, type Ticker } from "../../lib/time/ticker.ts";

const TICK_MS = 1_000;
const LOOK_MS = 60_000;
const MEMBERS_MS = 5_000;
/** Of a feed that could not be read for long, so much is looked at. */
const MAX_BEHIND_MS = 24 * 3_600_000;
/** With fewer, nobody can tell how it goes on. */
const FEW = 12;

/** What limits are wired to. */
interface LimitingOptions {
  readonly config: Pick<Config, "thingspeak" | "feedFile" | "alarms" | "timeZone">;
  readonly plants: Pick<Plants, "fields" | "devices">;
  /** TwinCAT's devices as they are now. */
  readonly devices: () => readonly Device[];
  readonly numberOf: NumberOf;
  readonly recorder: Pick<Recorder, "read" | "series">;
  readonly feed: Pick<Feed, "channel" | "read">;
  readonly store: Pick<Store, "keyValue" | "heartbeats"> & { readonly alarms: Pick<Alarms, "ofEvent"> };
  readonly notifier: Pick<Notifier, "take">;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Compares what comes with the limits of the plants file: values of topics come by `take`; a channel or a file is read each minute for fields
 * with limits and without a topic.
 */
export class Limiting {
  readonly #options: LimitingOptions;
  readonly #limits: LimitMonitor;
  readonly tickers: readonly Ticker[];
  /** As the channel names its fields. */
  #known: readonly Field[] = [];
  /** What told, the last time, whether members, or their limits, are others. */
  #seenMembers = "";

  constructor(options: LimitingOptions) {
    const { config, recorder, feed, store, notifier, clock, log } = options;
    this.#options = options;
    this.#limits = new LimitMonitor({
      series: () => [...this.#ofFields(), ...this.#ofMembers()],
      async read({ keys, field }, startAt, endAt) {
        const recorded = await Promise.all(keys.map((key) => recorder.read(key, startAt, endAt)));
        const enough = recorded.find(({ times }) => times.length >= FEW);
        return enough ?? feed.read({ field: field ?? 0, startAt, endAt });
      },
      report: notifier.take,
      async isActive(event) {
        const alarm = await store.alarms.ofEvent(event);
        return alarm !== null && isThere(alarm);
      },
      active: () => store.heartbeats.activeTroubles(LIMITS_TOPIC),
      keyValue: store.keyValue,
      lateMs: config.alarms.lateAfterMs,
      timeZone: config.timeZone,
      now: clock.now,
      log,
    });
    const every = (everyMs: number, what: string, work: () => Promise<void>): Ticker =>
      createTicker({ what, work, everyMs, clock, log });
    this.tickers = [
      every(TICK_MS, "telling of limits", this.save),
      every(MEMBERS_MS, "looking for limits of devices", () => this.#lookAtMembers()),
      every(LOOK_MS, "comparing the feed with its limits", () => this.#lookAround()),
    ];
  }

  /** Takes a value that came. */
  readonly take: LimitMonitor["take"] = (key, at, value) => this.#limits.take(key, at, value);
  readonly start: LimitMonitor["start"] = (formerClock) => this.#limits.start(formerClock);
  /** The plants file, or the names of fields, are others now. */
  readonly follow = (): Promise<void> => this.#limits.follow();
  readonly status: LimitMonitor["status"] = () => this.#limits.status();
  /** Tells what is not told yet. */
  readonly save = (): Promise<void> => this.#limits.tick();

  #watched() {
    return this.#options.plants.fields.filter(({ rules }) => rules.length > 0);
  }

  #ofMembers(): readonly WatchedSeries[] {
    const { devices, plants, numberOf } = this.#options;
    return memberLimits(devices(), plants.devices, numberOf);
  }

  #ofFields(): readonly WatchedSeries[] {
    const { config, plants, recorder } = this.#options;
    const channelId = config.thingspeak?.channelId ?? null;
    return this.#watched().map(({ field, name, rules }) => {
      const label = name ?? this.#known.find(({ number }) => number === field)?.label ?? `Field ${field}`;
      const measurement = measurementOf({ number: field, label }, plants.fields);
      const devices = [LIVE_DEVICE, meantChannel(recorder, channelId)].filter((device) => device !== null);
      const keys = devices.map((device) => ({ device, member: fieldMember(field) }));
      return { ...measurement, name: fieldMember(field), field, keys, rules };
    });
  }

  /** Takes what the feed has got since the last time; that it cannot be had is another watch's. */
  async #readFeed(field: number): Promise<void> {
    const { config, feed, clock } = this.#options;
    const now = clock.now();
    const newestAt = this.#limits.newestAt(fieldMember(field));
    const startAt = newestAt === null ? now - config.alarms.lateAfterMs : Math.max(newestAt + 1, now - MAX_BEHIND_MS);
    if (startAt >= now) return;
    const { times, values, instead } = await feed.read({ field, startAt, endAt: now });
    if (instead !== undefined) return;
    const key = { device: LIVE_DEVICE, member: fieldMember(field) };
    for (const [i, at] of times.entries()) this.#limits.take(key, at, numberAt(values, i));
  }

  async #lookAtFeed(): Promise<void> {
    const { config, feed } = this.#options;
    if (this.#watched().length === 0) return;
    const { fields } = await feed.channel();
    // A channel whose first entries came has other fields than before, too.
    if (!isDeepStrictEqual(fields, this.#known)) {
      this.#known = fields;
      await this.#limits.follow();
    }
    if (config.thingspeak === null && config.feedFile === null) return;
    for (const { field, topic } of this.#watched()) if (topic === null) await this.#readFeed(field);
  }

  /** Devices tell their members, and the limits of these, when they like. */
  async #lookAtMembers(): Promise<void> {
    if (this.#options.plants.devices.length === 0) return;
    const mark = JSON.stringify(this.#ofMembers());
    if (mark === this.#seenMembers) return;
    this.#seenMembers = mark;
    await this.#limits.follow();
  }

  async #lookAround(): Promise<void> {
    await this.#lookAtFeed().catch((error: unknown) =>
      this.#options.log.debug({ err: error }, "could not compare the feed with its limits"),
    );
    await this.#limits.tellTrends();
  }
}
