import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimalsOf, formatFixed, formatQuantity } from "../src/number.ts";

describe("a measured value", () => {
  it.each([
    [1_234_567.8, "1234567.8"],
    [1_763_904_193, "1763904193"],
    [101_325.004, "101325.004"],
    [82.1, "82.1"],
    [-3, "−3"],
    [0.000_001, "0.000001"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [2 ** 64, "1.84467440737096×10¹⁹"],
    [-3.4e38, "−3.4×10³⁸"],
    [5e-324, "5×10⁻³²⁴"],
    [0, "0"],
    [-0, "0"],
  ])("%d is written as %s", (value, text) => {
    expect(formatQuantity(value, null)).toBe(text);
  });

  it("keeps every digit that was sent, and is never a zero with a sign", () => {
    fc.assert(
      fc.property(fc.double({ min: -9e15, max: 9e15, noNaN: true }), (value) => {
        const text = formatQuantity(value, null).replace("−", "-");
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

  it("says how many decimals it has", () => {
    expect([82.1, 3, 101_325.004, 2.5e-7, 1e21].map(decimalsOf)).toEqual([1, 0, 3, 8, 0]);
  });
});
