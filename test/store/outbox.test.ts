import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../src/store/sql/database.ts";
import { appendToOutbox, createOutboxStorage, type OutboxRow } from "../../src/store/outbox.ts";
import { DATABASES } from "../support/databases.ts";
import { NOW } from "../support/alarms.ts";
import { openTables } from "../support/store.ts";
import { emptyTables } from "./tables.ts";

const row = (id: number, more: Partial<OutboxRow> = {}): OutboxRow => ({
  id,
  kind: "mqtt",
  target: "plant/warnings/ack",
  payload: '{"by":"Åsa 🙂"}',
  isRetained: false,
  createdAt: NOW,
  alarm: null,
  ...more,
});

describe.each(DATABASES)("outbox in %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openTables(await open());
  });
  beforeEach(() => emptyTables(database));
  afterAll(() => database.close());

  const append = (...rows: OutboxRow[]) =>
    database.transaction(async (queries) => {
      for (const each of rows) await appendToOutbox(queries, each);
    });

  it("gives rows back as they were, the oldest of a kind first", async () => {
    const outbox = createOutboxStorage(database);
    expect(await outbox.oldest("mqtt")).toBeNull();
    const slot = row(2, { target: "plant/slot", isRetained: true });
    const hook = row(3, { kind: "secondUrl", target: "" });
    await append(slot, hook, row(4));
    await append(row(1));
    expect(await outbox.oldest("mqtt")).toEqual({ ...row(1), ended: null });
    expect(await outbox.oldest("mqtt", ["plant/warnings/ack", "elsewhere"])).toEqual({ ...slot, ended: null });
    expect(await outbox.oldest("mqtt", ["plant/warnings/ack", "plant/slot"])).toBeNull();
    await outbox.delete(1);
    expect(await outbox.oldest("mqtt")).toEqual({ ...slot, ended: null });
    expect(await outbox.oldest("secondUrl")).toEqual({ ...hook, ended: null });
    await outbox.delete(3);
    expect(await outbox.oldest("secondUrl")).toBeNull();
  });

  it("keeps nothing of a transaction that failed", async () => {
    const failed = database.transaction(async (queries) => {
      await appendToOutbox(queries, row(1));
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    expect(await createOutboxStorage(database).oldest("mqtt")).toBeNull();
  });
});
