import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NO_ESCALATION, type AlarmRules } from "../../../src/alarms/lifecycle/escalation-plan.ts";
import { acknowledge } from "../../../src/alarms/lifecycle/handling.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../../support/store.ts";
import { eventOf } from "../../support/alarms.ts";
import { allHeard } from "../../support/heard.ts";
import { chatOf, RULES } from "../../support/rules.ts";

const COUNT = 1_100;
const by = { userId: 1, name: "Aino", chatId: 1 };

describe("more alarms than one step takes", () => {
  let database: Database;
  let store: Store;
  let remindAfterMs: number | null;
  const rules: AlarmRules = {
    ...RULES,
    get escalations() {
      return { ...RULES.escalations, error: { ...NO_ESCALATION, remindAfterMs, steps: [], ownerAfterMs: null } };
    },
  };
  const ids = Array.from({ length: COUNT }, (_, i) => i + 1);

  beforeEach(async () => {
    database = openSqlite(":memory:");
    remindAfterMs = 60_000;
    store = await openStore(database, {
      rules,
      destinationsOf: () => [1, 2].map(chatOf),
    });
    await store.record(ids.map((id) => eventOf({ id: `a${id}`, message: "Hot", severity: "error" })));
    await allHeard(database, store);
  });
  afterEach(() => database.close());

  it("are all acknowledged at one press, and others need not wait for the last of them", async () => {
    let isTaken = false;
    const taken = store
      .actOnAll([...ids, 99_999], { by, action: "acknowledge", apply: (alarm, at) => acknowledge(alarm, by, at) })
      .finally(() => (isTaken = true));
    let others = 0;
    for (; !isTaken; others++) await store.keyValue.write("other", null);
    expect(others).toBeGreaterThanOrEqual(Math.floor(COUNT / 100));
    expect(await taken).toEqual({ changed: COUNT, unacknowledged: 0, chatIds: [1, 2] });
    expect(await store.alarms.listActive({ offset: COUNT - 1, limit: 1 })).toMatchObject({
      total: COUNT,
      alarms: [{ acknowledgedBy: "Aino" }],
    });
  });

  it("are all rescheduled", async () => {
    remindAfterMs = null;
    expect(await store.reschedule(null)).toEqual([1, 2]);
    const rows = await database.all("SELECT id FROM alarms WHERE version = 2 AND due_at IS NULL");
    expect(rows).toHaveLength(COUNT);
  });
});
