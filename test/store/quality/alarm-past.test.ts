import { afterEach, describe, expect, it } from "vitest";
import { acknowledge, shelve, takeBack, unshelve } from "../../../src/alarms/lifecycle/handling.ts";
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
    return rungOnTheDayBefore(at);
  }

  async function rungOnTheDayBefore(endAt: number): Promise<number | undefined> {
    if (database === null) return undefined;
    const asked = { alarmId: 1, scope: "shared", rules: RULES, routes: [], reading: {} } as const;
    return (await readWhatIf(database, { startAt: endAt - DAY, endAt, ...asked }))?.rings;
  }

  /** An alarm that somebody acknowledges in its first hour, and that is said to stand each hour for days. */
  async function rungThoughSeen(days: number, later: "nothing" | "taken back" | "over for an hour"): Promise<number> {
    database = await open();
    let at = NOW;
    const store = await openStore(database, { now: () => at });
    const say = (state: string) =>
      store.record([eventOf({ id: "a", message: "hot", severity: "critical", state }, { at })]);
    await say("active");
    await store.act(1, { by: BY, action: "acknowledge", apply: (alarm) => acknowledge(alarm, BY, at) });
    if (later === "taken back")
      await store.act(1, { by: BY, action: "takeBack", apply: (alarm) => takeBack(alarm, at) });
    for (let hour = 1; hour <= days * 24; hour += 1) {
      at = NOW + hour * HOUR;
      await say(later === "over for an hour" && hour === 2 ? "cleared" : "active");
    }
    return (await rungOnTheDayBefore(at)) ?? Number.NaN;
  }

  it("know what was acknowledged days before, and stands: whoever has it in hand is reminded each hour", async () => {
    expect(await rungThoughSeen(4, "nothing")).toBe(24);
  });

  it.each(["taken back", "over for an hour"] as const)("unless that does not hold any more: %s", async (later) => {
    expect(await rungThoughSeen(4, later)).toBe(0);
  });

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
