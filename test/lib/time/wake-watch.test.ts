import { expect, it } from "vitest";
import { createWakeWatch } from "../../../src/lib/time/wake-watch.ts";
import { createManualClock } from "../../support/clock.ts";

it("tells since when we run without a break, whichever clock went on meanwhile", () => {
  const clock = createManualClock();
  const breaks: number[] = [];
  const { awakeSince, stop } = createWakeWatch(clock, (ms) => breaks.push(ms));
  clock.advance(100_000);
  expect(awakeSince()).toBe(0);
  clock.freeze(60_000);
  expect(awakeSince()).toBe(clock.now());
  // A machine that slept: the clock that nobody sets stood still.
  clock.advance(10_000);
  clock.set(clock.now() + 3_600_000);
  expect(awakeSince()).toBe(clock.now());
  // Set back, it is no break.
  clock.set(clock.now() - 3_600_000);
  stop();
  expect(breaks).toEqual([60_000, 3_600_000]);
});
