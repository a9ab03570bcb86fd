import type { PlantMessage } from "../alarms/plant-message.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";
import { createBrokerLink, type BrokerStatus } from "./broker-link.ts";
import type { WatchFacts } from "./diagnose.ts";
import { FieldMonitors, type UnaskedField, type NewestEntry } from "./field-monitors.ts";
import type { Listened } from "../store/heartbeats.ts";
import { tookOver, type Heartbeat, type Monitor } from "./heartbeat.ts";
import type { OnUnread } from "../measurements/unread.ts";
import type { BrokerBridge } from "../plants/plants.ts";
import { deviceTopicOf, Presences } from "./presences.ts";
import type { HeartbeatSetting } from "../plants/plants.ts";
import { TopicMonitors } from "./topic-monitors.ts";

/** What to watch. */
export interface WatchdogSettings {
  readonly heartbeats: readonly HeartbeatSetting[];
  readonly bridges: readonly BrokerBridge[];
  /** Descriptions and values of TwinCAT devices; devices are watched, and not each of their topics. */
  readonly deviceFilters: readonly string[];
  /** Each topic that one of these takes gets a heartbeat of its own, which is learned. */
  readonly liveFilters: readonly string[];
  /** Warnings come when something happens: their topics have no heartbeat unless one is set. */
  readonly alarmFilters: readonly string[];
  /** IANA name, for the times in messages. */
  readonly timeZone: string;
}

/** The filters to subscribe to besides the alarms'. */
export function liveTopicsOf(settings: WatchdogSettings): readonly string[] {
  const { heartbeats, bridges, deviceFilters, liveFilters, alarmFilters } = settings;
  const asked = heartbeats.flatMap(({ topic }) => (topic === null || alarmFilters.includes(topic) ? [] : [topic]));
  return [...new Set([...asked, ...liveFilters, ...deviceFilters, ...bridges.map(({ topic }) => topic)])];
}

/** What they are made from. */
export interface MonitorsOptions {
  readonly settings: WatchdogSettings;
  readonly broker: () => BrokerStatus;
  /** The newest entry of each field of the channel; `null`: there is no channel. */
  readonly latest: (() => Promise<readonly (NewestEntry | UnaskedField)[]>) | null;
  /** Heartbeats from before, by the key of their monitor. */
  readonly known: ReadonlyMap<string, Heartbeat>;
  /** When an earlier run listened. */
  readonly before: Listened | null;
  /** What troubles raised before are about. */
  readonly raised: readonly string[];
  readonly onUnread: OnUnread;
  readonly now: () => number;
  /** See `ClockWatch.present`. */
  readonly present: (at: number) => number;
  /** See wake-watch.ts. */
  readonly awakeSince: () => number;
}

/** All that notices signs of life; in memory only. */
export class Monitors {
  readonly #options: MonitorsOptions;
  readonly #link: ReturnType<typeof createBrokerLink>;
  readonly #presences: Presences;
  readonly #topics: TopicMonitors;
  readonly #fields: FieldMonitors | null;

  constructor(options: MonitorsOptions) {
    const { settings, known, before, latest, now, present, awakeSince, onUnread } = options;
    const { heartbeats, bridges, alarmFilters } = settings;
    const filters = [...liveTopicsOf(settings), ...alarmFilters];
    this.#options = options;
    this.#link = createBrokerLink(options.broker, filters.length > alarmFilters.length, now);
    const linkSince = (): number => this.#heardSince();
    this.#presences = new Presences({
      bridges,
      offline: options.raised
        .map(deviceTopicOf)
        .filter((topic) => topic !== null)
        .filter((topic) => filters.some((filter) => matchesFilter(filter, topic))),
      linkSince,
      isSet: (topic) => heartbeats.some((one) => one.topic !== null && matchesFilter(one.topic, topic)),
      now,
      onUnread,
    });
    const listeningSince = (topic: string): number => Math.max(linkSince(), this.#presences.reachableSince(topic));
    this.#topics = new TopicMonitors({ ...settings, known, before, listeningSince, present });
    this.#fields = latest && new FieldMonitors({ heartbeats, latest, known, now, present, awakeSince });
  }

  take(message: PlantMessage): void {
    // What a broker kept says how it was, not that anybody lives: it is handed out at each start.
    if (!this.#presences.take(message) && !message.isRetained) this.#topics.take(message);
  }

  /** Asks ThingSpeak, if there is a channel; never rejects. */
  async poll(): Promise<void> {
    await this.#fields?.poll();
  }

  facts(): WatchFacts {
    const { now, awakeSince, settings } = this.#options;
    return {
      now: now(),
      awakeSince: awakeSince(),
      timeZone: settings.timeZone,
      link: this.#link(),
      bridges: this.#presences.bridges(),
      devices: this.#presences.devices(),
      topics: this.#topics.observations(),
      thingspeak: this.#fields && this.#fields.state(),
      fields: this.#fields ? this.#fields.observations() : [],
    };
  }

  /** Gives up what has stayed away for long, if nobody set it. */
  forget(): void {
    if (this.#link().state === "up") this.#topics.forget(this.#options.now());
  }

  all(): readonly Monitor[] {
    return [...this.#topics.monitors(), ...(this.#fields ? this.#fields.monitors() : [])];
  }

  /** See `TopicMonitors.unwatched`. */
  unwatched(): number {
    return this.#topics.unwatched();
  }

  /** Since when what comes reaches us, or whom we took over from; `null`: it does not. */
  listened(): Listened | null {
    if (this.#link().state !== "up") return null;
    const { before, now } = this.#options;
    const since = this.#heardSince();
    return { since: tookOver(since, before) ? before.since : since, until: now() };
  }

  /** Since when what comes over the link can reach us. */
  #heardSince(): number {
    return Math.max(this.#link().since, this.#options.awakeSince());
  }
}
