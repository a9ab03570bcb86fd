import { rankOf } from "../../alarms/types.ts";
import type { AlarmEvent } from "../../alarms/event.ts";
import { formerDedupeKey } from "../../alarms/payloads/identity.ts";
import type { Queries } from "../sql/database.ts";
import { lastNumber, saveLastNumber } from "../sql/numbers.ts";
import { readRowsOf, writeRows } from "../sql/rows.ts";
import { together } from "../sql/together.ts";

/** The events of a batch: what came before them is read in one go, and they are written in one. */
export interface EventLog {
  /** The number of the newest event. */
  lastId(): number;
  /** Reads at once what was told of these alarms last, as far as the batch is to be compared with it. */
  load(alarmIds: readonly number[]): Promise<void>;
  /**
   * Appends one event.
   * @returns false if it is a copy of one that is there already; what a broker keeps is noted, since it will come again
   */
  append(alarmId: number, event: AlarmEvent): Promise<boolean>;
  /** Whether a broker hands out again what an alarm's newest event was; if so, this is noted. */
  isKeptCopy(alarmId: number, event: AlarmEvent): Promise<boolean>;
  /**
   * Whether the broker, which has no PUBACK for it, delivers again what an alarm's newest event was. What another event came after is never
   * taken for it: packet ids come again after a while.
   */
  isRedelivered(alarmId: number, event: AlarmEvent): Promise<boolean>;
  flush(): Promise<void>;
}

/** An event that was written before, or will be with the others. */
interface Kept {
  readonly id: number;
  readonly alarmId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly occurredAt: number | null;
  readonly packetId: number | null;
}

interface KeptRow {
  id: number;
  alarm_id: number;
  dedupe_key: string | null;
  topic: string;
  payload: Uint8Array;
  occurred_at: number | null;
  packet_id: number | null;
}

/** One that is to be written. */
interface Fresh extends Kept {
  readonly event: AlarmEvent;
  readonly dedupeKey: string | null;
  isRetained: boolean;
}

const COLUMNS = ["id", "alarm_id", "dedupe_key", "topic", "payload", "occurred_at", "packet_id"]
  .map((name) => `events.${name}`)
  .join(", ");
const TWINS = `SELECT ${COLUMNS} FROM events WHERE dedupe_key IN`;
/** Looked up for each alarm by itself, as some have millions. */
const NEWEST = `SELECT ${COLUMNS} FROM alarms JOIN events ON events.id = (
  SELECT MAX(id) FROM events WHERE alarm_id = alarms.id
) WHERE alarms.id IN`;

/** Opens it for a batch, in a transaction. */
export async function openEventLog(queries: Queries, batch: readonly AlarmEvent[]): Promise<EventLog> {
  const keys = [...new Set(batch.flatMap(keysOf))];
  const [first, found] = await together([lastNumber(queries, "event"), readRowsOf<KeptRow>(queries, TWINS, keys)]);
  let last = first;
  let fresh: Fresh[] = [];
  /** By what tells that two messages are copies of one. */
  const twins = new Map<string, Kept>();
  /** The newest of each alarm, as far as it was asked for; `null`: it has none. */
  const newest = new Map<number, Kept | null>();

  for (const row of found) if (row.dedupe_key !== null) twins.set(row.dedupe_key, toKept(row));

  async function readNewest(ids: readonly number[]): Promise<void> {
    for (const id of ids) newest.set(id, null);
    for (const row of await readRowsOf<KeptRow>(queries, NEWEST, ids)) newest.set(row.alarm_id, toKept(row));
  }

  async function newestOf(alarmId: number): Promise<Kept | null> {
    if (!newest.has(alarmId)) await readNewest([alarmId]);
    return newest.get(alarmId) ?? null;
  }

  function add(alarmId: number, event: AlarmEvent, dedupeKey: string | null): true {
    last += 1;
    const { topic, payload, occurredAt, packetId = null, isRetained } = event;
    const added = { id: last, alarmId, topic, payload, occurredAt, packetId, event, dedupeKey, isRetained };
    fresh.push(added);
    newest.set(alarmId, added);
    if (dedupeKey !== null) twins.set(dedupeKey, added);
    return true;
  }

  /**
   * Whether a message that looks like an earlier one is another all the same: something else was told of the alarm since then, at the same
   * time by the plant's clock, which may show no more than seconds, and it is not the same delivery. What is older than that is a copy that
   * came late.
   */
  async function isAnother(event: AlarmEvent, twin: Kept): Promise<boolean> {
    const { occurredAt, isDup, isRetained, packetId, slot } = event;
    if (isRetained || slot || occurredAt === null) return false;
    if (isDup && (packetId ?? null) === twin.packetId) return false;
    const before = await newestOf(twin.alarmId);
    return before?.occurredAt === occurredAt && Buffer.compare(before.payload, event.payload) !== 0;
  }

  async function noteRetained({ id }: Kept): Promise<void> {
    const added = fresh.find((one) => one.id === id);
    if (added) added.isRetained = true;
    else await queries.run("UPDATE events SET is_retained = 1 WHERE id = $1", id);
  }

  return {
    lastId: () => last,
    async load(alarmIds) {
      // Only a message that a broker keeps, or delivers again, is.
      if (batch.some(({ isRetained, isDup }) => isRetained || isDup)) await readNewest(alarmIds);
    },
    async append(alarmId, event) {
      const twin = keysOf(event).flatMap((key) => twins.get(key) ?? [])[0];
      if (!twin) return add(alarmId, event, event.dedupeKey);
      if (await isAnother(event, twin)) return add(alarmId, event, null);
      if (event.isRetained) await noteRetained(twin);
      return false;
    },
    async isKeptCopy(alarmId, event) {
      if (!event.isRetained) return false;
      const before = await newestOf(alarmId);
      if (before === null || Buffer.compare(before.payload, event.payload) !== 0) return false;
      await noteRetained(before);
      return true;
    },
    async isRedelivered(alarmId, event) {
      if (!event.isDup || event.packetId === undefined) return false;
      const before = await newestOf(alarmId);
      return (
        before?.packetId === event.packetId &&
        before.topic === event.topic &&
        Buffer.compare(before.payload, event.payload) === 0
      );
    },
    async flush() {
      const rows = fresh.map(toRow);
      fresh = [];
      if (rows.length === 0) return;
      await together([writeRows(queries, INSERT, rows), saveLastNumber(queries, "event", last)]);
    },
  };
}

const INSERT = `INSERT INTO events (id, alarm_id, dedupe_key, topic, payload, is_retained, received_at, occurred_at, severity, state,
  value, packet_id) VALUES`;

const toRow = ({ id, alarmId, dedupeKey, event, isRetained, packetId }: Fresh) => [
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

/** What its copies may have; those of an older Valvomo only where a broker hands them out once more. */
function keysOf({ dedupeKey, isRetained, isDup }: AlarmEvent): readonly string[] {
  if (dedupeKey === null) return [];
  return isRetained || isDup ? [dedupeKey, formerDedupeKey(dedupeKey)] : [dedupeKey];
}

const toKept = (row: KeptRow): Kept => ({
  id: row.id,
  alarmId: row.alarm_id,
  topic: row.topic,
  payload: row.payload,
  occurredAt: row.occurred_at,
  packetId: row.packet_id,
});
