import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NO_ESCALATION, type AlarmRules } from "../../../src/alarms/lifecycle/escalation-plan.ts";
import { acknowledge } from "../../../src/alarms/lifecycle/handling.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { openStore, type Store } from "../../support/store.ts";
import { DATABASES } from "../../support/databases.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { allHeard } from "../../support/heard.ts";
import { chatOf, RULES } from "../../support/rules.ts";
import { emptyTables } from "../tables.ts";

const MINUTE = 60_000;

describe.each(DATABASES)("reschedule on %s", (_, open) => {
  let database: Database;
  let store: Store;
  let remindAfterMs: number | null;
  let now: number;
  const rules: AlarmRules = {
    ...RULES,
    get escalations() {
      return { ...RULES.escalations, error: { ...NO_ESCALATION, remindAfterMs, steps: [], ownerAfterMs: null } };
    },
  };
  const versions = () => database.all("SELECT id, version FROM alarms ORDER BY id");

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    [remindAfterMs, now] = [60 * MINUTE, NOW];
    store = await openStore(database, {
      rules,
      now: () => now,
    });
    await store.record(
      ["hot", "cold", "over"].map((id) => eventOf({ id, message: id, severity: "error", state: "active" })),
    );
    await store.record([eventOf({ id: "over", message: "over", severity: "error", state: "cleared" })]);
    await allHeard(database, store);
    const by = { userId: 1, name: "Aino", chatId: 1 };
    await store.act(2, { by, action: "acknowledge", apply: (alarm, at) => acknowledge(alarm, by, at) });
  });
  afterAll(() => database.close());

  it("moves what waits to when the rules of now say; its cards are to show it", async () => {
    const before = await versions();
    expect(await store.reschedule(null)).toEqual([]);
    expect(await versions()).toEqual(before);
    remindAfterMs = 5 * MINUTE;
    expect(await store.reschedule(null)).toEqual([1]);
    expect(await store.reschedule(null)).toEqual([]);
    now += 4 * MINUTE;
    expect(await store.elapse()).toEqual([]);
    now += MINUTE;
    expect(await store.elapse()).toEqual([1]);
    expect(await store.alarms.find(1)).toMatchObject({ handling: { step: 1 } });
    for (const id of [2, 3]) expect(await store.alarms.find(id)).toMatchObject({ handling: { step: 0 } });
  });

  it("shows on the cards who is next, also if only that changed", async () => {
    const former = rules.escalations;
    const to = chatOf(2);
    const withNext = (name: string) => ({
      ...former,
      error: {
        ...NO_ESCALATION,
        remindAfterMs: null,
        steps: [{ afterMs: 60 * MINUTE, to: { ...to, name } }],
        ownerAfterMs: null,
      },
    });
    expect(await store.reschedule(withNext("chief"))).toEqual([1]);
    expect(await store.reschedule(former)).toEqual([]);
  });

  it("takes away what is not to come any more, and brings what is to come now", async () => {
    remindAfterMs = null;
    await store.reschedule(null);
    now += 120 * MINUTE;
    expect(await store.elapse()).toEqual([]);
    remindAfterMs = 60 * MINUTE;
    await store.reschedule(null);
    expect(await store.elapse()).toEqual([1]);
  });
});
