import type { AlarmEvent } from "../../alarms/event.ts";
import type { Queries } from "../sql/database.ts";
import { readRowsOf, writeRows } from "../sql/rows.ts";
import { together } from "../sql/together.ts";

/**
 * What stands in each slot, as far as its messages came here. Kept apart from the events: the broker hands a message out
 * again for as long as it stands there, which may be long after the events of that time are gone.
 */
export interface Slots {
  /** Whether a slot holds the message of an event already, so that it is state, not news. */
  holds(event: AlarmEvent): boolean;
  /** Notes which message stands in its slot now, and of which alarm. */
  fill(event: AlarmEvent): void;
  /**
   * Notes that a slot is empty.
   * @returns the key of the alarm whose message stood there; `null` if none did that came here
   */
  empty(topic: string): string | null;
  flush(): Promise<void>;
}

interface StandingMessage {
  readonly alarmKey: string;
  readonly messageKey: string;
}

/** The key of the message that stands in a slot; `null` if none does that came here. */
export async function messageInSlot(queries: Queries, topic: string): Promise<string | null> {
  const [row] = await queries.all<{ message_key: string }>("SELECT message_key FROM slots WHERE topic = $1", topic);
  return row?.message_key ?? null;
}

/** Opens the slots that a batch of events is about, in a transaction. */
export async function openSlots(queries: Queries, batch: readonly AlarmEvent[]): Promise<Slots> {
  const standing = new Map<string, StandingMessage>();
  const changed = new Set<string>();
  const topics = [...new Set(batch.flatMap(({ slot, topic }) => (slot ? [topic] : [])))];
  interface Row {
    topic: string;
    alarm_key: string;
    message_key: string;
  }
  for (const row of await readRowsOf<Row>(queries, "SELECT * FROM slots WHERE topic IN", topics))
    standing.set(row.topic, { alarmKey: row.alarm_key, messageKey: row.message_key });

  return {
    holds({ topic, slot, isRetained }) {
      if (!slot) return false;
      // Without a time of its own, a message that looks alike is a copy only if nobody can have raised it just now.
      if (!slot.isTimed && !isRetained && slot.acknowledgedBy === null) return false;
      return (standing.get(topic)?.messageKey ?? null) === slot.messageKey;
    },
    fill({ topic, slot, alarmKey }) {
      const messageKey = slot?.messageKey ?? null;
      if (messageKey === null || standing.get(topic)?.messageKey === messageKey) return;
      standing.set(topic, { alarmKey, messageKey });
      changed.add(topic);
    },
    empty(topic) {
      const before = standing.get(topic);
      if (before === undefined) return null;
      standing.delete(topic);
      changed.add(topic);
      return before.alarmKey;
    },
    async flush() {
      const filled = [...changed].flatMap((topic) => {
        const stands = standing.get(topic);
        return stands ? [[topic, stands.alarmKey, stands.messageKey]] : [];
      });
      const emptied = [...changed].filter((topic) => !standing.has(topic));
      changed.clear();
      const writes = writeRows(
        queries,
        "INSERT INTO slots (topic, alarm_key, message_key) VALUES",
        filled,
        "ON CONFLICT (topic) DO UPDATE SET alarm_key = excluded.alarm_key, message_key = excluded.message_key",
      );
      const deletes = emptied.map((topic) => queries.run("DELETE FROM slots WHERE topic = $1", topic));
      await together([writes, ...deletes]);
    },
  };
}
