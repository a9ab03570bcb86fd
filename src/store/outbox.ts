import type { Database, Queries } from "./database.ts";

/** Over which edge something goes out. */
export type OutboxKind = "mqtt" | "https";

/** Something that is to go out, kept until the other side has it. */
export interface OutboxRow {
  /** Rows of one kind go out in this order. */
  readonly id: number;
  readonly kind: OutboxKind;
  /** A topic (mqtt), or a URL (https). */
  readonly target: string;
  readonly payload: string;
  /** Whether the broker keeps it for those who come later; means nothing to https. */
  readonly isRetained: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The rows that wait, as the sender needs them. */
export interface OutboxStorage {
  /** The row of a kind that is to go out next; `null` if none waits. */
  oldest(kind: OutboxKind): Promise<OutboxRow | null>;
  /** Forgets a row that the other side has. */
  delete(id: number): Promise<void>;
}

/** Appends a row in the transaction of what it tells of: both are kept, or neither. */
export async function appendToOutbox(queries: Queries, row: OutboxRow): Promise<void> {
  await queries.run(
    "INSERT INTO outbox (id, kind, target, payload, is_retained, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    row.id,
    row.kind,
    row.target,
    row.payload,
    row.isRetained ? 1 : 0,
    row.createdAt,
  );
}

/** The outbox in the database. */
export function createOutboxStorage(database: Database): OutboxStorage {
  return {
    async oldest(kind) {
      const [row] = await database.all<Row>("SELECT * FROM outbox WHERE kind = $1 ORDER BY id LIMIT 1", kind);
      if (!row) return null;
      const { id, target, payload } = row;
      return { id, kind, target, payload, isRetained: row.is_retained === 1, createdAt: row.created_at };
    },
    async delete(id) {
      // A power cut may bring it back: then it goes out twice, which is allowed, and no disk is waited for.
      await database.transaction((queries) => queries.run("DELETE FROM outbox WHERE id = $1", id), "crash");
    },
  };
}

interface Row {
  id: number;
  target: string;
  payload: string;
  is_retained: number;
  created_at: number;
}
