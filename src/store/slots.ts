import type { AlarmEvent } from "../alarms/event.ts";
import type { Queries } from "./database.ts";

/**
 * What stands in each slot, as far as its messages came here. Kept apart from the events: the broker hands a message out
 * again for as long as it stands there, which may be long after the events of that time are gone.
 */

/** Whether a slot holds the message of an event already, so that it is state, not news. */
export async function isInSlot(queries: Queries, { topic, slot, isRetained }: AlarmEvent): Promise<boolean> {
  if (!slot) return false;
  // Without a time of its own, a message that looks alike is a copy only if nobody can have raised it just now.
  if (!slot.isTimed && !isRetained && slot.acknowledgedBy === null) return false;
  return (await messageInSlot(queries, topic)) === slot.messageKey;
}

/** The key of the message that stands in a slot; `null` if none does that came here. */
export async function messageInSlot(queries: Queries, topic: string): Promise<string | null> {
  const [row] = await queries.all<{ message_key: string }>("SELECT message_key FROM slots WHERE topic = $1", topic);
  return row?.message_key ?? null;
}

/** Notes which message stands in its slot now, and of which alarm. */
export async function fillSlot(queries: Queries, { topic, slot, alarmKey }: AlarmEvent): Promise<void> {
  if (!slot) return;
  await queries.run(
    `INSERT INTO slots (topic, alarm_key, message_key) VALUES ($1, $2, $3)
     ON CONFLICT (topic) DO UPDATE SET alarm_key = excluded.alarm_key, message_key = excluded.message_key
     WHERE slots.message_key <> excluded.message_key`,
    topic,
    alarmKey,
    slot.messageKey,
  );
}

/**
 * Notes that a slot is empty.
 * @returns the key of the alarm whose message stood there; `null` if none did that came here
 */
export async function emptySlot(queries: Queries, topic: string): Promise<string | null> {
  const [row] = await queries.all<{ alarm_key: string }>(
    "DELETE FROM slots WHERE topic = $1 RETURNING alarm_key",
    topic,
  );
  return row?.alarm_key ?? null;
}
