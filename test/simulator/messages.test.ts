import { describe, expect, it } from "vitest";
import { decode } from "../../src/alarms/payloads/decode.ts";
import { bulkMessage, type Sample } from "../../src/simulator/measurements.ts";
import type { SimulatedMessage } from "../../src/simulator/message.ts";
import { createSimulatedPlant, USUAL_PLANT, type PlantSettings } from "../../src/simulator/plant.ts";
import { SINE } from "../../src/simulator/signals.ts";

const START = Date.UTC(2026, 10, 25, 15);
const ROOT = "plants/AMB-1/TcIotCommunicator";

/** A plant, and what it says of a stretch of time. */
function open(settings: Partial<PlantSettings> = {}) {
  const plant = createSimulatedPlant({ ...USUAL_PLANT, ...settings });
  let at = START - 1_000;
  const run = (seconds: number, isNow = true): SimulatedMessage[] =>
    Array.from({ length: seconds }, () => plant.tick((at += 1_000), isNow ? at : at + 3_600_000)).flat();
  return { plant, run };
}

const on = (topic: string, messages: readonly SimulatedMessage[]): SimulatedMessage[] =>
  messages.filter((message) => message.topic === topic);
/** Without the padding, ° being one byte. */
const json = ({ payload }: SimulatedMessage) =>
  JSON.parse(payload.toString("latin1").replaceAll("\0", "")) as {
    readonly Values: Readonly<Record<string, unknown>>;
    readonly MetaData?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly [key: string]: unknown;
  };

describe("bulk messages", () => {
  it("have the form of the plant's own samples: a bar at the end, and a comma short or long at an entry's", () => {
    const samples: Sample[] = [1, 2, 3, 4].map((i) => ({ at: START + i * 1_000, values: new Map([[5, i]]) }));
    expect(bulkMessage("bulkWrite", samples, "relative", START).payload.toString()).toBe(
      "1,,,,,1,,,,,,|1,,,,,2,,,,,,,|1,,,,,3,,,,,,,,|1,,,,,4,,,,,,|",
    );
    expect(bulkMessage("bulkWrite", samples.slice(0, 1), "absolute", START).payload.toString()).toBe(
      "2026-11-25T15:00:01Z,,,,,1,,,,,,|",
    );
  });

  it("have a relative time for what is of now, and dates for what is past", () => {
    const stamps = (isNow: boolean): string[] =>
      on("bulkWrite", open({ bulkEveryMs: 60_000 }).run(180, isNow))
        .at(-1)!
        .payload.toString()
        .split("|")
        .slice(0, -1)
        .map((entry) => entry.split(",")[0]!);
    expect(stamps(true)).toEqual(["15", "15", "15", "15"]);
    expect(stamps(false)).toEqual(
      [15, 30, 45, 60].map((s) => new Date(START + 60_000 + s * 1_000).toISOString().replace(".000", "")),
    );
  });

  it("carry all fields where no points are sent, and else the test signals only", () => {
    const filled = (send: PlantSettings["send"]): number[] =>
      on("bulkWrite", open({ send }).run(61))[0]!
        .payload.toString()
        .split("|")[0]!
        .split(",")
        .flatMap((cell, i) => (i > 0 && cell !== "" ? [i] : []));
    expect(filled(new Set(["bulk"]))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(filled(new Set(["bulk", "points"]))).toEqual([6, 7]);
  });

  it("bring a sine of the amplitude and period that are named, and a ramp", () => {
    const entries = on("bulkWrite", open({ send: new Set(["bulk"]) }).run(3_601)).flatMap(({ payload }) =>
      payload.toString().split("|").slice(0, -1),
    );
    const sine = entries.map((entry) => Number(entry.split(",")[6]));
    expect(Math.max(...sine)).toBe(SINE.amplitudeV);
    expect(Math.min(...sine)).toBe(-SINE.amplitudeV);
    const risesAt = sine.flatMap((value, i) =>
      i > 0 && sine[i - 1]! < 0 && value >= 0 ? [i * USUAL_PLANT.everyMs] : [],
    );
    expect(new Set(risesAt.slice(1).map((at, i) => at - risesAt[i]!))).toEqual(new Set([SINE.periodMs]));
    const ramp = entries.map((entry) => Number(entry.split(",")[7]));
    expect(ramp.filter((value, i) => i > 0 && value < ramp[i - 1]!)).toHaveLength(4);
  });
});

describe("messages of the TwinCAT IoT Communicator", () => {
  it("fill their buffer with NUL, and have ° as the byte 0xB0", () => {
    const [data] = on(`${ROOT}/Json/Tx/Data`, open().run(1));
    expect(data!.payload.length % 512).toBe(0);
    expect(data!.payload.at(-1)).toBe(0);
    expect(data!.payload.includes(Buffer.from([0xb0, 0x43]))).toBe(true);
    expect(data!.payload.includes(Buffer.from("°C"))).toBe(false);
  });

  it("say each minute what the device is and all of its members, retained; in between what changed, not retained", () => {
    const messages = open().run(120);
    const descs = on(`${ROOT}/Desc`, messages);
    expect(descs).toHaveLength(2);
    expect(descs.map(({ retain }) => retain)).toEqual([true, true]);
    expect(json(descs[0]!)).toMatchObject({ Online: true, Timestamp: "2026-11-25T15:00:00.000" });
    const data = on(`${ROOT}/Json/Tx/Data`, messages);
    const [snapshot] = data;
    expect(json(snapshot!)).toMatchObject({
      Values: { stCoil: { fTemp: expect.any(Number) }, nTemp: expect.any(Number), nCooling: 50 },
      MetaData: { nTemp: { "iot.Unit": "Celsius", "iot.MinValue": "5", "iot.MaxValue": "30", "iot.ReadOnly": "true" } },
    });
    expect(data.filter(({ retain }) => retain)).toHaveLength(2);
    const changes = data.filter(({ retain }) => !retain);
    expect(changes.length).toBeGreaterThan(15);
    const told = changes.map((message) => json(message));
    expect(told.filter(({ MetaData, Values }) => MetaData !== undefined || "nCooling" in Values)).toEqual([]);
  });

  it("send all of it anew when somebody looks", () => {
    const { plant, run } = open();
    run(10);
    const active = plant.hears.find(({ filter }) => filter === `${ROOT}/Communicator/+/active`)!;
    active.take(Buffer.from("0"));
    expect(on(`${ROOT}/Desc`, run(1))).toHaveLength(0);
    active.take(Buffer.from("1"));
    expect(on(`${ROOT}/Desc`, run(1))).toHaveLength(1);
  });

  it("take what is written to the one member that may be, within its limits, and show it at once; the fan cools", () => {
    const { plant, run } = open();
    run(2);
    const rx = plant.hears.find(({ filter }) => filter === `${ROOT}/Json/Rx/Data`)!;
    for (const text of [
      '{"Values":{"nCooling":101}}',
      '{"Values":{"stCoil.fTemp":20}}',
      '{"Values":{"nCooling":"70"}}',
      "70",
      "",
    ]) {
      rx.take(Buffer.from(text));
      expect(run(1).filter((message) => message.topic.endsWith("/Data") && "nCooling" in json(message).Values)).toEqual(
        [],
      );
    }
    rx.take(Buffer.from('{"Values":{"nCooling":100}}'));
    expect(
      run(1)
        .filter((message) => message.topic.endsWith("/Data"))
        .map((message) => json(message).Values["nCooling"]),
    ).toEqual([100]);
    const usual = open();
    const coilAfter = (one: ReturnType<typeof open>): number =>
      one.run(3_600).length && one.plant.sample(START + 3_700_000).coilC;
    expect(coilAfter({ plant, run })).toBeLessThan(coilAfter(usual) - 2);
  });

  it("go round a ring of 255 slots", () => {
    const { run } = open({ troubles: "cycle" });
    const slots = run(420 * 90).flatMap(({ topic }) =>
      topic.includes("/Messages/") ? [Number(topic.split("/").at(-1))] : [],
    );
    expect(slots).toEqual(Array.from({ length: slots.length }, (_, i) => (i % 255) + 1));
    expect(slots.length).toBeGreaterThan(255);
  }, 60_000);
});

describe("faults on command", () => {
  /** What the alarms of a stretch say, as the decoder understands it. */
  const alarms = (messages: readonly SimulatedMessage[]) =>
    messages
      .filter(({ topic }) => topic.includes("warnings") || topic.includes("/Messages/"))
      .flatMap(({ topic, payload }) => decode({ topic, payload, isRetained: false, receivedAt: START }))
      .map(({ message, severity, state }) => [message, severity, state]);

  it("without one nothing is wrong", () => {
    expect(alarms(open().run(1_200))).toEqual([]);
  });

  it("overheat, until calm", () => {
    const { plant, run } = open();
    run(5);
    expect(plant.command(" Overheat\n")).toBe("The coil is driven with its maximum, and heats up.");
    expect(alarms(run(180))).toContainEqual(["Coil temperature above limit", "critical", "active"]);
    plant.command("calm");
    expect(alarms(run(900)).at(-1)).toEqual(["Coil temperature above limit", "error", "cleared"]);
  });

  it("a sensor dies: said in words, and gone from points, bulk and members", () => {
    const { plant, run } = open({ send: new Set(["points", "warnings", "twincat"]) });
    run(5);
    plant.command("sensor dead 1");
    const messages = run(120);
    expect(alarms(messages)).toEqual([["AMB-1: no signal from coil temperature sensor", "warning", null]]);
    const point = on("remote/thingspeak/417/publish", messages).at(-1)!;
    expect(point.payload.toString()).toMatch(/^field2=/);
    expect(
      json(on(`${ROOT}/Json/Tx/Data`, messages).findLast(({ retain }) => retain)!).Values["stCoil"],
    ).not.toHaveProperty("fTemp");
    plant.command("calm");
    expect(alarms(run(20))).toEqual([["AMB-1: no signal from coil temperature sensor", "warning", "cleared"]]);
  });

  it("the drive trips: a message in the ring, which is emptied at the end; the rotor runs down and the coil cools", () => {
    const { plant, run } = open();
    run(5);
    plant.command("trip");
    const messages = run(300);
    const slot = messages.find(({ topic }) => topic === `${ROOT}/Messages/1`)!;
    expect(slot.retain).toBe(true);
    expect(alarms(messages)).toContainEqual(["Drive tripped", "critical", null]);
    const readings = plant.sample(START + 306_000);
    expect(readings.speedRpm).toBe(0);
    expect(Math.abs(readings.currentA)).toBeLessThan(0.2);
    plant.command("calm");
    const after = run(10);
    expect(on(`${ROOT}/Messages/1`, after)).toEqual([{ ...slot, payload: Buffer.alloc(0) }]);
  });

  it("what is not a command is said, with those that there are", () => {
    const { plant } = open();
    for (const text of ["", "sensor dead 9", "overheat now", "explode"]) {
      expect(plant.command(text)).toMatch(/is not a command\. There are: overheat, sensor dead/);
    }
    expect(plant.command("x".repeat(1_000))).toMatch(/^That is not a command/);
  });

  it("the same seed and commands give the same messages, another seed others", () => {
    const hear = (seed: number): SimulatedMessage[] => {
      const { plant, run } = open({ seed, troubles: "daily" });
      const before = run(60);
      plant.command("overheat");
      return [...before, ...run(120)];
    };
    expect(hear(3)).toEqual(hear(3));
    expect(hear(3)).not.toEqual(hear(4));
  });
});
