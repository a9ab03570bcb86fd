import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson, readJsonObject } from "../../../src/lib/text/lenient-json.ts";
import { inTime } from "../../fuzz/cases.ts";

const value = (text: string) => readJson(text)?.value;

describe("what is not quite JSON", () => {
  it.each<[string, string, unknown]>([
    ["NaN", '{"value":NaN,"a":-Infinity,"b":inf,"c":nan}', { value: null, a: null, b: null, c: null }],
    ["single quotes", "{'message':'Pump 3','value':82.1}", { message: "Pump 3", value: 82.1 }],
    ["an apostrophe between single quotes", "{'message':'it's hot','a':1}", { message: "it's hot", a: 1 }],
    ["curly quotes", "{“message”:“Pump 3”, “a”: „b“}", { message: "Pump 3", a: "b" }],
    ["trailing commas", '{"a":[1,2,],}', { a: [1, 2] }],
    ["missing commas", '{"a":"x" "b":"y"}', { a: "x", b: "y" }],
    ["comments", '{"a":1, // one\n"b":/* two */2}', { a: 1, b: 2 }],
    [
      "names without quotes",
      "{severity: critical, message: Pump 3 stopped}",
      { severity: "critical", message: "Pump 3 stopped" },
    ],
    ["Python", "{'a': None, 'b': True, 'c': False}", { a: null, b: true, c: false }],
    ["a word that every object knows", "{'state':constructor}", { state: "constructor" }],
    ["a decimal comma", '{"value":82,1,"unit":"°C"}', { value: 82.1, unit: "°C" }],
    ["numbers of other grammars", '{"a":+5,"b":007,"c":.5,"d":5.}', { a: 5, b: 7, c: 0.5, d: 5 }],
    ["a line break in a text", '{"a":"x\ny"}', { a: "x\ny" }],
    [
      "a quote in a text",
      '{"message":"say "hello" now","severity":"critical"}',
      { message: 'say "hello" now', severity: "critical" },
    ],
    ["an escape that is none", '{"a":"\\d\\u00e4\\uZZ",}', { a: "däuZZ" }],
    [
      "an end that is missing",
      '{"severity":"critical","message":"Rotor tou',
      { severity: "critical", message: "Rotor tou" },
    ],
    ["arrays that are not closed", '[{"a":1},{"a":2', [{ a: 1 }, { a: 2 }]],
    ["a text that holds JSON", JSON.stringify('{"a":1}'), { a: 1 }],
    ["a text that holds a text that holds JSON", JSON.stringify(JSON.stringify('{"a":1}')), { a: 1 }],
    [
      "a severity that is told twice",
      '{"severity":"critical","message":"x","severity":"info"}',
      { severity: ["critical", "info"], message: "x" },
    ],
    ["Java", "{severity=critical, message=Pump 3}", { severity: "critical", message: "Pump 3" }],
  ])("%s is read", (_, text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it.each(["Pump 3", "[warn] Coil hot", '"Pump 3" stopped', "'x", "{}}", "", "{", "[", "nullified", "(a)"])(
    "%j is none, or nothing that says anything",
    (text) => expect(readJson(text)).toBeNull(),
  );

  it.each([
    ['""', ""],
    ["null", null],
    [" null\n", null],
    ["[]", []],
    ["{}", {}],
    ["[1,2]", [1, 2]],
    ['{"a":"NaN"}', { a: "NaN" }],
  ])("%j is JSON", (text, expected) => expect(readJson(text)).toEqual({ value: expected, isExact: true }));

  it("is told from what is", () => {
    expect([readJson("{'a':1}"), readJson('{"a":1}'), readJson('"{\\"a\\":1}"')].map((read) => read?.isExact)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("is an object only where it has members", () => {
    expect(readJsonObject('"{\\"a\\":1}"')).toEqual({ a: 1 });
    for (const text of ["[1]", "null", '"x"', "x"]) expect(readJsonObject(text)).toBeNull();
  });
});

it("reads what JSON is as JSON is", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const parsed: unknown = JSON.parse(text);
      expect(typeof parsed === "object" ? value(text) : parsed).toEqual(parsed);
    }),
  );
});

it("reads what was cut as far as it goes, and never throws", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.nat(), fc.string({ unit: "binary" }), (text, cut, rest) => {
      expect(() => readJson(text.slice(0, cut % (text.length + 1)) + rest)).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ["brackets", "["],
  ["objects in objects", '{"a":'],
  ["quotes", '"'],
  ["quotes and blanks", '{" '],
  ["escapes", '{"a":"\\'],
  ["blanks", "{a: "],
  ["severities", '"severity":'],
  ["texts", "{'x' 'y' "],
  ["comments", "{/*"],
])("64 KiB of %s take the time that their length needs", (_, pattern) => {
  for (const head of ["", "{", '{"a":"', "[{"]) {
    const text = head + pattern.repeat(Math.ceil(65_536 / pattern.length)).slice(0, 65_536);
    expect(() => inTime(() => readJson(text))).not.toThrow();
    expect(() => inTime(() => readJson(`${text}\0}`))).not.toThrow();
  }
});
