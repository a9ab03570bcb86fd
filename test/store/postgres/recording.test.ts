import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgres, type PostgresDatabase } from "../../../src/store/postgres/database.ts";
import { openStore } from "../../support/store.ts";
import { eventOf } from "../../support/alarms.ts";
import { askPostgres, createDatabase, hasPostgres, startPostgres, type Postgres } from "../../support/postgres.ts";

const ALARMS = 30;
const BATCHES = 20;

describe.skipIf(!hasPostgres)("alarms that come again and again, on PostgreSQL", () => {
  let database: PostgresDatabase;
  let url: string;
  /** One of our own: whoever connects elsewhere, or looks over tables, keeps the room of old rows from the new ones for a moment. */
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres({ lines: ["autovacuum = off"] });
    const settings = await createDatabase(server.port);
    ({ url } = settings);
    database = await openPostgres(settings);
    const store = await openStore(database);
    for (let batch = 0; batch < BATCHES; batch++)
      await store.record(
        Array.from({ length: ALARMS }, (_, i) => eventOf({ id: `coil-${i}`, message: "Coil too hot", serial: batch })),
      );
    // The server counts what was done up to now.
    await database.usedBytes();
  });
  afterAll(async () => {
    await database.close();
    await server.remove();
  });

  const counted = async (table: string) =>
    (await askPostgres(url, `SELECT * FROM pg_stat_user_tables WHERE relname = '${table}'`))[0] ?? {};

  it("move in no index: there is room for each beside it", async () => {
    const { n_tup_upd: changed, n_tup_hot_upd: inPlace } = await counted("alarms");
    expect(Number(changed)).toBe(ALARMS * (BATCHES - 1));
    expect(inPlace).toBe(changed);
  });

  it("and of events no more is read than is asked for, though all was prepared while there were none", async () => {
    expect(Number((await counted("events"))["seq_tup_read"])).toBe(0);
  });
});
