import type { PlantMessage } from "../alarms/plant-message.ts";
import type { HeartbeatSetting } from "../plants/plants.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";
import type { TopicObservation } from "./plant-facts.ts";
import { isOriginSilent } from "./classify.ts";
import type { Listened } from "../store/heartbeats.ts";
import { asOfNow, recordBeat, NO_HEARTBEAT, observeAfterTakeOver, type Heartbeat, type Monitor } from "./heartbeat.ts";

/** A monitor and what it is heard on. */
interface TopicMonitor extends Monitor {
  readonly topic: string;
}

const MAX_FOUND = 1_000;
/** Topics may have 64 KiB; a thousand of them are to stay small. */
const MAX_TOPIC_LENGTH = 1_000;
/** Half of the shortest time that a topic is given: after a shorter pause nobody can say that nothing came any more. */
const MIN_PAUSE_MS = 30_000;
const FORGET_AFTER_MS = 7 * 24 * 3_600_000;
const KEY_PREFIX = "topic ";

interface TopicMonitorsOptions {
  readonly heartbeats: readonly HeartbeatSetting[];
  /** Each topic that one of them takes gets a heartbeat of its own, which is learned. */
  readonly liveFilters: readonly string[];
  /** No heartbeat is looked for there: warnings come when something happens. */
  readonly alarmFilters: readonly string[];
  /** Heartbeats from before, by the key of their monitor. */
  readonly known: ReadonlyMap<string, Heartbeat>;
  /** When what is on a topic began to reach us; epoch ms. */
  readonly listeningSince: (topic: string) => number;
  /** When an earlier run listened. */
  readonly before: Listened | null;
  /** An instant of ours as it counts: what lies ahead was noted before the clock was set back. */
  readonly present: (at: number) => number;
}

/**
 * The heartbeats of topics: those that were set, and those found on live topics. When the first message comes after nothing did, the
 * others are given their time anew.
 */
export class TopicMonitors {
  readonly #options: TopicMonitorsOptions;
  readonly #set: readonly TopicMonitor[];
  readonly #monitors: Map<string, TopicMonitor>;
  #found = 0;
  #unwatched = 0;
  #newestAt = 0;
  #resumedAt = 0;

  constructor(options: TopicMonitorsOptions) {
    this.#options = options;
    this.#set = options.heartbeats.flatMap(({ topic, name, everyMs }) =>
      topic === null ? [] : [this.#monitorOf(topic, { name, everyMs, isFound: false })],
    );
    this.#monitors = new Map(this.#set.map((monitor) => [monitor.topic, monitor]));
    for (const key of options.known.keys()) {
      const topic = key.startsWith(KEY_PREFIX) ? key.slice(KEY_PREFIX.length) : null;
      // One that was set for several topics, and is not any more, is not a topic that could come.
      const monitor = topic === null || this.#monitors.has(topic) || /[+#]/.test(topic) ? null : this.#find(topic);
      if (monitor) this.#monitors.set(monitor.topic, monitor);
    }
  }

  /** Takes a message as a beat, if its topic is watched. */
  take({ topic, receivedAt }: PlantMessage): void {
    // What was set for a topic takes the place of what would be found.
    const asked = this.#set.filter((monitor) => matchesFilter(monitor.topic, topic)).map((monitor) => monitor.topic);
    for (const key of asked.length > 0 ? asked : [topic]) {
      const monitor = this.#monitors.get(key) ?? this.#find(topic);
      if (!monitor) continue;
      if (receivedAt - this.#newestAt >= MIN_PAUSE_MS && isOriginSilent(this.observations(), receivedAt))
        this.#resumedAt = receivedAt;
      this.#newestAt = receivedAt;
      const heartbeat = recordBeat(monitor.heartbeat, receivedAt, this.#listeningSince(key));
      this.#monitors.set(key, { ...monitor, heartbeat });
    }
  }

  observations(): TopicObservation[] {
    const { before, present } = this.#options;
    return this.monitors().map((monitor) => ({
      ...observeAfterTakeOver(asOfNow(monitor, present), present(this.#listeningSince(monitor.topic)), before),
      topic: monitor.topic,
    }));
  }

  /** Gives up what was found once and has not come for a week: it was taken out of the plant. */
  forget(now: number): void {
    for (const { topic, isFound, heartbeat } of this.#monitors.values()) {
      const waitingSince = Math.max(heartbeat.lastAt ?? 0, this.#listeningSince(topic));
      if (!isFound || now - waitingSince < FORGET_AFTER_MS) continue;
      this.#monitors.delete(topic);
      this.#found -= 1;
    }
  }

  monitors(): readonly TopicMonitor[] {
    return [...this.#monitors.values()];
  }

  /** Messages on live topics beyond the first thousand, which are not watched. */
  unwatched(): number {
    return this.#unwatched;
  }

  #listeningSince(topic: string): number {
    return Math.max(this.#resumedAt, this.#options.listeningSince(topic));
  }

  #find(topic: string): TopicMonitor | null {
    const { liveFilters, alarmFilters } = this.#options;
    const isTaken = (filters: readonly string[]): boolean => filters.some((filter) => matchesFilter(filter, topic));
    if (!isTaken(liveFilters) || isTaken(alarmFilters)) return null;
    if (this.#found >= MAX_FOUND || topic.length > MAX_TOPIC_LENGTH) {
      this.#unwatched += 1;
      return null;
    }
    this.#found += 1;
    return this.#monitorOf(topic, { name: topic, everyMs: null, isFound: true });
  }

  #monitorOf(topic: string, monitor: Pick<TopicMonitor, "name" | "everyMs" | "isFound">): TopicMonitor {
    const key = `${KEY_PREFIX}${topic}`;
    return { key, topic, ...monitor, heartbeat: this.#options.known.get(key) ?? NO_HEARTBEAT };
  }
}
