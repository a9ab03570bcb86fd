import type { AlarmEvent } from "../event.ts";
import { MAX_KEPT, withoutMeasured } from "./measured.ts";
import { originOfAlarm } from "../origin.ts";
import type { Alarm } from "../types.ts";

/** Knows which alarms look alike: what cards call alike says the same on more than one topic. */
export interface Likeness {
  note(events: readonly AlarmEvent[]): void;
  /** Whether an alarm is told from another one by its topic alone. */
  isAlike(alarm: Alarm): boolean;
}

/** As many texts are known, the newest. */
const MAX_TEXTS = 5_000;

const textOf = (alarm: Parameters<typeof originOfAlarm>[0]): string =>
  `${originOfAlarm(alarm).name}\n${withoutMeasured(alarm.message.slice(0, MAX_KEPT))}`;

/** Begins with no texts; they are known for this run only. */
export function createLikeness(): Likeness {
  /** Of each text two topics at most. */
  const topics = new Map<string, ReadonlySet<string>>();

  return {
    note(events) {
      for (const { source, topic, message, slot, label = null, state } of events) {
        if (state === "cleared") continue;
        const text = textOf({ source, topic, message, handling: { label } });
        const known = topics.get(text) ?? new Set();
        // An alarm may stand in any slot of its ring.
        const place = slot?.ringBuffer ?? topic;
        topics.delete(text);
        topics.set(text, known.size > 1 || known.has(place) ? known : new Set([...known, place]));
        const [oldest] = topics.keys();
        if (topics.size > MAX_TEXTS && oldest !== undefined) topics.delete(oldest);
      }
    },
    isAlike: (alarm) => (topics.get(textOf(alarm))?.size ?? 0) > 1,
  };
}
