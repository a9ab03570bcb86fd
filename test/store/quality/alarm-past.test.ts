import { afterEach, describe, expect, it } from "vitest";
import { shelve, unshelve } from "../../../src/alarms/lifecycle/handling.ts";
import { readWhatIf } from "../../../src/store/quality/alarm-past.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { DATABASES } from "../../support/databases.ts";
import { RULES } from "../../support/rules.ts";
import { openStore } from "../../support/store.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BY = { userId: 5, name: "Anna", chatId: 1 };

describe.each(DATABASES)("what rules would have done, from a history in %s", (_, open) => {
  let database: Database | null = null;
  afterEach(() => database?.close());

  /** An alarm that comes and goes for days, on the last one each hour, put aside in its first. @returns what would have rung on the last day */
  async function rungOnTheLast(days: number, { forMs, takenBack }: { forMs: number; takenBack: boolean }) {
    database = await open();
    let at = NOW;
    const store = await openStore(database, { now: () => at });
    const say = (state: string) => store.record([eventOf({ id: "a", message: "hot", state }, { at })]);
    await say("active");
    await store.act(1, {
      by: BY,
      action: "shelve",
      apply: (alarm) => shelve(alarm, BY, at, { untilAt: NOW + forMs, reason: null }),
    });
    if (takenBack) await store.act(1, { by: BY, action: "unshelve", apply: (alarm) => unshelve(alarm, at) });
    while (at < NOW + days * DAY) {
      const everyMs = at < NOW + (days - 1) * DAY ? 8 * HOUR : HOUR;
      at += everyMs / 2;
      await say("cleared");
      at += everyMs / 2;
      await say("active");
    }
    const span = { startAt: at - DAY, endAt: at };
    const found = await readWhatIf(database, {
      ...span,
      alarmId: 1,
      scope: "shared",
      rules: RULES,
      routes: [],
      reading: {},
    });
    return found?.rings;
  }

  it("know what was put aside days before", async () => {
    expect(await rungOnTheLast(3, { forMs: 7 * DAY, takenBack: false })).toBe(0);
  });

  it.each([
    { forMs: DAY, takenBack: false },
    { forMs: 7 * DAY, takenBack: true },
  ])("unless that was over by then: %o", async (put) => {
    expect(await rungOnTheLast(3, put)).toBeGreaterThanOrEqual(23);
  });
});
