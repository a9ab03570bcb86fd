import type { AlarmEvent } from "../../alarms/event.ts";
import { rankOf, SEVERITIES, type Severity } from "../../alarms/types.ts";
import type { Database, Queries } from "../sql/database.ts";
import { writeRows } from "../sql/rows.ts";

/** An event that is to be written. */
export interface NewEvent {
  readonly id: number;
  readonly alarmId: number;
  readonly event: AlarmEvent;
  /** `null`: none is a copy of it. */
  readonly dedupeKey: string | null;
  readonly packetId: number | null;
  /** Whether a broker keeps it. */
  isRetained: boolean;
}

/** Appends events. */
export const appendEvents = (queries: Queries, events: readonly NewEvent[]): Promise<void> =>
  writeRows(queries, INSERT, events.map(toRow));

const INSERT = `INSERT INTO events (id, alarm_id, dedupe_key, topic, payload, is_retained, received_at, occurred_at, severity, state,
  value, packet_id) VALUES`;

const toRow = ({ id, alarmId, dedupeKey, event, isRetained, packetId }: NewEvent) => [
  id,
  alarmId,
  dedupeKey,
  event.topic,
  event.payload,
  isRetained ? 1 : 0,
  event.receivedAt,
  event.occurredAt,
  rankOf(event.severity),
  event.state,
  event.value,
  packetId,
];

/** What the newest event of an alarm said, byte for byte; `null` if none is kept. */
export async function newestPayload(queries: Queries, alarmId: number): Promise<Uint8Array | null> {
  const [row] = await queries.all<{ payload: Uint8Array }>(
    "SELECT payload FROM events WHERE alarm_id = $1 ORDER BY id DESC LIMIT 1",
    alarmId,
  );
  return row?.payload ?? null;
}

/**
 * The lowest id of the events that came since then, or one above all. Ids grow with time, so it is found by halving: an index
 * on the time would cost each event more than this ever saves. For counting only: where the clock once stood wrong it is not
 * exact, and what is forgotten goes by `lastOldId`.
 */
export async function firstEventSince(queries: Pick<Queries, "all">, since: number): Promise<number> {
  const [ends] = await queries.all<{ first: number | null; last: number | null }>(
    // Each by itself, as SQLite reads the whole table when both are asked for in one go.
    "SELECT (SELECT MIN(id) FROM events) AS first, (SELECT MAX(id) FROM events) AS last",
  );
  let [low, high] = [ends?.first ?? 0, (ends?.last ?? 0) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [row] = await queries.all<{ id: number; at: number }>(
      "SELECT id, received_at AS at FROM events WHERE id >= $1 ORDER BY id LIMIT 1",
      middle,
    );
    if (row && row.at < since) low = row.id + 1;
    else high = middle;
  }
  return low;
}

/** What is kept of an event for looking back. */
export interface EventRecord {
  /** By the plant's clock if it told, else ours; epoch ms. */
  readonly at: number;
  readonly severity: Severity;
  readonly state: AlarmEvent["state"];
  readonly value: number | null;
}

/** The newest events of an alarm, newest first. */
export async function listEvents(database: Database, alarmId: number, limit: number): Promise<EventRecord[]> {
  const rows = await database.all<{ at: number; severity: number; state: AlarmEvent["state"]; value: number | null }>(
    `SELECT COALESCE(occurred_at, received_at) AS at, severity, state, value FROM events
     WHERE alarm_id = $1 ORDER BY id DESC LIMIT $2`,
    alarmId,
    limit,
  );
  return rows.map((row) => ({ ...row, severity: SEVERITIES[row.severity] ?? "critical" }));
}
