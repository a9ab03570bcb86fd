import { array, assert, asyncProperty, constantFrom, integer, tuple } from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Recorder, type RecordLimits } from "../../src/recorder/recorder.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openRecordings } from "../../src/store/recordings/store.ts";
import type { RecordingJournal } from "../../src/store/recordings/types.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";
import { openTables } from "../support/store.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 20);
const PUMP = { device: "AMB 1", member: "stPump.fTemp" };
const LIMITS: RecordLimits = { rawMs: 30 * DAY, keepMs: 400 * DAY };
const MAX_BYTES = 1e9;

let database: Database;
let clock: ManualClock;
let recorder: Recorder;

async function open(): Promise<void> {
  const store = await openRecordings(database);
  recorder = await Recorder.open({ store, limits: LIMITS, now: clock.now, log: silentLog });
}

beforeEach(async () => {
  clock = createManualClock(START);
  database = await openTables();
  await open();
});
afterEach(() => database.close());

/** Records a value each `everyMs` up to a time, saving as the program does. */
async function run(untilAt: number, everyMs: number, valueAt: (at: number) => number): Promise<void> {
  let savedAt = clock.now();
  while (clock.now() < untilAt) {
    clock.set(clock.now() + everyMs);
    recorder.record(PUMP, clock.now(), valueAt(clock.now()));
    if (clock.now() - savedAt < 5 * MINUTE) continue;
    savedAt = clock.now();
    await recorder.save();
  }
  await recorder.save();
}

const read = async (startAt: number, endAt: number) => {
  const { times, values, spread } = await recorder.read(PUMP, startAt, endAt);
  const { lows, highs } = spread ?? { lows: values, highs: values };
  return Array.from(times, (at, i) => ({ at, value: values[i]!, low: lows[i]!, high: highs[i]! }));
};

describe("what is recorded", () => {
  it("is there at once, after a save, after a restart, and after blocks were made of it", async () => {
    const expected = [1, 2, 3].map((value) => ({ at: START + value * SECOND, value, low: value, high: value }));
    for (const { at, value } of expected) recorder.record(PUMP, at, value);
    expect(await read(START, START + DAY)).toEqual(expected);
    await recorder.save();
    await open();
    expect(await read(START, START + DAY)).toEqual(expected);
    expect(recorder.series()).toEqual([PUMP]);
    clock.set(START + 10 * MINUTE);
    await recorder.save();
    expect(await database.all("SELECT * FROM recording_journal")).toEqual([]);
    await open();
    expect(await read(START, START + DAY)).toEqual(expected);
    expect(await recorder.latest(PUMP)).toEqual({ at: START + 3 * SECOND, value: 3 });
  });

  it("comes back once and in order, whenever it came, was saved, restarted and summed up", async () => {
    const step = tuple(
      constantFrom("record", "record", "record", "save", "restart", "tidy"),
      integer({ min: -40, max: 40 }),
    );
    await assert(
      asyncProperty(array(step, { maxLength: 60 }), async (steps) => {
        const own = await openTables();
        const ownClock = createManualClock(START);
        const openOwn = async () =>
          Recorder.open({ store: await openRecordings(own), limits: LIMITS, now: ownClock.now, log: silentLog });
        let one = await openOwn();
        const expected: { at: number; value: number }[] = [];
        for (const [i, [what, minutes]] of steps.entries()) {
          ownClock.set(ownClock.now() + 7 * MINUTE);
          if (what === "record") {
            const at = ownClock.now() + minutes * MINUTE;
            one.record(PUMP, at, i);
            expected.push({ at, value: i });
          } else if (what === "tidy") await one.tidy(MAX_BYTES);
          else await one.save();
          if (what === "restart") one = await openOwn();
        }
        const { times, values } = await one.read(PUMP, START - DAY, START + 2 * DAY - 1);
        const found = Array.from(times, (at, i) => ({ at, value: values[i]! }));
        expect(found).toEqual(expected.sort((a, b) => a.at - b.at || a.value - b.value));
        await own.close();
      }),
      { numRuns: 40 },
    );
  });

  it("that cannot be written is kept until it can", async () => {
    const store = await openRecordings(database);
    let isFull = true;
    const journal: RecordingJournal = {
      append: (packed) => store.journal.append(packed),
      read: () => store.journal.read(),
      seal: (blocks) => (isFull ? Promise.reject(new Error("disk full")) : store.journal.seal(blocks)),
    };
    recorder = await Recorder.open({ store: { ...store, journal }, limits: LIMITS, now: clock.now, log: silentLog });
    recorder.record(PUMP, START, 1);
    clock.set(START + 10 * MINUTE);
    await expect(recorder.save()).rejects.toThrow("disk full");
    recorder.record(PUMP, START + 1, 2);
    expect((await read(START, START + DAY)).map(({ value }) => value)).toEqual([1, 2]);
    isFull = false;
    await recorder.save();
    await open();
    expect((await read(START, START + DAY)).map(({ value }) => value)).toEqual([1, 2]);
  });

  it("has an end in the number of its series and the length of their names, as those come from outside; what is left out is counted", async () => {
    for (let i = 0; i < 10_010; i++) recorder.record({ device: `channel ${i}`, member: "field1" }, START, 1);
    recorder.record({ device: "x".repeat(65_000), member: "y" }, START, 1);
    recorder.record({ device: "channel 3", member: "field1" }, START + 1, 2);
    expect([recorder.series().length, recorder.refused()]).toEqual([10_000, 11]);
    clock.set(START + 1);
    expect(await recorder.latest({ device: "channel 3", member: "field1" })).toEqual({ at: START + 1, value: 2 });
  });

  it("is not a number: is not recorded, and no series", () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) recorder.record(PUMP, START, value);
    expect(recorder.series()).toEqual([]);
  });
});

describe("what is old", () => {
  it("is a minute's lowest, mean and highest where there is much of it, and each entry where there is less", async () => {
    // A spike of one second in each hour.
    await run(START + 5 * DAY, 2 * SECOND, (at) => (at % 3_600_000 === 0 ? 95 : 20 + ((at / 2_000) % 2)));
    await recorder.tidy(MAX_BYTES);
    const short = await read(START, START + DAY);
    expect(short).toHaveLength(43_200);
    const long = await read(START, START + 5 * DAY);
    // Of the last ten minutes each entry; of the last day, which is in blocks of ten minutes, some minutes in two parts.
    expect(long.length).toBeLessThan(5 * 1_440 + 300 + 144);
    expect(long.filter(({ high }) => high === 95)).toHaveLength(120);
    for (let i = 1; i < long.length; i++) expect(long[i]!.at).toBeGreaterThanOrEqual(long[i - 1]!.at);
  });

  it("goes: entries after 30 days, minutes after 400", async () => {
    await run(START + DAY, MINUTE, () => 20);
    await recorder.tidy(MAX_BYTES);
    clock.set(START + 30 * DAY);
    await recorder.tidy(MAX_BYTES);
    expect(await read(START + SECOND, START + DAY / 2)).toHaveLength(720);
    clock.set(START + 33 * DAY);
    await recorder.tidy(MAX_BYTES);
    const minutes = await read(START, START + DAY / 2);
    expect(minutes.length).toBeGreaterThan(700);
    expect(minutes[0]!.at % MINUTE).toBe(30 * SECOND);
    clock.set(START + 403 * DAY);
    await recorder.tidy(MAX_BYTES);
    expect(await read(START, START + DAY)).toEqual([]);
  });

  it("and came late is put to the minutes of its day, also when its entries are gone", async () => {
    await run(START + DAY, MINUTE, () => 20);
    clock.set(START + 2 * DAY);
    await recorder.tidy(MAX_BYTES);
    clock.set(START + 40 * DAY);
    await recorder.tidy(MAX_BYTES);
    recorder.record(PUMP, START + 12 * 3_600_000, 80);
    await recorder.save();
    clock.set(START + 40 * DAY + 11 * MINUTE);
    await recorder.save();
    await recorder.tidy(MAX_BYTES);
    const minutes = await read(START, START + 5 * DAY);
    const noon = minutes.filter(({ at }) => Math.abs(at - START - 12 * 3_600_000) < MINUTE);
    expect(noon.map(({ low, value, high }) => [low, value, high])).toContainEqual([20, 50, 80]);
    expect(minutes.length).toBeGreaterThan(1_400);
  });

  it("goes first when there is too much: entries that are summed up before minutes, the oldest of each first", async () => {
    let seed = 7;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    await run(START + 4 * DAY, 10 * SECOND, () => random());
    await recorder.tidy(MAX_BYTES);
    const before = await recorder.size();
    await recorder.tidy(before.bytes / 2);
    const after = await recorder.size();
    expect(after.bytes).toBeLessThanOrEqual(before.bytes / 2);
    expect(after.bytes).toBeGreaterThan(before.bytes / 3);
    expect((await read(START, START + DAY)).length).toBeGreaterThan(1_400);
    expect(await read(START + 3 * DAY + 1, START + 4 * DAY)).toHaveLength(8_640);
  });
});

it("a day of 100 values a second takes less than 100 MB", async () => {
  // A hundredth of it: one sensor of a hundred, and its share of writes.
  let [seed, value] = [3, 50];
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  await run(START + DAY, SECOND, () => (value = Math.round((value + random() - 0.5) * 100) / 100));
  await recorder.tidy(MAX_BYTES);
  expect((await recorder.size()).bytes).toBeLessThan(1_000_000);
});
