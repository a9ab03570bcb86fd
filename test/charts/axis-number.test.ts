import { expect, it } from "vitest";
import { formatAxisNumber } from "../../src/charts/axis-number.ts";

it.each([
  [0, 50, 10, "0"],
  [42, 50, 2, "42"],
  [42.5, 50, 2.5, "42.5"],
  [40, 50, 2.5, "40.0"],
  [-5.25, 6, 0.25, "−5.25"],
  [12_500, 15_000, 500, "12,500"],
  [1.2e12, 1.5e12, 1e11, "1.2×10¹²"],
  [-2.5e-9, 5e-9, 5e-10, "−2.5×10⁻⁹"],
  [0.002, 0.004, 0.001, "0.002"],
  [1_763_904_000, 1_763_904_193, 1_000, "1,763,904,000"],
  [1.5e6, 2e6, 5e5, "1.5×10⁶"],
  [-0.001, 50, 0.1, "0.0"],
])("writes %d among numbers up to %d in steps of %d as %s", (value, largest, step, text) => {
  expect(formatAxisNumber(value, { largest, step, isPadded: true })).toBe(text);
});

it("leaves out zeros that only fill up, unless asked for", () => {
  expect(formatAxisNumber(70, { largest: 70, step: 0.001 })).toBe("70");
  expect(formatAxisNumber(0, { largest: 0, step: 0 })).toBe("0");
});
