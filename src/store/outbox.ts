import type { Database, Queries } from "./sql/database.ts";
import { nextNumber } from "./sql/numbers.ts";

/**
 * What something goes out for, and so over which edge: an answer to the plant, or an alarm by the second path. Where that leads is
 * asked for when it is sent: a setting that was mended holds for what waits, and the URL, which may be a secret, is not kept.
 */
export type OutboxKind = "mqtt" | "secondTopic" | "secondUrl";

/** Something that is to go out, kept until the other side has it. */
export interface OutboxRow {
  /** Rows of one kind go out in this order. */
  readonly id: number;
  readonly kind: OutboxKind;
  /** The topic of an answer; empty by the second path. */
  readonly target: string;
  readonly payload: string;
  /** Whether the broker keeps it for those who come later; means nothing to https. */
  readonly isRetained: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
  /** The alarm that nobody could be told of; `null`: it tells of something else, or an earlier version kept it. */
  readonly alarm: { readonly id: number; readonly occurrence: number } | null;
}

/** A row as it waits. */
export interface WaitingRow extends OutboxRow {
  /** Why it need not be told any more; `null`: as far as its alarm tells, it has to. */
  readonly ended: "acknowledged" | "over" | null;
}

/** What waits of one kind. */
export interface OutboxBacklog {
  readonly kind: OutboxKind;
  readonly count: number;
  /** Epoch ms. */
  readonly oldestAt: number;
}

/** The rows that wait, as the sender needs them. */
export interface OutboxStorage {
  /**
   * The row of a kind that is to go out next; `null` if none waits.
   * @param except targets that are passed over
   */
  oldest(kind: OutboxKind, except?: readonly string[]): Promise<WaitingRow | null>;
  /** Forgets a row that the other side has. */
  delete(id: number): Promise<void>;
  /** How much waits of each kind; nothing of a kind of which nothing does. */
  waiting(): Promise<readonly OutboxBacklog[]>;
}

/** Appends a row in the transaction of what it tells of: both are kept, or neither. */
export async function appendToOutbox(queries: Queries, row: OutboxRow): Promise<void> {
  await queries.run(
    `INSERT INTO outbox (id, kind, target, payload, is_retained, created_at, alarm_id, occurrence)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    row.id,
    row.kind,
    row.target,
    row.payload,
    row.isRetained ? 1 : 0,
    row.createdAt,
    row.alarm?.id ?? null,
    row.alarm?.occurrence ?? null,
  );
}

/** The same under the next number. */
export async function sendOut(queries: Queries, row: Omit<OutboxRow, "id">): Promise<void> {
  await appendToOutbox(queries, { id: await nextNumber(queries, "outbox"), ...row });
}

/** The outbox in the database. */
export function createOutboxStorage(database: Database): OutboxStorage {
  return {
    async oldest(kind, except = []) {
      const others =
        except.length === 0 ? "" : `AND target NOT IN (${except.map((_, index) => `$${index + 2}`).join(", ")})`;
      const [row] = await database.all<Row>(
        `SELECT outbox.*, alarms.state, alarms.acknowledged_at, alarms.occurrence AS present
         FROM outbox LEFT JOIN alarms ON alarms.id = outbox.alarm_id WHERE kind = $1 ${others} ORDER BY outbox.id LIMIT 1`,
        kind,
        ...except,
      );
      if (!row) return null;
      const { id, target, payload, alarm_id, occurrence } = row;
      const alarm = alarm_id === null || occurrence === null ? null : { id: alarm_id, occurrence };
      const isRetained = row.is_retained === 1;
      return { id, kind, target, payload, isRetained, createdAt: row.created_at, alarm, ended: endOf(row) };
    },
    async delete(id) {
      // A power cut may bring it back: then it goes out twice, which is allowed, and no disk is waited for.
      await database.transaction((queries) => queries.run("DELETE FROM outbox WHERE id = $1", id), "crash");
    },
    async waiting() {
      const rows = await database.all<{ kind: OutboxKind; count: number; oldest: number }>(
        "SELECT kind, COUNT(*) AS count, MIN(created_at) AS oldest FROM outbox GROUP BY kind ORDER BY kind",
      );
      return rows.map(({ kind, count, oldest }) => ({ kind, count, oldestAt: oldest }));
    },
  };
}

/** An alarm that is gone was over for long. */
function endOf({ alarm_id, occurrence, state, acknowledged_at, present }: Row): WaitingRow["ended"] {
  if (alarm_id === null) return null;
  if (state !== "active" || present !== occurrence) return "over";
  return acknowledged_at === null ? null : "acknowledged";
}

interface Row {
  id: number;
  target: string;
  payload: string;
  is_retained: number;
  created_at: number;
  alarm_id: number | null;
  occurrence: number | null;
  /** Of its alarm, as it is now. */
  state: "active" | "cleared" | null;
  acknowledged_at: number | null;
  present: number | null;
}
