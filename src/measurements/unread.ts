import { clean, shorten } from "../alarms/text.ts";
import { textOf } from "../lib/text/text-of-bytes.ts";

/** What came on one topic and could not be read: as a value of a field, or as the word of a presence. */
export interface Unread {
  readonly topic: string;
  readonly count: number;
  /** The newest of them, as far as it is text. */
  readonly example: string;
  /** Epoch ms. */
  readonly lastAt: number;
}

/** Takes what could not be read; cheap, as it may be called thousands of times a second. */
export type OnUnread = (topic: string, payload: Uint8Array) => void;

/** Counts it, so that it does not vanish without a word. */
export interface UnreadCounts {
  readonly add: OnUnread;
  /** How much of it came since the start. */
  readonly total: () => number;
  /** What came lately, the newest first. */
  readonly lately: () => readonly Unread[];
}

const LATELY_MS = 24 * 3_600_000;
/** Many more than the plants file has; their names may have 64 KiB, and are to stay small. */
const MAX_TOPICS = 100;
const MAX_TOPIC_LENGTH = 200;
const MAX_EXAMPLE = 40;
/** As much of a payload as an example needs, whatever it is written in. */
const EXAMPLE_BYTES = 400;

/** Creates the counts; they begin anew at each start. */
export function createUnreadCounts({ now }: { readonly now: () => number }): UnreadCounts {
  /** In the order in which each was last seen. */
  const counts = new Map<
    string,
    { readonly count: number; readonly start: Uint8Array; readonly size: number; readonly lastAt: number }
  >();
  let total = 0;
  return {
    add(topic, payload) {
      total += 1;
      const key = shorten(topic, MAX_TOPIC_LENGTH);
      const count = (counts.get(key)?.count ?? 0) + 1;
      counts.delete(key);
      // A copy: the payload may be a part of what came over the socket.
      counts.set(key, { count, start: payload.slice(0, EXAMPLE_BYTES), size: payload.length, lastAt: now() });
      const [oldest] = counts.keys();
      if (counts.size > MAX_TOPICS && oldest !== undefined) counts.delete(oldest);
    },
    total: () => total,
    lately: () =>
      [...counts]
        .filter(([, { lastAt }]) => Math.abs(now() - lastAt) < LATELY_MS)
        .map(([topic, { count, start, size, lastAt }]) => ({
          topic: clean(topic),
          count,
          example: exampleOf(start, size),
          lastAt,
        }))
        .toReversed(),
  };
}

function exampleOf(start: Uint8Array, size: number): string {
  const text = textOf(start);
  return text === null ? `binary, ${size} bytes` : `“${shorten(clean(text).replaceAll(/\s+/g, " "), MAX_EXAMPLE)}”`;
}
