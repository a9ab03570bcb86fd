import { describe, expect, it } from "vitest";
import type { Member } from "../../src/devices/types.ts";
import { isWhatWasWritten, readWrite, writeMessage } from "../../src/devices/write.ts";

const member = (more: Partial<Member>): Member => ({
  group: "",
  path: "a",
  value: 40,
  at: 1,
  displayName: null,
  unit: null,
  isReadOnly: false,
  min: 0,
  max: 100,
  decimals: 1,
  permittedUsers: null,
  ...more,
});
const read = (typed: string, more: Partial<Member> = {}): unknown => {
  const found = readWrite(member(more), typed);
  return "value" in found ? found.value : found.problem;
};

describe("what is to be written", () => {
  it.each([
    ["41", {}, 41],
    ["41,5", {}, 41.5],
    ["−5", { min: -10 }, -5],
    ["0", {}, 0],
    ["100", {}, 100],
    ["1e6", { max: null, decimals: null }, 1e6],
    ["on", { value: false }, true],
    ["OFF", { value: true }, false],
    ["0", { value: true }, false],
    ["manual", { value: "auto" }, "manual"],
  ])("%s is read", (typed, more, value) => {
    expect(read(typed, more)).toBe(value);
  });

  it.each([
    ["41", { isReadOnly: true }, /read-only/],
    ["41", { isReadOnly: null }, /does not say that it may/],
    ["41", { at: null }, /No value has come/],
    ["41", { value: null }, /No value has come/],
    ["40", {}, /that value already/],
    ["40.00000001", { decimals: null }, /that value already/],
    ["-0.1", {}, /below 0/],
    ["100.1", {}, /above 100/],
    ["41.55", {}, /1 decimal at most/],
    ["41.5", { decimals: 0 }, /whole/],
    ["NaN", {}, /number/],
    ["1e999", {}, /number/],
    ["0x10", {}, /number/],
    ["41 °C", {}, /number/],
    ["maybe", { value: true }, /switch/],
    ["2", { value: true }, /switch/],
    ["[3]", { value: "[1,2]" }, /list/],
    ["x".repeat(81), { value: "auto" }, /80 characters/],
  ])("%.12s of %j is refused in words", (typed, more, words) => {
    expect(read(typed, more)).toMatch(words);
  });

  it("is one variable, by its path as it stands", () => {
    expect(writeMessage('st."x".fTemp', 17)).toBe('{"Values":{"st.\\"x\\".fTemp":17}}');
  });

  it("was taken if the plant says it, as exactly as a REAL can", () => {
    expect(isWhatWasWritten({ decimals: null }, 0.1, Math.fround(0.1))).toBe(true);
    expect(isWhatWasWritten({ decimals: 1 }, 41.5, 41.5000019)).toBe(true);
    expect(isWhatWasWritten({ decimals: 1 }, 41.5, 41.4)).toBe(false);
    expect(isWhatWasWritten({ decimals: null }, true, 1)).toBe(false);
    expect(isWhatWasWritten({ decimals: null }, 40, null)).toBe(false);
  });
});
