import { Secret, TOTP } from "otpauth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Alarm } from "../../src/alarms/types.ts";
import { pastBudgetsOf } from "../../src/app/chat/access-options.ts";
import { planChannelStep } from "../../src/bridge/plan-step.ts";
import { createBrokerMemory } from "../../src/health/broker-memory.ts";
import { createFilterWatch } from "../../src/health/filter-watch.ts";
import { createFormerClock, OWN_ENDS, type FormerClock } from "../../src/lib/time/former-clock.ts";
import { createClockWatch } from "../../src/lib/time/clock-watch.ts";
import { look, NO_LEVEL, take, type LevelLimit } from "../../src/limits/level.ts";
import { readKeptPace } from "../../src/pace/kept-pace.ts";
import { createPace } from "../../src/pace/pace.ts";
import { createBudgets, EACH } from "../../src/people/budget.ts";
import { openSecondFactor } from "../../src/people/second-factor.ts";
import { openBridgeStore } from "../../src/store/bridge/store.ts";
import { createKeeping, readClockHistory } from "../../src/store/keeping.ts";
import { settleClock } from "../../src/store/set-back.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { createKeyValue, type KeyValue } from "../../src/store/sql/key-value.ts";
import { migrate } from "../../src/store/schema.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { AlarmAnswers } from "../../src/telegram/cards/alarm-answers.ts";
import { createProposals } from "../../src/telegram/commands/proposals.ts";
import { LiveMessages } from "../../src/telegram/plots/live-messages.ts";
import { FieldMonitors } from "../../src/watchdog/field-monitors.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** How far the clock of the first is ahead of that of the second. */
const AHEAD = 2 * HOUR;

let clock: ManualClock;
/** When the first began, by its clock. */
let startedAt: number;
let database: Database;
let keyValue: KeyValue;
beforeEach(async () => {
  clock = createManualClock();
  startedAt = clock.now();
  database = openSqlite(":memory:");
  await migrate(database);
  keyValue = createKeyValue(database);
});
afterEach(() => database.close());

/** The program keeps what the next run must know, as it does each second. */
const keep = (parts: Record<string, () => unknown> = {}): Promise<void> =>
  createKeeping(keyValue, parts, clock, startedAt)();

/** Another process takes over at once, whose clock is two hours behind. */
async function takeOver(): Promise<FormerClock> {
  clock.set(clock.now() - AHEAD);
  return (await readClockHistory(database, clock.now)).formerClock;
}

describe("a process whose clock is two hours behind takes over", () => {
  it("and knows how far the other one was ahead, to the minute", async () => {
    const keepOn = createKeeping(keyValue, {}, clock, startedAt);
    for (let second = 0; second < 150; second++) {
      await keepOn();
      clock.advance(SECOND);
    }
    const { aheadMs } = await takeOver();
    expect(aheadMs).toBeLessThanOrEqual(AHEAD);
    expect(aheadMs).toBeGreaterThanOrEqual(AHEAD - MINUTE);
  });

  it("and takes nothing back once more that the other one did when its clock was set back", async () => {
    const keepOn = createKeeping(keyValue, {}, clock, startedAt);
    await keepOn();
    clock.advance(SECOND);
    clock.set(clock.now() - AHEAD);
    await keepOn();
    expect((await readClockHistory(database, clock.now)).formerClock.aheadMs).toBe(0);
  });

  it("after which a chat is left alone for as long as Telegram asked for, and no longer", async () => {
    const pace = createPace({ isOn: true, clock });
    pace.refused(7, MINUTE);
    await keep({ pace: pace.kept });
    clock.advance(20 * SECOND);
    const formerClock = await takeOver();
    const next = createPace({ isOn: true, past: readKeptPace(await keyValue.read("pace"), formerClock), clock });
    expect(next.heldMs(7)).toBeGreaterThanOrEqual(40 * SECOND);
    expect(next.heldMs(7)).toBeLessThanOrEqual(MINUTE);
  });

  it("after which people have of their budgets what they had", async () => {
    const budgets = createBudgets({ ...EACH, ...clock });
    budgets.take(11, 5);
    await keep({ budgets: () => ({ each: budgets.kept(), inGroups: [] }) });
    const past = pastBudgetsOf(await keyValue.read("budgets"), await takeOver());
    expect(createBudgets({ ...EACH, past: past.each, ...clock }).take(11, 35)).toBeNull();
  });

  it("after which what a code opened is open for as long as it would have been, and a lock no longer", async () => {
    const secret = new Secret();
    const memory = {
      read: () => keyValue.read("codes"),
      write: (content: unknown) => keyValue.write("codes", content),
    };
    const secrets = new Map([11, 12].map((userId) => [userId, secret.base32]));
    const first = await openSecondFactor({ secrets, memory, ...clock });
    await first.enter(11, new TOTP({ secret }).generate({ timestamp: clock.now() }));
    for (let tries = 0; tries < 5; tries++) await first.enter(12, "");
    clock.advance(8 * MINUTE);
    await keep();
    const second = await openSecondFactor({ secrets, memory, formerClock: await takeOver(), ...clock });
    clock.advance(MINUTE);
    expect(second.isNeeded(11)).toBe(false);
    clock.advance(MINUTE);
    expect(second.isNeeded(11)).toBe(true);
    clock.advance(5 * MINUTE);
    expect(await second.enter(12, new TOTP({ secret }).generate({ timestamp: clock.now() }))).toBe("right");
  });

  it("after which what is live ends when its hour is over", async () => {
    const live = () =>
      new LiveMessages<null>({
        name: "live",
        keyValue,
        everyMs: () => MINUTE,
        refresh: () => true,
        pack: ({ message, untilAt }) => ({ message, untilAt }),
        unpack: (kept) => ({
          ...(kept as { message: { chatId: number; messageId: number }; untilAt: number }),
          content: null,
        }),
        clock,
        log: silentLog,
      });
    const message = { chatId: 7, messageId: 1 };
    const first = live();
    first.start(message, null);
    clock.advance(50 * MINUTE);
    first.stopAll();
    await keep();
    const second = live();
    await second.resume(await takeOver());
    clock.advance(9 * MINUTE);
    expect(second.find(message)).not.toBeNull();
    clock.advance(2 * MINUTE);
    expect(second.find(message)).toBeNull();
  });

  it("after which an answer about an alarm is followed until its hour is over", async () => {
    const shown: string[] = [];
    const answers = () =>
      new AlarmAnswers({
        find: async () => ({ id: 42, version: 0 }) as Alarm,
        show: async (_, alarm) => void shown.push(alarm === null ? "no buttons" : "buttons"),
        keyValue,
        clock,
        log: silentLog,
      });
    answers().follow(7, 1, { id: 42, version: 0 } as Alarm);
    clock.advance(50 * MINUTE);
    await keep();
    const second = answers();
    await second.resume(await takeOver());
    clock.advance(9 * MINUTE);
    await second.refresh();
    expect(shown).toEqual([]);
    clock.advance(2 * MINUTE);
    await second.refresh();
    expect(shown).toEqual(["no buttons"]);
  });

  it("after which a value that somebody asked to write can be agreed to within its five minutes, and not later", async () => {
    const proposals = () => createProposals({ keyValue, clock, log: silentLog });
    const first = proposals();
    await first.resume(OWN_ENDS);
    const names = { member: "Fan", device: "AMB", wanted: "60" };
    const id = await first.add({ root: "r", group: "", path: "p", names, old: 1, value: 2, userId: 11, chatId: 11 });
    clock.advance(2 * MINUTE);
    await keep();
    const second = proposals();
    await second.resume(await takeOver());
    expect(second.get(id)).not.toBeNull();
    clock.advance(3 * MINUTE + 1);
    expect(second.get(id)).toBeNull();
  });

  it("after which a channel of ThingSpeak waits no longer for its turn, and its entries are of now", async () => {
    const intervals = { bulkMs: 15 * SECOND, pointMs: 15 * SECOND };
    const entry = { channelId: 7, kind: "bulk", isRelative: true, cells: ["1"] } as const;
    const arrival = (at: number) => ({ entries: [{ ...entry, at }], points: [], bad: [], receipts: [] });
    const first = await openBridgeStore(database, clock.now);
    await first.take(arrival(clock.now()));
    const [state] = await first.channels();
    await first.note({ ...state!, calledAt: clock.now(), nextAt: clock.now() + 10 * MINUTE, failures: 6 });
    clock.advance(4 * MINUTE);
    await keep();
    const formerClock = await takeOver();
    await database.transaction((queries) => settleClock(queries, clock.now(), formerClock));
    const second = await openBridgeStore(database, clock.now, formerClock);
    const [after] = await second.channels();
    const step = planChannelStep(after!, await second.queue(7), intervals, clock.now());
    expect(step).toEqual({ kind: "wait", ms: 6 * MINUTE });
    const [placed] = await second.take(arrival(clock.now()));
    expect(placed?.at).toBe(clock.now());
  });

  it("after which a day without a message counts from when it began", async () => {
    const told: string[] = [];
    const watch = (formerClock: FormerClock) =>
      createFilterWatch({
        filters: () => ["plant/#"],
        broker: "mqtt://a",
        isConnected: () => true,
        keyValue,
        tell: async ({ id }) => void told.push(id),
        now: clock.now,
        formerClock,
      });
    await watch(createFormerClock(clock.now)).check();
    clock.advance(HOUR);
    await keep();
    const second = watch(await takeOver());
    await second.check();
    clock.advance(23 * HOUR);
    await second.check();
    expect(told).toEqual(["topic filter plant/#"]);
  });

  it("after which a broker that forgot us has kept nothing since its last sign of life", async () => {
    const memory = (formerClock: FormerClock) =>
      createBrokerMemory({ sessions: ["a"], topics: ["plant/#"], keyValue, now: clock.now, formerClock });
    await memory(createFormerClock(clock.now)).granted(false, 0);
    clock.advance(10 * MINUTE);
    await keep();
    const second = memory(await takeOver());
    expect(await second.granted(false, 0)).toMatchObject({ from: clock.now() - 10 * MINUTE, to: clock.now() });
  });
});

describe("what an earlier version kept, or what was kept before our clock was set back by two hours", () => {
  it("keeps no channel waiting that was called then", () => {
    const state = { channelId: 7, result: null, failures: 6, parked: null, year: 0, taken: 0 };
    const queue = { waiting: 1, bulk: 1, unsettled: 0, oldestAt: 0 };
    const intervals = { bulkMs: 15 * SECOND, pointMs: 15 * SECOND };
    const calledAt = clock.now() + AHEAD;
    const step = planChannelStep({ ...state, calledAt, nextAt: calledAt + 15 * MINUTE }, queue, intervals, clock.now());
    expect(step).toEqual({ kind: "call" });
  });

  it("makes no field of ThingSpeak live for longer", () => {
    const heartbeat = { lastAt: clock.now() + AHEAD, gaps: [] };
    const fields = new FieldMonitors({
      heartbeats: [{ topic: null, field: 1, everyMs: 5 * MINUTE, name: "Coil" }],
      latest: async () => [],
      known: new Map([["field 1", heartbeat]]),
      now: clock.now,
      present: createClockWatch(clock).present,
      awakeSince: () => clock.now(),
    });
    expect(fields.observations()).toMatchObject([{ silentFrom: clock.now() + 15 * MINUTE }]);
  });

  it("makes no limit deaf, nor its time longer", () => {
    const limit: LevelLimit = { isAbove: true, value: 80, holdMs: 10 * SECOND, hysteresis: 2, lateMs: 5 * MINUTE };
    const now = clock.now();
    const before = { ...NO_LEVEL, since: now + AHEAD, worst: 81, newest: { at: now + AHEAD, value: 81 } };
    // It came a moment ago.
    const { state } = take(before, limit, { at: now - 5, value: 82 }, now);
    expect(state.newest).toEqual({ at: now - 5, value: 82 });
    expect(look(state, limit, now + 10 * SECOND).transition?.kind).toBe("raised");
  });
});
