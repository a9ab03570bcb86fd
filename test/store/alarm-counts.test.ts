import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { countAlarms } from "../../src/store/alarm-counts.ts";
import type { Database } from "../../src/store/database.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { eventOf, NOW } from "../support/alarms.ts";
import { chatOf, RULES } from "../support/rules.ts";
import { openPglite } from "./pglite.ts";
import { dropTables } from "./tables.ts";

const HOUR = 3_600_000;

describe.each([
  ["SQLite", async () => openSqlite(":memory:")],
  ["PostgreSQL", openPglite],
])("alarm counts in %s", (_, open) => {
  let database: Database;
  let store: Store;

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await dropTables(database);
    store = await openStore(database, {
      rules: RULES,
      destinationsOf: () => [chatOf(1)],
      answers: { suffix: null },
      timeZone: "UTC",
      now: () => NOW,
    });
  });
  afterAll(() => database.close());

  it("count each alarm once, by its worst, and what is active however old", async () => {
    const say = (id: string, severity: string, at: number, state = "active") =>
      eventOf({ message: id, id, severity, state }, { at });
    await store.record([
      say("old", "critical", NOW - 30 * HOUR),
      say("over", "error", NOW - 3 * HOUR),
      say("over", "warning", NOW - 2 * HOUR),
      say("over", "warning", NOW - HOUR, "cleared"),
      say("hot", "warning", NOW - HOUR),
    ]);
    expect(await countAlarms(database, NOW - 24 * HOUR)).toEqual({
      came: { info: 0, warning: 1, error: 1, critical: 0 },
      active: 2,
    });
  });

  it("are zero of nothing", async () => {
    expect(await countAlarms(database, 0)).toEqual({
      came: { info: 0, warning: 0, error: 0, critical: 0 },
      active: 0,
    });
  });
});
