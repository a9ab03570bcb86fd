import { expect, it } from "vitest";
import { createRateOfChange } from "../../src/limits/rate.ts";

const MINUTE = 60_000;

/** The most that is told of a course, a value each `everyMs`. */
function most(valueAt: (minutes: number) => number, everyMs: number, isFall = false): number {
  const rise = createRateOfChange({ withinMs: MINUTE, isFall });
  let found = 0;
  for (let at = 0; at <= 20 * MINUTE; at += everyMs) found = Math.max(found, rise.take(at, valueAt(at / MINUTE)));
  return found;
}

it.each([10, 1_000, 15_000, 60_000, 300_000])(
  "a ramp of 5 a minute rises by 5 a minute, a value each %d ms",
  (everyMs) => {
    expect(most((minutes) => 5 * minutes, everyMs)).toBeGreaterThan(4.6);
    expect(most((minutes) => 5 * minutes, everyMs)).toBeLessThan(5.4);
    expect(most((minutes) => -5 * minutes, everyMs, true)).toBeGreaterThan(4.6);
    expect(most((minutes) => -5 * minutes, everyMs)).toBe(0);
  },
);

it("a step rises by its height, also when it comes between two values that are far apart", () => {
  expect(most((minutes) => (minutes > 3 ? 8 : 0), 1_000)).toBe(8);
  expect(most((minutes) => (minutes > 3 ? 8 : 0), 120_000)).toBeCloseTo(4);
});

it("what comes after a long pause, or after the clock was set back, is no rise", () => {
  const rise = createRateOfChange({ withinMs: MINUTE, isFall: false });
  expect(rise.take(100 * MINUTE, 0)).toBe(0);
  expect(rise.take(111 * MINUTE, 1_000)).toBe(0);
  expect(rise.take(50 * MINUTE, 2_000)).toBe(0);
  expect(rise.take(50.5 * MINUTE, 2_001)).toBe(1);
});
