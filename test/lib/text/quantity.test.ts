import { describe, expect, it } from "vitest";
import { readNumber, readQuantity } from "../../../src/lib/text/quantity.ts";
import { inTime } from "../../fuzz/cases.ts";

describe("a quantity", () => {
  it.each<[string, number | null, string | null]>([
    ["82.1 °C", 82.1, "°C"],
    ["82.1°C", 82.1, "°C"],
    ["1 234,5", 1234.5, null],
    ["1\u00a0234,5 m3/h", 1234.5, "m3/h"],
    ["12\u2009345 rpm", 12345, "rpm"],
    ["12\u202f345", 12345, null],
    ["12 345 678", 12345678, null],
    ["1'234'567.5", 1234567.5, null],
    ["1,012,040", 1012040, null],
    ["1.012.040", 1012040, null],
    ["1,234.5", 1234.5, null],
    ["1.234,5", 1234.5, null],
    ["12,040", null, null],
    ["12,040 rpm", null, "rpm"],
    ["0,040", 0.04, null],
    ["1234,040", 1234.04, null],
    ["12,04", 12.04, null],
    ["12.040", 12.04, null],
    [" -0.25 ", -0.25, null],
    ["−3", -3, null],
    ["+5", 5, null],
    [".5", 0.5, null],
    ["1.5e-3 bar", 0.0015, "bar"],
    ["97 %", 97, "%"],
    ["5 kg/m3", 5, "kg/m3"],
    ["4 mmH2O", 4, "mmH2O"],
  ])("%j", (text, number, unit) => expect(readQuantity(text)).toEqual({ value: number, unit }));

  it.each([
    "",
    " ",
    "NaN",
    "inf",
    "E0417",
    "0x10",
    "20.8.2018",
    "12:30",
    "10.0.0.1",
    "1.2.3",
    "1 2 3",
    "82.1 °C, limit 80",
    "5 x10",
    "-",
    "1e999",
    "()",
  ])("%j is none", (text) => expect(readQuantity(text)).toBeNull());

  it("is a number only if it can be told", () => {
    expect([5, "5 °C", "12,040", Number.POSITIVE_INFINITY, Number.NaN, true, null, {}].map(readNumber)).toEqual([
      5,
      5,
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it.each([" ", "1", "1 ", "1,", "1.", "°", "1e"])("64 KiB of %j take little time", (pattern) => {
    expect(inTime(() => readQuantity(`1${pattern.repeat(65_536)}x`))).toBeNull();
  });
});
