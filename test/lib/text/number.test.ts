import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimalsOf, formatDigits, formatFixed, formatQuantity } from "../../../src/lib/text/number.ts";

describe("a measured value", () => {
  it.each([
    [1_234_567.8, "1,234,567.8"],
    [1_763_904_193, "1,763,904,193"],
    [101_325.004, "101,325.004"],
    [82.1, "82.1"],
    [-3, "−3"],
    [0.000_001, "0.000001"],
    [Number.MAX_SAFE_INTEGER, "9,007,199,254,740,991"],
    [2 ** 64, "1.84467440737096×10¹⁹"],
    [-3.4e38, "−3.4×10³⁸"],
    [5e-324, "5×10⁻³²⁴"],
    [-9.9e-7, "−9.9×10⁻⁷"],
    [-1_234, "−1,234"],
    [999, "999"],
    [0, "0"],
    [-0, "0"],
  ])("%d is written as %s", (value, text) => {
    expect(formatQuantity(value, null)).toBe(text);
  });

  it("keeps every digit that was sent, and is never a zero with a sign", () => {
    fc.assert(
      fc.property(fc.double({ min: -9e15, max: 9e15, noNaN: true }), (value) => {
        const text = formatQuantity(value, null).replace("−", "-").replaceAll(",", "");
        if (!text.includes("×")) expect(Number(text)).toBe(value === 0 ? 0 : value);
        expect(text).not.toMatch(/^-0*\.?0*$/);
      }),
    );
  });

  it("has no sign either where its decimals leave nothing of it", () => {
    expect(formatFixed(-0.001, 2)).toBe("0.00");
    expect(formatFixed(-0, 0)).toBe("0");
    expect(formatFixed(-0.006, 2)).toBe("−0.01");
  });

  it("has one form, with decimals or without, however large", () => {
    expect(formatFixed(12_345.678, 1)).toBe("12,345.7");
    expect(formatFixed(1e21, 2)).toBe("1×10²¹");
    expect(formatDigits("-9007199254740993")).toBe("−9,007,199,254,740,993");
    expect(formatDigits("+1.2345678901234567e-7")).toBe("1.2345678901234567×10⁻⁷");
  });

  it("says how many decimals it has", () => {
    expect([82.1, 3, 101_325.004, 2.5e-7, 1e21].map(decimalsOf)).toEqual([1, 0, 3, 8, 0]);
  });
});
