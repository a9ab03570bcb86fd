import type { AlarmEvent } from "../../alarms/event.ts";
import { formerDedupeKey } from "../../alarms/payloads/identity.ts";
import type { Queries } from "../sql/database.ts";
import { lastNumber, saveLastNumber } from "../sql/numbers.ts";
import { readRowsOf } from "../sql/rows.ts";
import { together } from "../sql/together.ts";
import { appendEvents, type NewEvent } from "./events.ts";

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

interface KeptEventRow {
  id: number;
  alarm_id: number;
  dedupe_key: string | null;
  topic: string;
  payload: Uint8Array;
  occurred_at: number | null;
  packet_id: number | null;
}

/** One that is to be written. */
type Fresh = Kept & NewEvent;

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
  const [last, found] = await together([lastNumber(queries, "event"), readRowsOf<KeptEventRow>(queries, TWINS, keys)]);
  return new BatchLog(queries, batch, last, found);
}

class BatchLog implements EventLog {
  readonly #queries: Queries;
  readonly #batch: readonly AlarmEvent[];
  #last: number;
  #fresh: Fresh[] = [];
  /** By what tells that two messages are copies of one. */
  readonly #twins = new Map<string, Kept>();
  /** The newest of each alarm, as far as it was asked for; `null`: it has none. */
  readonly #newest = new Map<number, Kept | null>();

  /**
   * @param last the number of the newest event there is
   * @param found those that may be copies of the batch's
   */
  constructor(queries: Queries, batch: readonly AlarmEvent[], last: number, found: readonly KeptEventRow[]) {
    this.#queries = queries;
    this.#batch = batch;
    this.#last = last;
    for (const row of found) if (row.dedupe_key !== null) this.#twins.set(row.dedupe_key, toKept(row));
  }

  lastId(): number {
    return this.#last;
  }

  async load(alarmIds: readonly number[]): Promise<void> {
    // Only a message that a broker keeps, or delivers again, is.
    if (this.#batch.some(({ isRetained, isDup }) => isRetained || isDup)) await this.#readNewest(alarmIds);
  }

  async append(alarmId: number, event: AlarmEvent): Promise<boolean> {
    const twin = keysOf(event).flatMap((key) => this.#twins.get(key) ?? [])[0];
    if (!twin) return this.#add(alarmId, event, event.dedupeKey);
    if (await this.#isAnother(event, twin)) return this.#add(alarmId, event, null);
    if (event.isRetained) await this.#noteRetained(twin);
    return false;
  }

  async isKeptCopy(alarmId: number, event: AlarmEvent): Promise<boolean> {
    if (!event.isRetained) return false;
    const before = await this.#newestOf(alarmId);
    if (before === null || Buffer.compare(before.payload, event.payload) !== 0) return false;
    await this.#noteRetained(before);
    return true;
  }

  async isRedelivered(alarmId: number, event: AlarmEvent): Promise<boolean> {
    if (!event.isDup || event.packetId === undefined) return false;
    const before = await this.#newestOf(alarmId);
    return (
      before?.packetId === event.packetId &&
      before.topic === event.topic &&
      Buffer.compare(before.payload, event.payload) === 0
    );
  }

  async flush(): Promise<void> {
    const fresh = this.#fresh;
    this.#fresh = [];
    if (fresh.length === 0) return;
    await together([appendEvents(this.#queries, fresh), saveLastNumber(this.#queries, "event", this.#last)]);
  }

  #add(alarmId: number, event: AlarmEvent, dedupeKey: string | null): true {
    this.#last += 1;
    const { topic, payload, occurredAt, packetId = null, isRetained } = event;
    const added = { id: this.#last, alarmId, topic, payload, occurredAt, packetId, event, dedupeKey, isRetained };
    this.#fresh.push(added);
    this.#newest.set(alarmId, added);
    if (dedupeKey !== null) this.#twins.set(dedupeKey, added);
    return true;
  }

  /**
   * Whether a message that looks like an earlier one is another all the same: something else was told of the alarm since then, at the same
   * time by the plant's clock, which may show no more than seconds, and it is not the same delivery. What is older than that is a copy that
   * came late.
   */
  async #isAnother(event: AlarmEvent, twin: Kept): Promise<boolean> {
    const { occurredAt, isDup, isRetained, packetId, slot } = event;
    if (isRetained || slot || occurredAt === null) return false;
    if (isDup && (packetId ?? null) === twin.packetId) return false;
    const before = await this.#newestOf(twin.alarmId);
    return before?.occurredAt === occurredAt && Buffer.compare(before.payload, event.payload) !== 0;
  }

  async #noteRetained({ id }: Kept): Promise<void> {
    const added = this.#fresh.find((one) => one.id === id);
    if (added) added.isRetained = true;
    else await this.#queries.run("UPDATE events SET is_retained = 1 WHERE id = $1", id);
  }

  async #newestOf(alarmId: number): Promise<Kept | null> {
    if (!this.#newest.has(alarmId)) await this.#readNewest([alarmId]);
    return this.#newest.get(alarmId) ?? null;
  }

  async #readNewest(ids: readonly number[]): Promise<void> {
    for (const id of ids) this.#newest.set(id, null);
    for (const row of await readRowsOf<KeptEventRow>(this.#queries, NEWEST, ids))
      this.#newest.set(row.alarm_id, toKept(row));
  }
}

/** What its copies may have; those of an older Valvomo only where a broker hands them out once more. */
function keysOf({ dedupeKey, isRetained, isDup }: AlarmEvent): readonly string[] {
  if (dedupeKey === null) return [];
  return isRetained || isDup ? [dedupeKey, formerDedupeKey(dedupeKey)] : [dedupeKey];
}

const toKept = (row: KeptEventRow): Kept => ({
  id: row.id,
  alarmId: row.alarm_id,
  topic: row.topic,
  payload: row.payload,
  occurredAt: row.occurred_at,
  packetId: row.packet_id,
});
