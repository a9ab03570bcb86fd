import { describe, expect, it } from "vitest";
import { createLoop } from "../../src/lib/loop.ts";
import { createManualClock } from "../support/clock.ts";
import { until } from "../support/until.ts";

describe("a loop", () => {
  it("does nothing before it is woken, then as long as there is something, and waits as long as the step says", async () => {
    const clock = createManualClock();
    const answers: (number | null)[] = [0, 0, 5_000, null];
    let steps = 0;
    const loop = createLoop({ step: async () => answers[steps++] ?? null, clock, onError: () => undefined });
    expect(steps).toBe(0);
    loop.wake();
    await until("it has nothing to do for a while", () => steps === 3);
    clock.advance(4_999);
    expect(steps).toBe(3);
    clock.advance(1);
    await until("it went on by itself", () => steps === 4);
    await loop.stop();
  });

  it("loses no wake that comes in the middle of a step", async () => {
    const clock = createManualClock();
    let steps = 0;
    const loop = createLoop({
      async step() {
        steps += 1;
        if (steps === 1) loop.wake();
        return null;
      },
      clock,
      onError: () => undefined,
    });
    loop.wake();
    await until("it looked once more", () => steps === 2);
    await loop.stop();
  });

  it("tries a step that fails again after 1 s, 2 s, 4 s … a minute, and tells of each", async () => {
    const clock = createManualClock();
    const errors: unknown[] = [];
    let steps = 0;
    const loop = createLoop({
      async step() {
        steps += 1;
        if (steps <= 8) throw new Error(`no ${steps}`);
        return null;
      },
      clock,
      onError: (error) => errors.push(error),
    });
    loop.wake();
    for (const [i, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      await until("the step failed, and a timer is set", () => errors.length === i + 1);
      await new Promise(setImmediate);
      clock.advance(seconds * 1_000 - 1);
      expect(steps).toBe(i + 1);
      clock.advance(1);
      await until("it is tried again", () => steps === i + 2);
    }
    await loop.stop();
    loop.wake();
    expect(steps).toBe(9);
  });
});
