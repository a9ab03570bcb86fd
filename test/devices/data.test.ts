import { describe, expect, it } from "vitest";
import { readData } from "../../src/devices/data.ts";

const read = (payload: string | Uint8Array) => readData(Buffer.from(payload as string));
const values = (payload: string) => Object.fromEntries(read(payload)?.values ?? []);
const wrapped = (json: string) => values(`{"Values":${json}}`);

const SNAPSHOT =
  '{"Timestamp":"2026-02-19T08:46:23.247","GroupName":"Line1","Values":{"stPump.fTemp":61.5,"stFan":{"bOn":true,"nSpeed":70}},' +
  '"MetaData":{"stPump.fTemp":{"iot.DisplayName":"Pump temperature","iot.Unit":"°C","iot.ReadOnly":"true","iot.MinValue":"0",' +
  '"iot.MaxValue":"120","iot.DecimalPrecision":"1"}},"ForceUpdate":false}';

describe("a message with values", () => {
  it("is read, nested and dotted members alike", () => {
    expect(values(SNAPSHOT)).toEqual({ "stPump.fTemp": 61.5, "stFan.bOn": true, "stFan.nSpeed": 70 });
    const message = read(SNAPSHOT);
    expect(message).toMatchObject({ group: "Line1", sentAt: Date.UTC(2026, 1, 19, 8, 46, 23, 247), problems: [] });
    expect(message?.attributes.get("stPump.fTemp")).toEqual({
      displayName: "Pump temperature",
      unit: "°C",
      isReadOnly: true,
      min: 0,
      max: 120,
      decimals: 1,
    });
  });

  it("is read with the NULs of the PLC's buffer behind it, and ° as one byte", () => {
    const bytes = Buffer.from(`${SNAPSHOT.replaceAll("°", "\xb0")}${"\0".repeat(500)}`, "latin1");
    expect(read(bytes)?.attributes.get("stPump.fTemp")?.unit).toBe("°C");
    expect(read(bytes)?.values.size).toBe(3);
  });

  it.each([
    ["Metadata", '"on"', true],
    ["metadata", "true", true],
    ["METADATA", "1", true],
    ["MetaData", '"perhaps"', true],
    ["MetaData", "null", true],
    ["MetaData", '"false"', false],
    ["MetaData", "false", false],
    ["MetaData", "0", false],
    ["MetaData", '"0"', false],
  ])("says in %s whether a member is read-only: %s is %s", (name, said, isReadOnly) => {
    const message = read(`{"Values":{"a":1},"${name}":{"a":{"iot.ReadOnly":${said}}}}`);
    expect(message?.attributes.get("a")?.isReadOnly).toBe(isReadOnly);
  });

  it("takes numbers as text or numbers, and what is none says nothing", () => {
    const of = (min: string, decimals: string) =>
      read(`{"Values":{},"MetaData":{"a":{"iot.MinValue":${min},"iot.DecimalPrecision":${decimals}}}}`)?.attributes.get(
        "a",
      );
    expect(of('"-12,5"', '"2"')).toEqual({ min: -12.5, decimals: 2 });
    expect(of("3", "0")).toEqual({ min: 3, decimals: 0 });
    expect(of('"low"', '"-1"')).toEqual({ min: null, decimals: null });
    expect(of("1e999", "99")).toEqual({ min: null, decimals: null });
  });

  it("takes attributes that are nested like their members, too", () => {
    const message = read('{"Values":{"st":{"a":1}},"MetaData":{"st":{"a":{"iot.Unit":"bar"},"iot.WidgetType":"x"}}}');
    expect([...(message?.attributes ?? [])]).toEqual([["st.a", { unit: "bar" }]]);
  });

  it.each([
    ["2026-02-19T08:46:23.247123", 247],
    ["2026-02-19T08:46:23,2", 200],
    ["2026-02-19 08:46:23", 0],
  ])("has its time from %s", (text, ms) => {
    expect(read(`{"Timestamp":"${text}","Values":{}}`)?.sentAt).toBe(Date.UTC(2026, 1, 19, 8, 46, 23, ms));
  });

  it.each(["", "yesterday", "0000-99-99T99:99:99"])("has no time in %j", (text) => {
    expect(read(`{"Timestamp":"${text}","Values":{}}`)?.sentAt).toBeNull();
  });

  it.each([
    ['{"a":null}', { a: null }],
    ['{"a":NaN}', { a: null }],
    ['{"a":1e999}', { a: null }],
    ['{"a":[1,2,3]}', { a: "[1,2,3]" }],
    ['{"a":"x\\ny"}', { a: "x y" }],
    ['{"a":{}}', {}],
    ['{"":1}', {}],
    ['{"__proto__":{"polluted":1}}', { "__proto__.polluted": 1 }],
    ['{"a.b":1,"a":{"b":2}}', { "a.b": 2 }],
  ])("has of %s what can be shown", (json, expected) => {
    expect(wrapped(json)).toEqual(expected);
    expect("polluted" in {}).toBe(false);
  });

  it.each(["[1,2]", '"text"', "7"])("with %s for values says so, and keeps the rest", (odd) => {
    const message = read(`{"Values":${odd},"MetaData":{"a":{"iot.Unit":"V"}}}`);
    expect(message?.problems).toEqual(["Values is not an object"]);
    expect(message?.attributes.get("a")).toEqual({ unit: "V" });
  });

  it("with more members than fit keeps the first, and says so", () => {
    const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, i) => [`m${i}`, i]));
    const message = read(
      JSON.stringify({
        Values: many,
        MetaData: Object.fromEntries(Object.keys(many).map((name) => [name, { "iot.Unit": "V" }])),
      }),
    );
    expect([message?.values.size, message?.attributes.size]).toEqual([2_000, 2_000]);
    expect(message?.problems).toEqual(["more than 2000 members", "attributes of more than 2000 members"]);
  });

  it("shortens what is long, and leaves out what no path is", () => {
    const message = read(
      JSON.stringify({
        GroupName: "g".repeat(5_000),
        Values: { ["p".repeat(300)]: 1, a: "x".repeat(90_000), "b\u0007": 1, "half \ud83c": 1, "half \ud83d": 1 },
      }),
    );
    expect([...(message?.values.keys() ?? [])]).toEqual(["a"]);
    expect(String(message?.values.get("a")).length).toBeLessThan(250);
    expect(message?.group.length).toBeLessThan(150);
    expect(message?.problems).toHaveLength(1);
  });

  it("is read however deep it is nested", () => {
    const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
    expect(read(`{"Values":${deep}}`)?.values.size).toBe(0);
  });

  it.each(["", "[]", "[1]", "null", "7", "hello", '{"Online":true}', "x".repeat(2_000_000)])(
    "is not %.20j",
    (payload) => {
      expect(read(payload)).toBeNull();
    },
  );
});
