import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { ownEvent, type Scope } from "../../../src/alarms/payloads/own.ts";
import { countAlarms } from "../../../src/store/alarms/alarm-lists.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { openStore, type Store } from "../../support/store.ts";
import { DATABASES } from "../../support/databases.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { emptyTables } from "../tables.ts";

const HOUR = 3_600_000;

describe.each(DATABASES)("alarm counts in %s", (_, open) => {
  let database: Database;
  let store: Store;

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    store = await openStore(database);
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
      returned: 1,
    });
  });

  it("leave out what is for admins alone, as lists and histories do, where that is not to be seen", async () => {
    const own = (id: string, isForAdmins: boolean) =>
      ownEvent({ id, message: id, severity: "warning", state: null, isForAdmins }, NOW - HOUR);
    const hot = eventOf({ id: "hot", message: "hot", severity: "error", state: "active" }, { at: NOW - HOUR });
    await store.record([own("guesses", true), own("broker", false), hot]);
    const by = { userId: 1, name: "Aino", chatId: 1 };
    const untilAt = NOW + HOUR;
    for (const id of [1, 3])
      await store.act(id, {
        by,
        action: "shelve",
        apply: (alarm, at) => shelve(alarm, by, at, { untilAt, reason: null }),
      });
    const seen = async (scope?: Scope) => {
      const page = { offset: 0, limit: 9, ...(scope === undefined ? {} : { scope }) };
      const [active, shelved] = [
        await store.alarms.listActive(page),
        await store.alarms.listActive({ ...page, isShelved: true }),
      ];
      const recent = await store.history.recent(NOW - 2 * HOUR, 9, scope);
      const counts = await countAlarms(database, NOW - 2 * HOUR, scope);
      return {
        active: [active.total, active.alarms.length],
        shelved: [shelved.total, shelved.alarms.length],
        recent: [recent.total, recent.active, recent.records.length],
        counts: [counts.came.warning, counts.active],
      };
    };
    const everything = { active: [3, 3], shelved: [1, 1], recent: [3, 3, 3], counts: [2, 3] };
    expect(await seen("shared")).toEqual({ active: [2, 2], shelved: [1, 1], recent: [2, 2, 2], counts: [1, 2] });
    expect(await seen("everything")).toEqual(everything);
    expect(await seen()).toEqual(everything);
  });

  it("are zero of nothing", async () => {
    expect(await countAlarms(database, 0)).toEqual({
      came: { info: 0, warning: 0, error: 0, critical: 0 },
      active: 0,
      returned: 0,
    });
  });
});
