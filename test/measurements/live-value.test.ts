import { describe, expect, it } from "vitest";
import { liveValueOf, readLiveTopicMessage, saysNothing } from "../../src/measurements/live-value.ts";

function read(payload: string | Uint8Array, field = 1, path: string | null = null): number | null {
  const message = readLiveTopicMessage(typeof payload === "string" ? new TextEncoder().encode(payload) : payload);
  return message && liveValueOf(message, field, path);
}

describe("readLiveValue", () => {
  it.each([
    ["82.1", 82.1],
    [" -5\n", -5],
    ["21,5", 21.5],
    ["1e+3", 1_000],
    ["nan", null],
    ["()", null],
    ["", null],
    ["0x10", null],
    ["12 °C", 12],
    ["20.1 °C", 20.1],
    ["1 234,5 l/h", 1_234.5],
    // It is twelve for some, and twelve thousand for others.
    ["12,040", null],
    ["82.1\0\0\0\0", 82.1],
    ["0\0", 0],
    ["ON", 1],
    ["off", 0],
    ["true", 1],
    ['"82.1"', 82.1],
    ["ERR", null],
    // What every object of JavaScript has is no word of a plant.
    ["constructor", null],
  ])("reads the bare number %j as %j", (payload, value) => {
    expect(read(payload)).toBe(value);
  });

  it("reads ThingSpeak's form, and the JSON that ThingSpeak publishes itself", () => {
    const form = "field1=100&field2=1e+2&field3=&status=ok&created_at=2026-11-23T03:00:00Z";
    expect([1, 2, 3, 4].map((field) => read(form, field))).toEqual([100, 100, null, null]);
    expect(read("temperature=21,5", 1, "temperature")).toBe(21.5);
    expect(read('{"channel_id":9,"entry_id":5,"field1":"31.3","field2":null}')).toBe(31.3);
    expect(read('{"channel_id":9,"entry_id":5,"field1":"31.3","field2":null}', 2)).toBeNull();
  });

  it("finds a member of TwinCAT's values, nested or with dots in its name, and of any JSON", () => {
    const twincat = JSON.stringify({
      Timestamp: "2026-02-19T08:46:23.247",
      GroupName: "Line1",
      Values: { "stPump.fTemp": 61.5, stFan: { bOn: true, nSpeed: 70 }, nTemp: 20 },
      MetaData: { "stPump.fTemp": { "iot.Unit": "°C" } },
    });
    const paths = ["stPump.fTemp", "stFan.nSpeed", "stFan.bOn", "nTemp", "stFan", "stFan.nSpeed.x", "Timestamp"];
    expect(paths.map((path) => read(twincat, 1, path))).toEqual([61.5, 70, 1, 20, null, null, null]);
    expect(read('{"temperature":"21.5"}', 1, "temperature")).toBe(21.5);
  });

  it("reads what is not quite JSON, what is in single quotes or a text, and bytes of other code pages", () => {
    expect(read("{'field1': '20.1 °C'}")).toBe(20.1);
    expect(read('{"field1":20.1,}\0\0')).toBe(20.1);
    expect(read('"{\\"field1\\":20.1}"')).toBe(20.1);
    expect(read('{"value":"20.1 °C"}')).toBe(20.1);
    expect(read('{"state":"ON"}', 1, "state")).toBe(1);
    expect(read(Buffer.from("20.1 °C", "latin1"))).toBe(20.1);
    expect(read(Buffer.from("20.1", "utf16le"))).toBe(20.1);
    expect(read(Buffer.from([0x1f, 0x8b, 8, 0, 1]))).toBeNull();
  });

  it.each([
    ["NaN", true],
    ["", true],
    ['{"field1":null}', true],
    ['{"field1":"nan"}', true],
    ["field1=&field2=1", true],
    ["ERR", false],
    ['{"field2":5}', false],
    ['{"field1":{"x":1}}', false],
  ])("tells no value in so many words from what it cannot read: %j", (payload, isNothing) => {
    expect(saysNothing(readLiveTopicMessage(new TextEncoder().encode(payload))!, 1, null)).toBe(isNothing);
  });

  it.each(['{"a":', "[1,2]", '{"__proto__":5}', "null", "field1", "\0\xff"])("finds nothing in %j", (payload) => {
    expect(read(payload)).toBeNull();
    expect(read(payload, 1, "constructor.length")).toBeNull();
  });

  it("does not read what is too long to be a measurement", () => {
    expect(read(`5${" ".repeat(70_000)}`)).toBeNull();
  });
});
