import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acknowledge, shelve } from "../../src/alarms/lifecycle/handling.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { readClockHistory } from "../../src/store/keeping.ts";
import { createFeedBlocks } from "../../src/store/feed-blocks.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../support/store.ts";
import { createScheduler, type Scheduler } from "../../src/engine/scheduler.ts";
import { eventOf } from "../support/alarms.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { allHeard } from "../support/heard.ts";
import { RULES } from "../support/rules.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let clock: ManualClock;
let database: Database;
let store: Store;
let keeper: Scheduler;
let looks: number;

/** As a run begins on the same database. */
async function begin(rules = RULES): Promise<void> {
  const real = await openStore(database, {
    rules,
    now: clock.now,
  });
  looks = 0;
  store = {
    ...real,
    reschedule(former, before) {
      looks += 1;
      return real.reschedule(former, before);
    },
  };
  const { formerClock } = await readClockHistory(database, clock.now);
  const secondPath = { afterMs: MINUTE, topic: null, url: null };
  keeper = createScheduler({ engine: store, store, rules, secondPath, wake: () => undefined, clock, formerClock });
  await keeper.start();
}
beforeEach(async () => {
  clock = createManualClock();
  database = openSqlite(":memory:");
  await begin();
  const alarm = (id: string) =>
    eventOf({ id, message: id, severity: "critical", state: "active" }, { at: clock.now() });
  await store.record([alarm("open"), alarm("taken")]);
  await allHeard(database, store);
  const by = { userId: 1, name: "Aino", chatId: 1 };
  await store.act(2, { by, action: "acknowledge", apply: (before, at) => acknowledge(before, by, at) });
});
afterEach(() => store.close());

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += MINUTE) {
    clock.advance(MINUTE);
    await keeper.tick();
  }
}
const reminded = async () => [
  (await store.alarms.find(1))?.handling.step === 1,
  ((await store.alarms.find(2))?.handling.owner?.remindedAt ?? 0) >= clock.now(),
];

describe("reminders when the clock was set back by a day", () => {
  it("come as long after that as they would have come after the alarm", async () => {
    clock.set(clock.now() - 24 * HOUR);
    await keeper.tick();
    await pass(4 * MINUTE);
    expect(await reminded()).toEqual([false, false]);
    await pass(MINUTE);
    expect(await reminded()).toEqual([true, false]);
    await pass(55 * MINUTE);
    expect(await reminded()).toEqual([true, true]);
  });

  it("do so, too, if that was between two runs", async () => {
    clock.set(clock.now() - 24 * HOUR);
    await begin();
    await pass(5 * MINUTE);
    expect(await reminded()).toEqual([true, false]);
  });
});

describe("what was noted by a clock that was ahead by a year", () => {
  const YEAR = 365 * 24 * HOUR;
  const by = { userId: 1, name: "Aino", chatId: 1 };
  const shelveFor = (ms: number) =>
    store.act(1, {
      by,
      action: "shelve",
      apply: (before, at) => shelve(before, by, at, { untilAt: at + ms, reason: null }),
    });

  it("silences an alarm for as long as was wanted, whether the program ran on or began anew", async () => {
    for (const isNewRun of [false, true]) {
      clock.set(clock.now() + YEAR);
      await keeper.tick();
      await shelveFor(8 * HOUR);
      clock.set(clock.now() - YEAR);
      if (isNewRun) await begin();
      else await keeper.tick();
      expect((await store.alarms.find(1))?.handling.shelf).toMatchObject({
        at: clock.now(),
        untilAt: clock.now() + 8 * HOUR,
      });
      clock.advance(8 * HOUR);
      for (let looks = 0; looks < 3; looks++) await keeper.tick();
      expect((await store.alarms.find(1))?.handling.shelf).toBeNull();
    }
  });

  it("holds up neither what waits nor a board nor the watch over what is silent, and is not known of a channel", async () => {
    const blocks = createFeedBlocks(database, { channelId: "9", now: clock.now });
    clock.set(clock.now() + YEAR);
    await store.record([eventOf({ id: "late", message: "late", severity: "critical" }, { at: clock.now() })]);
    await store.boards.open({ chatId: 1, threadId: null, kind: "flood", openedAt: clock.now() }, clock.now(), null);
    await store.heartbeats.save([{ name: "a", lastAt: clock.now(), intervalMs: null }], []);
    const empty = { times: new Float64Array(), values: new Float64Array() };
    await blocks.put(1, [{ startAt: clock.now() - HOUR, endAt: clock.now(), ...empty }], null);
    const ahead = clock.now();
    clock.set(ahead - YEAR);
    await begin();
    const [card] = await database.all<{ pending_since: number }>(
      "SELECT MAX(pending_since) AS pending_since FROM cards",
    );
    expect(card?.pending_since).toBe(clock.now());
    expect(await store.boards.next(1, clock.now(), false)).toMatchObject({ openedAt: clock.now() });
    expect(await store.heartbeats.all()).toMatchObject([{ lastAt: clock.now() }]);
    expect(await blocks.within(1, 0, ahead)).toEqual([]);
  });
});

it("looks at all open alarms only when rules or clock changed", async () => {
  await begin();
  clock.set(clock.now() - 5_000);
  await pass(MINUTE);
  clock.set(clock.now() + HOUR);
  await pass(MINUTE);
  expect(looks).toBe(0);
  await begin({ ...RULES, returnAfterMs: 2 * HOUR });
  expect(looks).toBe(1);
  await keeper.follow(RULES.escalations);
  expect(looks).toBe(2);
});
