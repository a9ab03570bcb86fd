import { beforeEach, describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import { LimitMonitor } from "../../src/limits/limits.ts";
import type { WatchedSeries } from "../../src/limits/types.ts";
import type { LimitRule } from "../../src/limits/rule.ts";
import { createFormerClock } from "../../src/lib/time/former-clock.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { createRandom } from "../../src/simulator/random.ts";
import { silentLog } from "../support/log.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const START = Date.UTC(2026, 10, 23, 3);
const KEY = { device: "live", member: "field1" };
const base = { severity: "error", holdMs: 10 * SECOND, hysteresis: 2 } as const;
const ABOVE: LimitRule = { ...base, kind: "level", side: "above", value: 80, predictMs: null };
const RISES: LimitRule = { ...base, kind: "rate", side: "rises", value: 5, withinMs: MINUTE, per: "min" };

let clock: ManualClock;
let rules: readonly LimitRule[];
let label: string;
/** What was told, and what is active, as a store has it. */
let told: AlarmEvent[];
let active: Map<string, AlarmEvent>;
let isFull: boolean;
let kept: Map<string, string>;
/** What was measured, for how it goes on. */
let valueAt: (at: number) => number;
let limits: LimitMonitor;

const series = (): readonly WatchedSeries[] =>
  rules.length === 0
    ? []
    : [
        {
          name: "field1",
          label,
          unit: "°C",
          decimals: 1,
          field: 1,
          keys: [KEY, { ...KEY, device: "channel 9" }],
          rules,
        },
      ];

/** As a process builds it; nothing is known yet of what an earlier run kept. */
const create = (): LimitMonitor =>
  new LimitMonitor({
    series,
    async read(_, startAt, endAt) {
      const times = Float64Array.from(
        { length: (endAt - startAt) / (15 * SECOND) },
        (__, i) => startAt + i * 15 * SECOND,
      );
      return { times, values: times.map(valueAt) };
    },
    async report(events) {
      if (isFull) throw new Error("disk full");
      for (const event of events) {
        told.push(event);
        if (event.state === "active") active.set(event.alarmKey, event);
        else active.delete(event.alarmKey);
      }
    },
    isActive: async ({ alarmKey }) => active.has(alarmKey),
    active: async () => [...active.values()].map(({ id, topic }) => ({ id: id ?? "", topic })),
    keyValue: {
      read: async (name) => JSON.parse(kept.get(name) ?? "null") as unknown,
      write: async (name, content) => void kept.set(name, JSON.stringify(content)),
    },
    lateMs: 5 * MINUTE,
    timeZone: "UTC",
    now: clock.now,
    log: silentLog,
  });

async function open(): Promise<void> {
  limits = create();
  await limits.start(createFormerClock(clock.now));
}

beforeEach(async () => {
  clock = createManualClock(START);
  [rules, label, told, active, isFull, kept] = [[ABOVE], "Coil", [], new Map(), false, new Map()];
  valueAt = () => 50;
  await open();
});

/** Values a second apart, each followed by a look; what was told of them. */
async function send(...values: readonly number[]): Promise<readonly string[]> {
  const before = told.length;
  for (const value of values) {
    clock.set(clock.now() + SECOND);
    limits.take(KEY, clock.now(), value);
    await limits.tick();
  }
  return told.slice(before).map(words);
}
const words = ({ severity, state, message }: AlarmEvent): string => `${severity} ${state}: ${message}`;
const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);

const RAISED = "error active: Coil above 80.0 °C";
const CLEARED = "error cleared: Coil above 80.0 °C";

describe("the alarm of a limit", () => {
  it("has all that a card shows: source, value, unit, limit and the field whose trend is drawn", async () => {
    expect(limits.status()).toEqual({ watched: 1, passed: [] });
    expect(await send(...times(9, 83), 84, 84.5)).toEqual([RAISED]);
    expect(limits.status()).toEqual({ watched: 1, passed: ["Coil above 80.0 °C"] });
    expect(told[0]).toMatchObject({
      topic: "$limits/field1",
      source: "Coil",
      value: 84.5,
      unit: "°C",
      limit: 80,
      field: 1,
      occurredAt: clock.now(),
      remark: null,
    });
    expect(await send(79, 78.1, 81, 77)).toEqual([CLEARED]);
  });

  it("is each limit's own, and the same whatever the field is called", async () => {
    rules = [ABOVE, { ...ABOVE, value: 75, severity: "warning" }, { ...ABOVE, side: "below", value: 20 }];
    await limits.follow();
    expect(await send(...times(11, 83))).toEqual([RAISED, "warning active: Coil above 75.0 °C"]);
    label = "Coil 2";
    await limits.follow();
    expect(await send(74)).toEqual(["error cleared: Coil 2 above 80.0 °C"]);
    expect(await send(72, 10, ...times(10, 10))).toEqual([
      "warning cleared: Coil 2 above 75.0 °C",
      "error active: Coil 2 below 20.0 °C",
    ]);
    expect(active.size).toBe(1);
  });

  it("comes from whatever series the measurement has, and from no other", async () => {
    for (const device of ["live", "channel 9"]) limits.take({ ...KEY, device }, clock.now(), 90);
    limits.take({ ...KEY, member: "field2" }, clock.now(), 10);
    limits.take({ ...KEY, device: "channel 10" }, clock.now(), 10);
    clock.set(clock.now() + 10 * SECOND);
    await limits.tick();
    expect(told.map(words)).toEqual([RAISED]);
  });

  it("goes on over a restart, and ends after it; a pending one is not begun anew", async () => {
    await send(...times(11, 83));
    await open();
    expect(await send(...times(20, 84))).toEqual([]);
    await open();
    expect(await send(70)).toEqual([CLEARED]);
    await send(...times(8, 83));
    clock.set(clock.now() + MINUTE);
    await limits.tick();
    // Nobody knows that it was told.
    told = [];
    active.clear();
    await open();
    await limits.tick();
    expect(told.map(words)).toEqual([RAISED]);
  });

  it("is over when its limit is watched no more, also since an earlier run", async () => {
    await send(...times(11, 83));
    rules = [{ ...ABOVE, value: 85 }];
    await limits.follow();
    expect(told.slice(1).map(words)).toEqual(["warning cleared: No longer watched: above 80 error"]);
    expect(active.size).toBe(0);
    await send(...times(11, 90));
    rules = [];
    await open();
    await limits.tick();
    expect(active.size).toBe(0);
  });

  it("that could not be stored is told as soon as it can, in order and once", async () => {
    isFull = true;
    for (const value of [...times(11, 83), 70]) {
      clock.set(clock.now() + SECOND);
      limits.take(KEY, clock.now(), value);
      await limits.tick().catch(() => undefined);
    }
    isFull = false;
    await Promise.all([limits.tick(), limits.tick()]);
    expect(told.map(words)).toEqual([RAISED, CLEARED]);
  });

  it("keeps its value up to date, but not when somebody closed it", async () => {
    await send(...times(11, 83));
    await limits.tellTrends();
    expect(told).toHaveLength(1);
    await send(88);
    await limits.tellTrends();
    expect(told.map(({ value }) => value)).toEqual([83, 88]);
    active.clear();
    await send(89);
    await limits.tellTrends();
    expect(told).toHaveLength(2);
  });

  it("that was passed by values that are read late is told as what happened, without a ring", async () => {
    for (let i = 0; i < 40; i++) limits.take(KEY, START - 3_600_000 + i * 15 * SECOND, i < 20 ? 83 + i / 10 : 60);
    await limits.tick();
    expect(told.map(words)).toEqual([
      "info null: Coil above 80.0 °C (up to 84.9 °C) between 02:00:00 UTC and 02:05:00 UTC; read late",
    ]);
    expect(told[0]?.occurredAt).toBe(START - 55 * MINUTE);
  });
});

it("a rate is an alarm as long as it is too quick", async () => {
  rules = [RISES];
  await limits.follow();
  // 4 a minute, then 6 a minute, then no more.
  let value = 20;
  expect(await send(...Array.from({ length: 120 }, () => (value += 4 / 60)))).toEqual([]);
  expect(await send(...Array.from({ length: 60 }, () => (value += 6 / 60)))).toEqual([
    "error active: Coil rises by more than 5.0 °C/min",
  ]);
  // The value itself is told, not its rate.
  expect(told[0]?.value).toBeGreaterThan(28);
  expect(told[0]).toMatchObject({ limit: null, field: 1 });
  expect(await send(...times(120, value))).toEqual(["error cleared: Coil rises by more than 5.0 °C/min"]);
});

describe("what is to come", () => {
  beforeEach(async () => {
    rules = [{ ...ABOVE, predictMs: 30 * MINUTE }];
    await limits.follow();
  });

  it("is a warning before the limit is passed, and over when it is, or when nothing says so any more", async () => {
    valueAt = (at) => 70 + (at - START) / (6 * MINUTE);
    clock.set(START + 10 * MINUTE);
    await limits.tellTrends();
    // 80 °C is passed after an hour: not within half an hour.
    expect(told).toEqual([]);
    clock.set(START + 40 * MINUTE);
    await limits.tellTrends();
    expect(told.map(words)).toEqual(["warning active: Coil: at this rate it reaches 80.0 °C in 20 min"]);
    expect(told[0]).toMatchObject({ limit: 80, field: 1 });
    await open();
    valueAt = () => 75;
    for (let i = 0; i < 4; i++) await limits.tellTrends();
    expect(told).toHaveLength(1);
    await limits.tellTrends();
    expect(told.slice(1).map(words)).toEqual(["warning cleared: Coil: at this rate it reaches 80.0 °C no more"]);
    expect(active.size).toBe(0);
  });

  it("is not taken back while noise, or all of it, is there before the line", async () => {
    rules = [{ ...ABOVE, holdMs: 20 * MINUTE, predictMs: 30 * MINUTE }];
    await limits.follow();
    const random = createRandom(7);
    valueAt = (at) => 70 + (at - START) / (6 * MINUTE) + 1.2 * (random() - 0.5);
    for (let minute = 35; minute < 75; minute++) {
      clock.set(START + minute * MINUTE);
      limits.take(KEY, clock.now(), valueAt(clock.now()));
      await limits.tellTrends();
    }
    expect(told.filter(({ state }) => state === "cleared").map(words)).toEqual([]);
    expect(told.at(-1)?.message).toMatch(/^Coil: at this rate it reaches 80\.0 °C sooner than in \d+ (s|min)$/);
  });

  it("gives way to the alarm itself at once", async () => {
    valueAt = (at) => 70 + (at - START) / (6 * MINUTE);
    clock.set(START + 50 * MINUTE);
    await limits.tellTrends();
    await send(...times(11, 83));
    await limits.tellTrends();
    expect([...active.values()].map(words)).toEqual([RAISED]);
  });
});

it("a value costs far less than what a hundred a second may take: 1 % of a core is 100 µs", async () => {
  rules = [ABOVE, { ...ABOVE, value: 75 }, RISES];
  await limits.follow();
  const count = 200_000;
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    clock.set(clock.now() + 10);
    limits.take(KEY, clock.now(), 50 + (i % 7));
  }
  const { user } = process.cpuUsage(before);
  expect(user / count).toBeLessThan(25);
});

describe("what an earlier run kept", () => {
  const FACT = "limits";

  it("is written over by nobody who does not know it: a start that fails saves at its end, too", async () => {
    limits.take(KEY, clock.now(), 90);
    clock.advance(2 * MINUTE);
    await limits.tick();
    const before = kept.get(FACT);
    expect(before).toContain("newest");
    await create().tick();
    expect(kept.get(FACT)).toBe(before);
  });

  it("goes on where one limit of it is not understood", async () => {
    rules = [ABOVE, RISES];
    await open();
    limits.take(KEY, clock.now(), 90);
    clock.advance(2 * MINUTE);
    await limits.tick();
    const [[name, state] = [], ...others] = Object.entries(JSON.parse(kept.get(FACT) ?? "{}") as object);
    expect(others).toHaveLength(1);
    kept.set(FACT, JSON.stringify({ ...Object.fromEntries(others), [String(name)]: "of a newer version" }));
    await open();
    expect(limits.newestAt("field1")).toBe((state as { newest: { at: number } }).newest.at);
  });
});
