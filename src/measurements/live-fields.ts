import type { PlantMessage } from "../alarms/plant-message.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";
import type { OnUnread } from "./unread.ts";
import { liveValueOf, readLiveTopicMessage, saysNothing } from "./live-value.ts";

/** A field whose values come on a topic. */
export interface LiveField {
  readonly field: number;
  /** An MQTT topic filter; `null`: they do not come from the broker. */
  readonly topic: string | null;
  /** Which member of a JSON message; see `liveValueOf`. */
  readonly value: string | null;
}

/** What takes the values of fields from the messages that come. */
export interface LiveFields {
  /** The topics to listen to. */
  topics(): readonly string[];
  /** Takes any message; quick. What a broker kept says how it was, not how it is. */
  take(message: PlantMessage): void;
}

/**
 * Reads the values of fields that have a topic, each at the time at which it came: the clocks of plants differ.
 * @param options.fields as the plants file has them now
 * @param options.onUnread is told what cannot be read
 */
export function createLiveFields(options: {
  readonly fields: () => readonly LiveField[];
  readonly onValue: (field: number, at: number, value: number) => void;
  readonly onUnread: OnUnread;
}): LiveFields {
  const { fields, onValue, onUnread } = options;
  const recorded = () => fields().filter((one): one is LiveField & { topic: string } => one.topic !== null);

  return {
    topics: () => [...new Set(recorded().map(({ topic }) => topic))],
    take({ topic, payload, isRetained, receivedAt }) {
      if (isRetained) return;
      const meant = recorded().filter((one) => matchesFilter(one.topic, topic));
      if (meant.length === 0) return;
      const message = readLiveTopicMessage(payload);
      if (message === null) return onUnread(topic, payload);
      let isRead = meant.some(({ field, value }) => saysNothing(message, field, value));
      for (const one of meant) {
        const value = liveValueOf(message, one.field, one.value);
        if (value === null) continue;
        onValue(one.field, receivedAt, value);
        isRead = true;
      }
      // A message may be about one of several fields.
      if (!isRead) onUnread(topic, payload);
    },
  };
}
