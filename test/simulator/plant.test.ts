import { describe, expect, it } from "vitest";
import { decode } from "../../src/alarms/payloads/decode.ts";
import { toNewEntry } from "../../src/demo/thingspeak/routes.ts";
import type { SimulatedMessage } from "../../src/simulator/message.ts";
import { createSimulatedPlant, USUAL_PLANT } from "../../src/simulator/plant.ts";

const DAY = 86_400_000;
/** A Monday, in the quiet of the night, and a Wednesday afternoon at full load. */
const STARTS = [Date.UTC(2026, 10, 23, 1), Date.UTC(2026, 10, 25, 15)];

const newPlant = (seed = 1) =>
  createSimulatedPlant({ ...USUAL_PLANT, seed, troubles: "cycle", channelId: 7, writeKey: "W" });

interface Told {
  readonly second: number;
  readonly message: SimulatedMessage;
}

/** What a plant says in a period, second by second. */
function listen(startAt: number, seconds: number, seed = 1): Told[] {
  const plant = newPlant(seed);
  return Array.from({ length: seconds }, (_, second) =>
    plant.tick(startAt + second * 1_000).map((message) => ({ second, message })),
  ).flat();
}

const isRing = ({ message }: Told): boolean => message.topic.includes("/Messages/");
/** What people are to see: the thesis' topic, and the ring of the phone app. */
const isWarning = (told: Told): boolean => told.message.topic === "lut/AMBsystem/warnings/chatbot" || isRing(told);
const textOf = ({ message }: Told): string => message.payload.toString();

function jsonOf(told: Told): { second: number; id: string; state: string; value: number }[] {
  const text = textOf(told);
  return text.startsWith("{") && !isRing(told) ? [{ second: told.second, ...JSON.parse(text) }] : [];
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How many fields the point of one second carries. */
function fieldsAt(told: readonly Told[], second: number): number {
  const points = told.filter(({ second: at, message }) => at === second && message.topic.startsWith("remote/"));
  const names = points.flatMap((item) =>
    item.message.topic.includes("/fields/") ? ["field5"] : [...new URLSearchParams(textOf(item)).keys()],
  );
  return names.filter((name) => name.startsWith("field")).length;
}

describe("history", () => {
  const week = newPlant().history(STARTS[0]! - 7 * DAY, STARTS[0]!);
  const column = (number: number): Float64Array => week.columns[`field${number}`]!;

  it("is a week of points at 15 s in five fields and two test signals, with now and then a dead sensor", () => {
    expect(week.times).toHaveLength(40_321);
    expect(week.times[1]! - week.times[0]!).toBe(15_000);
    expect(Object.keys(week.columns)).toEqual(["field1", "field2", "field3", "field4", "field5", "field6", "field7"]);
    const blanks = Object.values(week.columns).map((values) => values.filter(Number.isNaN).length);
    expect(Math.max(...blanks)).toBeGreaterThan(50);
    expect(Math.max(...blanks)).toBeLessThan(1_500);
  });

  it("stays within what such a machine can do", () => {
    const limits = [
      [20, 98],
      [1.5, 8.8],
      [2.5, 20],
      [0, 9_100],
      [-35, 35],
    ] as const;
    for (const [index, [low, high]] of limits.entries()) {
      const values = column(index + 1).filter((value) => !Number.isNaN(value));
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...values)).toBeLessThanOrEqual(high);
    }
  });

  it("obeys its own physics: voltage is R(T) times current, and speed never jumps", () => {
    const [coil, current, voltage, speed] = [column(1), column(2), column(3), column(4)];
    const misses = voltage
      .map((volts, i) => Math.abs(volts - current[i]! * 1.7 * (1 + 0.0039 * (coil[i]! - 20))))
      .filter((miss) => !Number.isNaN(miss));
    expect(misses.length).toBeGreaterThan(35_000);
    expect(Math.max(...misses)).toBeLessThan(0.2);
    const jumps = speed.map((rpm, i) => Math.abs(rpm - (speed[i - 1] ?? rpm))).filter((jump) => !Number.isNaN(jump));
    expect(Math.max(...jumps)).toBeLessThan(80 * 15 + 30);
  });

  it("is warmer by day than at night, stops in each shift, and whirls most at the critical speed", () => {
    const dayTime = column(1).filter(
      (_, i) => week.times[i]! % DAY > 8 * 3_600_000 && week.times[i]! % DAY < 20 * 3_600_000,
    );
    expect(mean(dayTime)).toBeGreaterThan(mean(column(1)) + 2);
    expect(column(4).filter((rpm) => rpm === 0).length).toBeGreaterThan(20 * 4 * 10);

    const swing = (from: number, to: number): number =>
      Math.max(
        ...column(5)
          .filter((_, i) => column(4)[i]! >= from && column(4)[i]! < to)
          .map(Math.abs),
      );
    expect(swing(3_700, 4_700)).toBeGreaterThan(swing(8_000, 9_100) + 5);
    expect(swing(8_000, 9_100)).toBeGreaterThan(swing(0, 1));
  });

  it("is the same for the same seed only, and goes on without a jump", () => {
    const period = [STARTS[1]! - 3_600_000, STARTS[1]!] as const;
    expect(newPlant(3).history(...period)).toEqual(newPlant(3).history(...period));
    expect(newPlant(3).history(...period)).not.toEqual(newPlant(4).history(...period));
    const plant = newPlant(3);
    const before = plant.history(...period).columns["field1"]!.at(-1)!;
    expect(Math.abs(plant.sample(STARTS[1]! + 1_000).coilC - before)).toBeLessThan(1);
  });
});

describe.each(STARTS)("live from %d", (startAt) => {
  const told = listen(startAt, 420);
  const warnings = told.filter(isWarning);

  it("sends a point every 15 s that ThingSpeak understands", () => {
    const points = told.filter(({ message }) => message.topic === "remote/thingspeak/7/publish/W");
    expect(points).toHaveLength(28);
    expect(points.filter(({ message }) => message.qos !== 0 || message.retain)).toEqual([]);
    const entry = toNewEntry(new URLSearchParams(textOf(points[20]!)), 0);
    expect(entry.at).toBe(startAt + 300_000);
    expect(Number(entry.field1)).toBeGreaterThan(20);
    // The other form: one field, and the bare number.
    const positions = told.filter(({ message }) => message.topic === "remote/thingspeak/7/publish/fields/field5/W");
    expect(positions.map((told) => Math.abs(Number(textOf(told))) < 60)).toEqual(
      Array.from({ length: 28 }, () => true),
    );
  });

  it("has its first warning within 10 s, and something to see at least every 65 s", () => {
    const seconds = [...warnings.map(({ second }) => second), 420];
    expect(seconds[0]).toBeLessThanOrEqual(10);
    for (const [index, second] of seconds.slice(1).entries()) expect(second - seconds[index]!).toBeLessThanOrEqual(65);
  });

  it("overheats once: over 80 °C, rising, and cleared after minutes", () => {
    const arc = warnings.flatMap(jsonOf).filter(({ id }) => id === "coil-hot");
    const active = arc.filter(({ state }) => state === "active");
    const cleared = arc.filter(({ state }) => state === "cleared");
    expect(active[0]!.value).toBeGreaterThan(80);
    expect(Math.max(...active.map(({ value }) => value))).toBeGreaterThan(active[0]!.value + 8);
    expect(cleared).toEqual([expect.objectContaining({ second: arc.at(-1)!.second })]);
    expect(cleared[0]!.value).toBeLessThan(77);
    expect(cleared[0]!.second - active[0]!.second).toBeGreaterThan(80);
  });

  it("has a limit that chatters: many changes in a row, the last of them cleared", () => {
    const states = warnings
      .flatMap(jsonOf)
      .filter(({ id }) => id === "rotor-off-centre")
      .map(({ state }) => state);
    expect(states.length).toBeGreaterThanOrEqual(8);
    expect(states).toEqual(states.map((_, index) => (index % 2 === 0 ? "active" : "cleared")));
    expect(states.at(-1)).toBe("cleared");
  });

  it("has a sensor that dies: a warning in words, its values missing, and back again", () => {
    const [dead, back] = warnings.filter((told) => !textOf(told).startsWith("{"));
    expect(textOf(dead!)).toMatch(/^AMB-1: no signal from coil voltage|current|rotor speed sensor$/);
    expect(textOf(back!)).toMatch(/^CLEARED: AMB-1: no signal from .* sensor$/);
    expect([0, 15, 75, 90].map((second) => fieldsAt(told, second))).toEqual([5, 4, 4, 5]);
  });

  it("is understood by the alarm decoder, word for word", () => {
    const events = warnings.flatMap(({ message }) =>
      decode({
        topic: message.topic,
        payload: message.payload,
        isRetained: false,
        receivedAt: startAt,
      }),
    );
    expect(new Set(events.map(({ severity }) => severity))).toEqual(new Set(["warning", "info", "error", "critical"]));
    expect(events.find(({ value, state }) => value !== null && state === "active")).toMatchObject({
      message: "Coil temperature above limit",
      unit: "°C",
      limit: 80,
      field: 1,
      source: "AMB-1",
    });
  });
});

describe("ticks", () => {
  it("say the same whether they come every second or every two", () => {
    const slow = newPlant();
    const startAt = STARTS[0]!;
    const every2 = Array.from({ length: 61 }, (_, index) => slow.tick(startAt + index * 2_000)).flat();
    expect(every2).toEqual(listen(startAt, 121).map(({ message }) => message));
  });

  it("do not tell all that happened while the computer slept", () => {
    const plant = newPlant();
    plant.tick(STARTS[0]!);
    expect(plant.tick(STARTS[0]! + DAY).length).toBeLessThan(7);
    expect(plant.tick(STARTS[0]! + DAY - 1_000)).toEqual([]);
  });
});
