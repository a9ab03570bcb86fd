import { rankOf, type AlarmEvent } from "../alarms/types.ts";
import type { Queries } from "./database.ts";

/**
 * Appends one event.
 * @returns false if a copy of it is there already
 */
export async function appendEvent(queries: Queries, id: number, alarmId: number, event: AlarmEvent): Promise<boolean> {
  const changes = await queries.run(
    `INSERT INTO events (id, alarm_id, dedupe_key, topic, payload, is_retained, received_at, occurred_at, severity, state, value)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (dedupe_key) DO NOTHING`,
    id,
    alarmId,
    event.dedupeKey,
    event.topic,
    event.payload,
    event.isRetained ? 1 : 0,
    event.receivedAt,
    event.occurredAt,
    rankOf(event.severity),
    event.state,
    event.value,
  );
  return changes > 0;
}
