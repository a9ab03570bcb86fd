import type { PlantMessage } from "../alarms/types.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";
import { createBrokerLink, type BrokerStatus } from "./broker-link.ts";
import type { Facts } from "./diagnose.ts";
import { createFieldPulses, type FailedEntry, type LatestEntry } from "./fields.ts";
import { tookOver, type Heartbeat, type Listened, type Pulse } from "./heartbeat.ts";
import type { OnUnread } from "../measurements/unread.ts";
import { createPresences, deviceTopicOf, type BridgeSetting } from "./presences.ts";
import { createTopicPulses, type HeartbeatSetting } from "./topics.ts";

/** What to watch. */
export interface SilenceSettings {
  readonly heartbeats: readonly HeartbeatSetting[];
  readonly bridges: readonly BridgeSetting[];
  /** Descriptions and values of TwinCAT devices; devices are watched, and not each of their topics. */
  readonly deviceFilters: readonly string[];
  /** Each topic that one of these takes gets a heartbeat of its own, which is learned. */
  readonly liveFilters: readonly string[];
  /** Warnings come when something happens: their topics have no heartbeat unless one is set. */
  readonly alarmFilters: readonly string[];
  /** IANA name, for the times in messages. */
  readonly timeZone: string;
}

/** All that notices signs of life; in memory only. */
export interface Senses {
  take(message: PlantMessage): void;
  /** Asks ThingSpeak, if there is a channel; never rejects. */
  poll(): Promise<void>;
  facts(): Facts;
  /** Gives up what has stayed away for long, if nobody set it. */
  forget(): void;
  pulses(): readonly Pulse[];
  /** See `TopicPulses.unwatched`. */
  unwatched(): number;
  /** Since when what comes reaches us, or whom we took over from; `null`: it does not. */
  listened(): Listened | null;
}

/** The filters to subscribe to besides the alarms'. */
export function liveTopicsOf(settings: SilenceSettings): readonly string[] {
  const { heartbeats, bridges, deviceFilters, liveFilters, alarmFilters } = settings;
  const asked = heartbeats.flatMap(({ topic }) => (topic === null || alarmFilters.includes(topic) ? [] : [topic]));
  return [...new Set([...asked, ...liveFilters, ...deviceFilters, ...bridges.map(({ topic }) => topic)])];
}

/**
 * Creates them.
 * @param options.latest `null`: there is no channel
 * @param options.known heartbeats from before, by the key of their pulse
 * @param options.raised what troubles raised before are about
 */
export function createSenses(options: {
  readonly settings: SilenceSettings;
  readonly broker: () => BrokerStatus;
  readonly latest: (() => Promise<readonly (LatestEntry | FailedEntry)[]>) | null;
  readonly known: ReadonlyMap<string, Heartbeat>;
  /** When an earlier run listened. */
  readonly before: Listened | null;
  readonly raised: readonly string[];
  readonly onUnread: OnUnread;
  readonly now: () => number;
  /** See `ClockWatch.present`. */
  readonly present: (at: number) => number;
  /** See wake-watch.ts. */
  readonly awakeSince: () => number;
}): Senses {
  const { settings, known, before, latest, now, awakeSince } = options;
  const { heartbeats, bridges, alarmFilters, timeZone } = settings;
  const filters = [...liveTopicsOf(settings), ...alarmFilters];
  const isListenedTo = (topic: string): boolean => filters.some((filter) => matchesFilter(filter, topic));

  const link = createBrokerLink(options.broker, filters.length > alarmFilters.length, now);
  /** Since when what comes over the link can reach us. */
  const heardSince = (): number => Math.max(link().since, awakeSince());
  const offline = options.raised
    .map(deviceTopicOf)
    .filter((topic) => topic !== null)
    .filter(isListenedTo);
  const presences = createPresences({
    bridges,
    offline,
    linkSince: heardSince,
    isSet: (topic) => heartbeats.some((one) => one.topic !== null && matchesFilter(one.topic, topic)),
    now,
    onUnread: options.onUnread,
  });
  const listeningSince = (topic: string): number => Math.max(heardSince(), presences.reachableSince(topic));
  const topics = createTopicPulses({ ...settings, known, before, listeningSince, present: options.present });
  const fields = latest && createFieldPulses({ heartbeats, latest, known, now, awakeSince });

  return {
    take(message) {
      // What a broker kept says how it was, not that anybody lives: it is handed out at each start.
      if (!presences.take(message) && !message.isRetained) topics.take(message);
    },
    poll: async () => fields?.poll(),
    facts: () => ({
      now: now(),
      awakeSince: awakeSince(),
      timeZone,
      link: link(),
      bridges: presences.bridges(),
      devices: presences.devices(),
      topics: topics.signs(),
      thingspeak: fields && fields.state(),
      fields: fields ? fields.signs() : [],
    }),
    forget() {
      if (link().state === "up") topics.forget(now());
    },
    pulses: () => [...topics.pulses(), ...(fields ? fields.pulses() : [])],
    unwatched: () => topics.unwatched(),
    listened() {
      if (link().state !== "up") return null;
      const since = heardSince();
      return { since: tookOver(since, before) ? before.since : since, until: now() };
    },
  };
}
