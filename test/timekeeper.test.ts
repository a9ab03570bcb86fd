import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acknowledge } from "../src/alarms/handling.ts";
import type { Database } from "../src/store/database.ts";
import { openSqlite } from "../src/store/sqlite.ts";
import { openStore, type Store } from "../src/store/store.ts";
import { createTimekeeper, type Timekeeper } from "../src/timekeeper.ts";
import { eventOf } from "./support/alarms.ts";
import { createManualClock, type ManualClock } from "./support/clock.ts";
import { chatOf, RULES } from "./support/rules.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let clock: ManualClock;
let database: Database;
let store: Store;
let keeper: Timekeeper;
let looks: number;

/** As a run begins on the same database. */
async function begin(rules = RULES): Promise<void> {
  const real = await openStore(database, {
    rules,
    destinationsOf: () => [chatOf(1)],
    answers: { suffix: null },
    timeZone: "UTC",
    now: clock.now,
  });
  looks = 0;
  store = {
    ...real,
    reschedule(former) {
      looks += 1;
      return real.reschedule(former);
    },
  };
  const secondPath = { afterMs: MINUTE, topic: null, url: null };
  keeper = createTimekeeper({ store, rules, secondPath, wake: () => undefined, clock });
  await keeper.start();
}
beforeEach(async () => {
  clock = createManualClock();
  database = openSqlite(":memory:");
  await begin();
  const alarm = (id: string) =>
    eventOf({ id, message: id, severity: "critical", state: "active" }, { at: clock.now() });
  await store.record([alarm("open"), alarm("taken")]);
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
  (await store.alarm(1))?.course.step === 1,
  ((await store.alarm(2))?.course.owner?.remindedAt ?? 0) >= clock.now(),
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
