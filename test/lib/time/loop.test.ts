import { describe, expect, it } from "vitest";
import { createLoop } from "../../../src/lib/time/loop.ts";
import { createManualClock } from "../../support/clock.ts";
import { until } from "../../support/until.ts";

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

  it("begins later if it is to, unless it is woken before", async () => {
    const clock = createManualClock();
    let steps = 0;
    const loop = createLoop({ step: async () => (steps++, null), clock, onError: () => undefined });
    loop.wake(5_000);
    clock.advance(4_999);
    expect(steps).toBe(0);
    clock.advance(1);
    await until("its time came", () => steps === 1);
    loop.wake(5_000);
    loop.wake();
    await until("it was woken before", () => steps === 2);
    clock.advance(5_000);
    await new Promise(setImmediate);
    expect(steps).toBe(2);
    await loop.stop();
  });

  it.each([
    { waitsOut: false, comes: "wake", after: 2, what: "is cut short by a wake" },
    { waitsOut: true, comes: "wake", after: 1, what: "is waited out, where it is to be" },
    { waitsOut: true, comes: "hurry", after: 2, what: "is cut short for somebody who looks on, also there" },
  ] as const)("has a wait that $what", async ({ waitsOut, comes, after }) => {
    const clock = createManualClock();
    let steps = 0;
    const loop = createLoop({ step: async () => (steps++, 5_000), waitsOut, clock, onError: () => undefined });
    loop.wake();
    await new Promise(setImmediate);
    expect(steps).toBe(1);
    loop[comes]();
    await new Promise(setImmediate);
    expect(steps).toBe(after);
    clock.advance(5_000);
    await new Promise(setImmediate);
    expect(steps).toBe(after + 1);
    await loop.stop();
  });

  it("waits for the step under way when it is stopped, and begins no other", async () => {
    const clock = createManualClock();
    const step = Promise.withResolvers<number>();
    let steps = 0;
    const loop = createLoop({ step: () => (steps++, step.promise), clock, onError: () => undefined });
    loop.wake();
    let isStopped = false;
    const stopped = loop.stop().then(() => (isStopped = true));
    await new Promise(setImmediate);
    expect(isStopped).toBe(false);
    step.resolve(0);
    await stopped;
    expect(steps).toBe(1);
  });
});
