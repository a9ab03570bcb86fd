import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgres, type PostgresDatabase } from "../../../src/store/postgres/database.ts";
import { openStore, type Store } from "../../support/store.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { createSharedDatabase } from "../../support/databases.ts";
import { askPostgres, hasPostgres } from "../../support/postgres.ts";

const HOUR = 3_600_000;
const COUNT = 20_000;
/** Beyond so many bytes PostgreSQL would put it elsewhere. */
const PAYLOAD_BYTES = 400;

describe.skipIf(!hasPostgres)("the size of the history on PostgreSQL, whose files do not get smaller", () => {
  let url: string;
  let database: PostgresDatabase;
  let store: Store;
  beforeAll(async () => {
    const settings = await createSharedDatabase();
    ({ url } = settings);
    database = await openPostgres(settings);
    store = await openStore(database);
    await store.record([eventOf({ id: "a", message: "a", state: "active" }, { at: NOW - 20 * HOUR })]);
    // Each in a minute of its own, so that none is a repeat.
    await database.transaction(({ run }) =>
      run(
        `INSERT INTO events (id, alarm_id, topic, payload, is_retained, received_at, severity, state)
         SELECT 1 + i, 1, topic, decode(repeat('ab', ${PAYLOAD_BYTES}), 'hex'), 0, received_at + i * 2000, severity, state
         FROM events CROSS JOIN generate_series(1, ${COUNT}) AS i WHERE id = 1`,
      ),
    );
  });
  afterAll(() => database.close());

  const count = async () => Number((await database.all<{ n: number }>("SELECT COUNT(*) AS n FROM events"))[0]?.n);

  it.each(["before it has looked at the table", "after it has"])("is what is in it, %s", async (when) => {
    if (when.startsWith("after")) await askPostgres(url, "ANALYZE");
    const used = await database.usedBytes();
    expect(used).toBeGreaterThan(COUNT * PAYLOAD_BYTES);
    expect(used).toBeLessThan((await database.fileBytes()) * 1.01);
  });

  it("is kept within its bound by as much as is needed, and not again by what was freed", async () => {
    const before = await store.history.bytes();
    const bound = before * 0.7;
    expect(await store.history.keepWithin(bound)).toBeGreaterThan(0);
    expect(await store.history.bytes()).toBeLessThanOrEqual(bound);
    const left = await count();
    expect(left).toBeGreaterThan(COUNT * 0.5);
    expect(left).toBeLessThan(COUNT * 0.8);
    for (const sql of ["VACUUM", "VACUUM (ANALYZE)"]) {
      await askPostgres(url, sql);
      expect(await store.history.keepWithin(bound)).toBe(0);
    }
    expect(await count()).toBe(left);
  });
});
