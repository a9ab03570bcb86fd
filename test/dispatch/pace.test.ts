import { describe, expect, it } from "vitest";
import { createPace } from "../../src/dispatch/pace.ts";
import { createManualClock } from "../support/clock.ts";

/** When calls go out that each go as soon as they may; ms from the start. */
function timesOf(count: number, chatOf: (i: number) => number): number[] {
  const clock = createManualClock();
  const start = clock.now();
  const pace = createPace({ isOn: true, elapsed: clock.elapsed });
  return Array.from({ length: count }, (_, i) => {
    const chatId = chatOf(i);
    clock.advance(pace.waitMs(chatId));
    expect(pace.waitMs(chatId)).toBe(0);
    pace.spend(chatId);
    return clock.now() - start;
  });
}

const mostWithin = (times: readonly number[], windowMs: number): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length));

describe("pace", () => {
  it("lets a person's chat have a short burst, then one a second", () => {
    const times = timesOf(20, () => 7);
    expect(times.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(times.at(-1)).toBe(16_000);
  });

  it("never gives a group more than 20 in any minute", () => {
    const times = timesOf(100, () => -100_123);
    expect(mostWithin(times, 60_000)).toBeLessThanOrEqual(20);
    expect(mostWithin(times, 60_000)).toBeGreaterThanOrEqual(19);
  });

  it("never gives the token more than 30 in any second, however many chats", () => {
    const times = timesOf(300, (i) => i + 1);
    expect(mostWithin(times, 1_000)).toBeLessThanOrEqual(30);
    expect(mostWithin(times, 1_000)).toBeGreaterThanOrEqual(29);
  });

  it("counts answers that did not ask", () => {
    const clock = createManualClock();
    const pace = createPace({ isOn: true, elapsed: clock.elapsed });
    for (let i = 0; i < 10; i++) pace.spend(7);
    expect(pace.waitMs(7)).toBe(7_000);
    expect(pace.waitMs(8)).toBeLessThan(300);
  });

  it("does not stop when the clock is set back", () => {
    const clock = createManualClock();
    const pace = createPace({ isOn: true, elapsed: clock.elapsed });
    for (let i = 0; i < 4; i++) pace.spend(7);
    clock.set(clock.now() - 3_600_000);
    expect(pace.waitMs(7)).toBeLessThanOrEqual(1_000);
  });

  it("asks for nothing when it is off", () => {
    const pace = createPace({ isOn: false, elapsed: () => performance.now() });
    for (let i = 0; i < 1_000; i++) pace.spend(-1);
    expect(pace.waitMs(-1)).toBe(0);
  });
});
