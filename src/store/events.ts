import type { AlarmEvent } from "../alarms/event.ts";
import { rankOf, SEVERITIES, type Severity } from "../alarms/types.ts";
import type { Database, Queries } from "./database.ts";

/**
 * Appends one event.
 * @returns false if it is a copy of one that is there already; what a broker keeps is noted, since it will come again
 */
export async function appendEvent(queries: Queries, id: number, alarmId: number, event: AlarmEvent): Promise<boolean> {
  if (await insertEvent(queries, id, alarmId, event, event.dedupeKey)) return true;
  if (await isAnother(queries, event)) return insertEvent(queries, id, alarmId, event, null);
  if (event.isRetained) {
    await queries.run("UPDATE events SET is_retained = 1 WHERE dedupe_key = $1", event.dedupeKey);
  }
  return false;
}

async function insertEvent(
  queries: Queries,
  id: number,
  alarmId: number,
  event: AlarmEvent,
  dedupeKey: string | null,
): Promise<boolean> {
  const changes = await queries.run(
    `INSERT INTO events (id, alarm_id, dedupe_key, topic, payload, is_retained, received_at, occurred_at, severity, state, value, packet_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (dedupe_key) DO NOTHING`,
    id,
    alarmId,
    dedupeKey,
    event.topic,
    event.payload,
    event.isRetained ? 1 : 0,
    event.receivedAt,
    event.occurredAt,
    rankOf(event.severity),
    event.state,
    event.value,
    event.packetId ?? null,
  );
  return changes > 0;
}

/**
 * Whether a message that looks like an earlier one is another all the same: something else was told of the alarm since then, at the same
 * time by the plant's clock, which may show no more than seconds, and it is not the same delivery. What is older than that is a copy that
 * came late.
 */
async function isAnother(queries: Queries, event: AlarmEvent): Promise<boolean> {
  const { dedupeKey, occurredAt, isDup, isRetained, packetId, slot } = event;
  if (isRetained || slot || occurredAt === null) return false;
  const [twin] = await queries.all<{ alarm_id: number; packet_id: number | null }>(
    "SELECT alarm_id, packet_id FROM events WHERE dedupe_key = $1",
    dedupeKey,
  );
  if (!twin || (isDup && (packetId ?? null) === twin.packet_id)) return false;
  const [newest] = await queries.all<{ payload: Uint8Array; occurred_at: number | null }>(
    "SELECT payload, occurred_at FROM events WHERE alarm_id = $1 ORDER BY id DESC LIMIT 1",
    twin.alarm_id,
  );
  return newest?.occurred_at === occurredAt && Buffer.compare(newest.payload, event.payload) !== 0;
}

/** Whether a broker hands out again what an alarm's newest event was; if so, this is noted. */
export async function isKeptCopy(queries: Queries, alarmId: number, event: AlarmEvent): Promise<boolean> {
  if (!event.isRetained) return false;
  const newest = await newestPayload(queries, alarmId);
  if (newest === null || Buffer.compare(newest, event.payload) !== 0) return false;
  await queries.run(
    "UPDATE events SET is_retained = 1 WHERE id = (SELECT MAX(id) FROM events WHERE alarm_id = $1)",
    alarmId,
  );
  return true;
}

/**
 * Whether the broker, which has no PUBACK for it, delivers again what an alarm's newest event was. What another event came after is never
 * taken for it: packet ids come again after a while.
 */
export async function isRedelivered(queries: Queries, alarmId: number, event: AlarmEvent): Promise<boolean> {
  if (!event.isDup || event.packetId === undefined) return false;
  const [newest] = await queries.all<{ payload: Uint8Array; topic: string; packet_id: number | null }>(
    "SELECT payload, topic, packet_id FROM events WHERE alarm_id = $1 ORDER BY id DESC LIMIT 1",
    alarmId,
  );
  return (
    newest?.packet_id === event.packetId &&
    newest.topic === event.topic &&
    Buffer.compare(newest.payload, event.payload) === 0
  );
}

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
