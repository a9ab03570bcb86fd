import { createOutbox, type Send } from "../../src/outbox/outbox.ts";
import type { Database } from "../../src/store/sql/database.ts";
import {
  appendToOutbox,
  createOutboxStorage,
  type OutboxKind,
  type OutboxRow,
  type OutboxStorage,
} from "../../src/store/outbox.ts";
import { createManualClock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";
import { openTables } from "../support/store.ts";

/** What the test under way has opened. */
export const opened: (() => Promise<unknown> | void)[] = [];

/** Closes what the test has opened, the newest first. */
export async function closeAll(): Promise<void> {
  for (const close of opened.splice(0).toReversed()) await close();
}

let lastId = 0;

/** Puts a row in the outbox. */
export const append = (database: Database, kind: OutboxKind, payload: string, more: Partial<OutboxRow> = {}) =>
  database.transaction((queries) => {
    lastId += 1;
    const row = { id: lastId, kind, target: "plant/ack", payload, isRetained: false, createdAt: 0, alarm: null };
    return appendToOutbox(queries, { ...row, ...more });
  });

/** How many rows wait. */
export const waiting = async (database: Database): Promise<number> => {
  const [row] = await database.all<{ n: number }>("SELECT COUNT(*) AS n FROM outbox");
  return row?.n ?? 0;
};

/** An outbox over sends that a test answers. */
export async function createWorld(
  send: Partial<Record<OutboxKind, Send>>,
  change: (store: OutboxStorage) => OutboxStorage = (s) => s,
  refused: () => ReadonlyMap<string, string> = () => new Map<string, string>(),
  maySend: () => boolean = () => true,
) {
  const database = await openTables();
  const clock = createManualClock();
  const never: Send = () => Promise.reject(new Error("not asked for"));
  const outbox = createOutbox({
    store: change(createOutboxStorage(database)),
    clock,
    log: silentLog,
    refused,
    maySend,
    send: { mqtt: never, secondTopic: never, secondUrl: never, ...send },
  });
  opened.push(async () => {
    await outbox.stop();
    await database.close();
  });
  return { database, clock, outbox };
}
