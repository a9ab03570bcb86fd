import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AlarmRule } from "../../src/alarms/lifecycle/alarm-rule.ts";
import { createFormerClock } from "../../src/lib/time/former-clock.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { countAlarms } from "../../src/store/alarms/alarm-lists.ts";
import { emptyTables } from "../store/tables.ts";
import { byHand } from "../support/by-hand.ts";
import { eventOf, NOW, TOPIC } from "../support/alarms.ts";
import { DATABASES } from "../support/databases.ts";
import { NO_RULE } from "../support/one-alarm.ts";
import { RULES } from "../support/rules.ts";
import { openStore, type Store } from "../support/store.ts";

const DELAYED: AlarmRule = { ...NO_RULE, delayMs: 10_000 };

describe.each(DATABASES)("an alarm that its rule holds back, on %s", (_, open) => {
  let database: Database;
  let store: Store;
  let now = NOW;

  /** As a run begins on what the one before left, however that ended. */
  async function begin(single: readonly AlarmRule[] = [DELAYED]): Promise<void> {
    store = await openStore(database, { rules: { ...RULES, single }, now: () => now });
  }
  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    now = NOW;
    await emptyTables(database);
    await begin();
  });
  afterAll(() => database.close());

  const message = { message: "Hot", source: "AMB", field: 3, severity: "warning" };
  const say = (more: object = {}, how: object = {}) =>
    store.record([{ ...eventOf({ ...message, ...more }, { at: now }), ...how }]);
  const raise = () => say({ id: "a", state: "active" });
  async function pass(ms: number): Promise<readonly number[]> {
    now += ms;
    return store.elapse();
  }
  const pending = () => store.cards.nextPending(1, now);
  const standing = async () => (await store.alarms.listActive({ offset: 0, limit: 9 })).total;

  it("is no alarm yet for anybody, and comes at its time though the program died over it", async () => {
    expect(await raise()).toEqual([]);
    expect([await standing(), await pending()]).toEqual([0, null]);
    expect((await store.history.recent(NOW - 1, 9)).records).toMatchObject([{ reports: 1 }]);
    await begin();
    expect(await pass(9_999)).toEqual([]);
    // What the broker keeps comes again at the start.
    await say({ id: "a", state: "active" }, { isRetained: true });
    expect(await pending()).toBeNull();
    expect(await pass(1)).toEqual([1]);
    expect(await pending()).toMatchObject({
      alarm: { id: 1, state: "active", occurrence: 1, startedAt: NOW },
      card: { rings: 1, rung: 0, ringReason: "first" },
    });
    expect(await pass(60_000)).toEqual([]);
  });

  it("does not come when its topic is over, or an end in other words means it", async () => {
    await raise();
    await store.record([eventOf("", { at: (now += 1_000) })]);
    await say({ message: "Hot again", state: "active" });
    await say({ message: "Cooled down", state: "cleared" });
    expect(await pass(60_000)).toEqual([]);
    expect(await standing()).toBe(0);
    expect(await store.alarms.find(1)).toMatchObject({ topic: TOPIC, handling: { untold: { brief: 1 } } });
    expect(await store.alarms.find(2)).toMatchObject({ message: "Hot again", handling: { untold: { brief: 1 } } });
  });

  it("goes on over a restart where we watch its limit, and is no alarm of a report", async () => {
    const limit = { topic: "$limits/field1" };
    await say({ id: "limit field 1 above 80", message: "Coil above 80 °C", state: "active" }, limit);
    expect(await store.heartbeats.activeTroubles("$limits/")).toEqual([{ id: "limit field 1 above 80", ...limit }]);
    expect((await countAlarms(database, NOW - 1)).came.warning).toBe(0);
    await pass(10_000);
    expect(await store.heartbeats.activeTroubles("$limits/")).toHaveLength(1);
    expect((await countAlarms(database, NOW - 1)).came.warning).toBe(1);
  });

  it("comes at once when its rule is taken back, and by a clock that was set back no later", async () => {
    await raise();
    await begin([]);
    await store.reschedule(
      null,
      createFormerClock(() => now),
    );
    expect(await pass(0)).toEqual([1]);
    await begin();
    now += 3_600_000;
    await say({ id: "b", message: "Cold", state: "active" });
    now -= 3_600_000;
    await store.reschedule(
      null,
      createFormerClock(() => now),
    );
    expect(await pass(10_000)).toEqual([1]);
    expect(await standing()).toBe(2);
  });

  it("counts as earlier by no more than a clock was ahead, which others went by for long", async () => {
    const aheadMs = 3_600_000;
    now = NOW + aheadMs;
    await raise();
    now = NOW + 1_000;
    await store.reschedule(
      null,
      createFormerClock(() => now, { aheadMs, since: NOW - 3 * aheadMs }),
    );
    expect(await store.alarms.find(1)).toMatchObject({ lastReceivedAt: NOW, lastAt: NOW });
    expect(await pass(8_999)).toEqual([]);
    expect(await pass(1)).toEqual([1]);
  });

  it("is told of what comes late after an outage, and is critical or not understood, at once", async () => {
    const dated = (more: object, secondsAgo: number) =>
      say({ id: "a", state: "active", ...more, timestamp: now - secondsAgo * 1_000 });
    await dated({}, 0);
    await dated({ severity: "purple" }, 1);
    expect(await pending()).toMatchObject({
      alarm: { state: "active", peakSeverity: "error", handling: { heldBack: null, late: { severity: "error" } } },
      card: { ringReason: "first" },
    });
    await dated({ id: "b" }, 0);
    await dated({ id: "b", state: "cleared" }, 0);
    await dated({ id: "b", severity: "critical" }, 60);
    expect((await store.alarms.find(2))?.handling).toMatchObject({ untold: { brief: 1 }, heldBack: null });
    expect(await pending()).toMatchObject({
      alarm: { id: 2, state: "cleared", peakSeverity: "critical" },
      card: { ringReason: "first" },
    });
    await dated({ id: "c", severity: "error" }, -1);
    await pass(10_000);
    const { next, show } = byHand(() => store);
    for (let i = 0; i < 3; i++) await show(await next(1, now));
    await dated({ id: "c", state: "cleared", severity: "error" }, 0);
    await show(await next(1, now));
    await dated({ id: "c", severity: "critical" }, 60);
    expect(await pending()).toMatchObject({ alarm: { id: 3, state: "cleared" }, card: { followUp: "late" } });
  });

  it("comes at its time with all that came with it, however many that are", async () => {
    const flood = Array.from({ length: 1_100 }, (_, i) =>
      eventOf({ ...message, id: `pump ${i}`, state: "active" }, { at: now }),
    );
    await store.record(flood);
    await pass(10_000);
    expect(await standing()).toBe(flood.length);
  });

  it("is newer than what a board showed before it came", async () => {
    const { next, show, shown } = byHand(() => store);
    await store.boards.open({ chatId: 1, threadId: null, kind: "flood", openedAt: now }, now, null);
    await raise();
    await pass(10_000);
    const first = await next(1, now);
    await show(first, { ...shown(first), messageId: null, boardId: 1 });
    await say({ id: "a", state: "cleared" });
    await raise();
    const board = await store.boards.find(1);
    const mark = board && (await store.boards.read(board)).mark;
    expect(mark).not.toBeNull();
    await pass(10_000);
    expect(mark && (await store.alarms.takeable(1, mark))).toMatchObject({ shown: [], newer: 1 });
  });
});
