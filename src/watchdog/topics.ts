import type { PlantMessage } from "../alarms/types.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";
import type { TopicSign } from "./diagnose-plant.ts";
import { isQuiet } from "./judge.ts";
import { beat, NO_HEARTBEAT, signAfter, type Heartbeat, type Listened, type Pulse } from "./heartbeat.ts";

/** A sign of life to wait for, on a topic or in a field; the other one is `null`. */
export interface HeartbeatSetting {
  /** An MQTT topic filter: whatever comes on it is a beat. */
  readonly topic: string | null;
  /** ThingSpeak field 1…8. */
  readonly field: number | null;
  /** `null`: to be learned. */
  readonly everyMs: number | null;
  readonly name: string;
}

/** The heartbeats of topics: those that were set, and those found on live topics. */
export interface TopicPulses {
  /** Takes a message as a beat, if its topic is watched. */
  take(message: PlantMessage): void;
  signs(): readonly TopicSign[];
  /** Gives up what was found once and has not come for a week: it was taken out of the plant. */
  forget(now: number): void;
  pulses(): readonly Pulse[];
  /** Messages on live topics beyond the first thousand, which are not watched. */
  unwatched(): number;
}

/** A pulse and what it is heard on. */
interface TopicPulse extends Pulse {
  readonly topic: string;
}

const MAX_FOUND = 1_000;
/** Topics may have 64 KiB; a thousand of them are to stay small. */
const MAX_TOPIC_LENGTH = 1_000;
/** Half of the shortest time that a topic is given: after a shorter pause nobody can say that nothing came any more. */
const MIN_PAUSE_MS = 30_000;
const FORGET_AFTER_MS = 7 * 24 * 3_600_000;
const KEY_PREFIX = "topic ";

/**
 * Creates the heartbeats of topics. When the first message comes after nothing did, the others are given their time anew.
 * @param options.liveFilters each topic that one of them takes gets a heartbeat of its own, which is learned
 * @param options.alarmFilters no heartbeat is looked for there: warnings come when something happens
 * @param options.known heartbeats from before, by the key of their pulse
 * @param options.listeningSince when what is on a topic began to reach us; epoch ms
 */
export function createTopicPulses(options: {
  readonly heartbeats: readonly HeartbeatSetting[];
  readonly liveFilters: readonly string[];
  readonly alarmFilters: readonly string[];
  readonly known: ReadonlyMap<string, Heartbeat>;
  readonly listeningSince: (topic: string) => number;
  /** When an earlier run listened. */
  readonly before: Listened | null;
  /** An instant of ours as it counts: what lies ahead was noted before the clock was set back. */
  readonly present: (at: number) => number;
}): TopicPulses {
  const set: readonly TopicPulse[] = options.heartbeats.flatMap(({ topic, name, everyMs }) => {
    if (topic === null) return [];
    const key = `${KEY_PREFIX}${topic}`;
    return [{ key, topic, name, everyMs, isFound: false, heartbeat: options.known.get(key) ?? NO_HEARTBEAT }];
  });
  const pulses = new Map<string, TopicPulse>(set.map((pulse) => [pulse.topic, pulse]));
  let found = 0;
  let unwatched = 0;
  let newestAt = 0;
  let resumedAt = 0;

  const listeningSince = (topic: string): number => Math.max(resumedAt, options.listeningSince(topic));
  const signs = (): TopicSign[] =>
    [...pulses.values()].map((pulse) => ({
      ...signAfter(asOfNow(pulse), since(pulse.topic), options.before),
      topic: pulse.topic,
    }));

  const since = (topic: string): number => options.present(listeningSince(topic));
  /** Heard by a clock that was ahead, it would be silent for long before anybody noticed. */
  const asOfNow = (pulse: TopicPulse): TopicPulse => {
    const { lastAt } = pulse.heartbeat;
    return lastAt === null ? pulse : { ...pulse, heartbeat: { ...pulse.heartbeat, lastAt: options.present(lastAt) } };
  };

  const isWanted = (topic: string): boolean =>
    options.liveFilters.some((filter) => matchesFilter(filter, topic)) &&
    !options.alarmFilters.some((filter) => matchesFilter(filter, topic));

  function find(topic: string): TopicPulse | null {
    if (!isWanted(topic)) return null;
    if (found >= MAX_FOUND || topic.length > MAX_TOPIC_LENGTH) {
      unwatched += 1;
      return null;
    }
    found += 1;
    const key = `${KEY_PREFIX}${topic}`;
    const pulse = { key, topic, name: topic, everyMs: null, isFound: true };
    return { ...pulse, heartbeat: options.known.get(key) ?? NO_HEARTBEAT };
  }

  for (const key of options.known.keys()) {
    const topic = key.startsWith(KEY_PREFIX) ? key.slice(KEY_PREFIX.length) : null;
    // One that was set for several topics, and is not any more, is no topic that could come.
    const pulse = topic === null || pulses.has(topic) || /[+#]/.test(topic) ? null : find(topic);
    if (pulse) pulses.set(pulse.topic, pulse);
  }

  return {
    take({ topic, receivedAt }) {
      // What was set for a topic takes the place of what would be found.
      const asked = set.filter((pulse) => matchesFilter(pulse.topic, topic)).map((pulse) => pulse.topic);
      for (const key of asked.length > 0 ? asked : [topic]) {
        const pulse = pulses.get(key) ?? find(topic);
        if (!pulse) continue;
        if (receivedAt - newestAt >= MIN_PAUSE_MS && isQuiet(signs(), receivedAt)) resumedAt = receivedAt;
        newestAt = receivedAt;
        pulses.set(key, { ...pulse, heartbeat: beat(pulse.heartbeat, receivedAt, listeningSince(key)) });
      }
    },
    signs,
    forget(now) {
      for (const { topic, isFound, heartbeat } of pulses.values()) {
        const waitingSince = Math.max(heartbeat.lastAt ?? 0, listeningSince(topic));
        if (!isFound || now - waitingSince < FORGET_AFTER_MS) continue;
        pulses.delete(topic);
        found -= 1;
      }
    },
    pulses: () => [...pulses.values()],
    unwatched: () => unwatched,
  };
}
