import { afterEach, describe, expect, it } from "vitest";
import { shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { readQuality, type QualityRequest } from "../../../src/store/quality/history.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { eventOf } from "../../support/alarms.ts";
import { DATABASES } from "../../support/databases.ts";
import { MONTH, plantedMonth, storeTimes, type PlantedTime } from "../../support/quality-month.ts";
import { openStore, openTables } from "../../support/store.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const REQUEST: QualityRequest = {
  ...MONTH,
  timeZone: "UTC",
  shiftStarts: [360, 840, 1_320],
  returnAfterMs: 15 * MINUTE,
  scope: "everything",
};

/** Slow and plain: each figure by its definition, from the times themselves. */
function independently(times: readonly PlantedTime[]) {
  const starts = times.map(({ from }) => from);
  const within = (from: number, to: number): number => starts.filter((at) => at > from && at <= to).length;
  const most = (length: number): number => Math.max(0, ...starts.map((at) => within(at - length, at)));
  const perUnit = (unit: number): number =>
    Math.max(0, ...[...Map.groupBy(starts, (at) => Math.floor(at / unit)).values()].map(({ length }) => length));
  const floodMs = (() => {
    const floods: { from: number; to: number }[] = [];
    for (const at of starts) {
      if (floods.some(({ to }) => at < to) || within(at - 10 * MINUTE, at) <= 10) continue;
      const from = starts.find((one) => one > at - 10 * MINUTE && one <= at) ?? at;
      // As seconds go by: the first at which fewer than five came in the ten minutes before.
      let to = at;
      while (within(to - 10 * MINUTE, to) >= 5) to += 1_000;
      floods.push({ from, to });
    }
    return floods.reduce((sum, { from, to }) => sum + to - from, 0);
  })();
  const byAlarm = Map.groupBy(times, ({ alarm }) => alarm);
  const counts = [...byAlarm].map(([name, all]) => ({ name, count: all.length })).sort((a, b) => b.count - a.count);
  const rung = times.filter(({ rungAfter }) => rungAfter !== undefined);
  const waits = rung.flatMap(({ acknowledgedAfter }) => acknowledgedAfter ?? []).sort((a, b) => a - b);
  const told = rung.map(({ rungAfter = 0 }) => rungAfter).sort((a, b) => a - b);
  return {
    total: times.length,
    peakDay: perUnit(DAY),
    peakHour: perUnit(60 * MINUTE),
    peakTenMinutes: most(10 * MINUTE),
    floodShare: floodMs / (MONTH.endAt - MONTH.startAt),
    worstShare: counts.slice(0, 10).reduce((sum, { count }) => sum + count, 0) / Math.max(1, times.length),
    stale: times.filter(({ from, to }) => (to ?? MONTH.endAt) - from > DAY).map(({ alarm }) => alarm),
    low: times.filter(({ severity }) => severity === "warning").length,
    high: times.filter(({ severity }) => severity === "critical").length,
    rung: rung.length,
    unacknowledged: rung.length - waits.length,
    late: told.filter((ms) => ms > MINUTE).length,
    p99: told[Math.ceil(told.length * 0.99) - 1] ?? null,
    waits: waits.length,
  };
}

describe.each(DATABASES)("the quality of a month of alarms in %s", (_, open) => {
  let database: Database | null = null;
  afterEach(async () => {
    await database?.close();
    database = null;
  });

  it("is what an independent calculation says, and each planted fault is found by its name", async () => {
    database = await openTables(await open());
    const times = plantedMonth(1);
    await storeTimes(database, times);
    const quality = await readQuality(database, REQUEST);
    const { delivery, load, priorities } = quality;
    expect({
      total: load.total,
      peakDay: load.peakDay,
      peakHour: load.peakHour,
      peakTenMinutes: load.peakTenMinutes,
      floodShare: quality.floodShare,
      worstShare: quality.worstShare,
      stale: quality.stale.map(({ name }) => name).toSorted(),
      low: priorities.low,
      high: priorities.high,
      rung: quality.rung[0]?.rate.total,
      unacknowledged: quality.unacknowledged,
      late: delivery.late,
      p99: delivery.received.p99,
      waits: quality.response.reduce((sum, { rung, unacknowledged }) => sum + rung - unacknowledged, 0),
    }).toEqual(independently(times));
    expect(quality.chattering).toEqual([{ name: "chattering", count: 2 }]);
    expect(quality.fleeting).toEqual([{ name: "fleeting", count: 6 }]);
    expect(quality.floods).toMatchObject([{ firstOut: "flood 0", size: 25 }]);
    expect(quality.stale.map(({ name }) => name)).toEqual(["stale", "standing"]);
  });

  it("counts what came while the clock was set back", async () => {
    database = await openTables(await open());
    const planted = { severity: "warning", from: MONTH.startAt + 10 * HOUR, to: null } as const;
    await storeTimes(
      database,
      ["a", "b"].map((alarm) => ({ alarm, ...planted })),
    );
    await database.transaction(({ run }) =>
      run("UPDATE events SET received_at = received_at - $1 WHERE id = 2", 3 * HOUR),
    );
    const [first] = (await readQuality(database, REQUEST)).days;
    expect([first?.hours[7], first?.hours[10]]).toEqual([1, 1]);
  });

  it("is asked for in steps, two at once, and read in their order", async () => {
    const opened = await openTables(await open());
    database = opened;
    const from = MONTH.startAt + 10 * HOUR;
    await storeTimes(opened, [
      { alarm: "a", severity: "warning", from, to: from + 1 },
      { alarm: "a", severity: "warning", from: from + HOUR, to: null },
    ]);
    await opened.transaction(({ run }) => run("UPDATE events SET id = id * 30000"));
    let underWay = 0;
    const together: number[] = [];
    const quality = await readQuality(
      {
        async all(sql, ...values) {
          together.push(++underWay);
          return opened.all<never>(sql, ...values).finally(() => underWay--);
        },
      },
      REQUEST,
    );
    expect([quality.load.total, Math.max(...together)]).toEqual([2, 2]);
  });

  it("says for how long somebody put an alarm aside, as they wanted it", async () => {
    const [at, untilAt] = [MONTH.startAt + HOUR, MONTH.startAt + 3 * HOUR];
    database = await open();
    const store = await openStore(database, { now: () => at });
    const by = { userId: 5, name: "Anna", chatId: 1 };
    for (const id of ["a", "b"]) await store.record([eventOf({ id, message: id, state: "active" }, { at })]);
    for (const [id, end] of [
      [1, untilAt],
      [2, null],
    ] as const) {
      const until = { untilAt: end, reason: "pump away" };
      await store.act(id, {
        by,
        action: "shelve",
        apply: (alarm) => shelve(alarm, by, at, until),
        words: until.reason,
      });
    }
    await store.record([eventOf({ id: "b", message: "b", state: "cleared" }, { at: at + HOUR })]);
    const one = { name: "a", by: "Anna", at, untilAt, isTakenBack: false, why: "pump away" };
    expect((await readQuality(database, REQUEST)).shelved).toEqual([one, { ...one, name: "b", untilAt: at + HOUR }]);
  });

  it("calls an alarm by one line", async () => {
    database = await openTables(await open());
    await storeTimes(database, [{ alarm: "pump\n7", severity: "warning", from: MONTH.startAt + HOUR, to: null }]);
    expect((await readQuality(database, REQUEST)).worst).toMatchObject([{ name: expect.stringMatching(/^.*pump 7$/) }]);
  });

  it("has nothing to say against an empty month", async () => {
    database = await openTables(await open());
    const quality = await readQuality(database, REQUEST);
    expect(quality).toMatchObject({
      load: { total: 0, peakDay: 0, peakTenMinutes: 0 },
      rung: [],
      floods: [],
      worst: [],
      worstShare: 0,
      ringsPerChange: null,
      delivery: { told: 0, received: { p99: null } },
    });
    expect(quality.days).toHaveLength(30);
  });
});
