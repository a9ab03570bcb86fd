import type { AlarmEvent } from "../event.ts";
import { withoutMeasured } from "./measured.ts";
import { originOfAlarm } from "../origin.ts";
import type { Alarm } from "../types.ts";

/** Knows which alarms look alike: what cards call alike says the same on more than one topic. */
export interface Likeness {
  note(events: readonly AlarmEvent[]): void;
  /** Whether an alarm is told from another one by its topic alone. */
  isAlike(alarm: Alarm): boolean;
}

/** As many texts are known, the newest; a text as far as that. */
const MAX_TEXTS = 5_000;
const MAX_TEXT = 200;

const textOf = (alarm: Parameters<typeof originOfAlarm>[0]): string =>
  `${originOfAlarm(alarm).name}\n${withoutMeasured(alarm.message.slice(0, MAX_TEXT))}`;

/** Begins with no texts; they are known for this run only. */
export function createLikeness(): Likeness {
  /** Of each text two topics at most. */
  const topics = new Map<string, ReadonlySet<string>>();

  return {
    note(events) {
      for (const event of events.filter(({ state }) => state !== "cleared")) {
        const text = textOf({ ...event, handling: { label: event.label ?? null } });
        const known = topics.get(text) ?? new Set();
        // An alarm may stand in any slot of its ring.
        const topic = event.slot?.ringBuffer ?? event.topic;
        topics.delete(text);
        topics.set(text, known.size < 2 ? new Set([...known, topic]) : known);
        const [oldest] = topics.keys();
        if (topics.size > MAX_TEXTS && oldest !== undefined) topics.delete(oldest);
      }
    },
    isAlike: (alarm) => (topics.get(textOf(alarm))?.size ?? 0) > 1,
  };
}
