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

  describe("when Telegram asks to wait", () => {
    const MINUTE = 60_000;
    const start = (isOn = true) => {
      const clock = createManualClock();
      const pace = createPace({ isOn, elapsed: clock.elapsed });
      clock.advance(MINUTE);
      const refuse = (chatId: number, retryAfterMs: number) => {
        pace.spend(chatId);
        pace.refused(chatId, retryAfterMs);
      };
      return { clock, pace, refuse };
    };

    it.each([true, false])("leaves that chat alone exactly so long, whether it paces by itself (%s) or not", (isOn) => {
      const { clock, pace, refuse } = start(isOn);
      refuse(7, 30_000);
      expect([pace.heldMs(7), pace.waitMs(7), pace.waitMs(8)]).toEqual([30_000, 30_000, 0]);
      clock.advance(29_999);
      expect(pace.heldMs(7)).toBe(1);
      clock.advance(1);
      expect([pace.heldMs(7), pace.waitMs(7)]).toEqual([0, 0]);
    });

    it("takes it for the token's when two chats are refused that were calm, and then leaves all alone", () => {
      const { clock, pace, refuse } = start();
      refuse(7, 30_000);
      clock.advance(2_000);
      refuse(8, 28_000);
      expect([pace.waitMs(9), pace.waitMs(-1)]).toEqual([28_000, 28_000]);
      clock.advance(28_000);
      expect(pace.waitMs(9)).toBe(0);
    });

    it("does not blame the token for chats that had much, one after the other, or in a run before this one", () => {
      const { clock, pace, refuse } = start();
      for (const chatId of [-1, -2]) {
        pace.spend(chatId);
        refuse(chatId, 30_000);
      }
      refuse(7, 10_000);
      clock.advance(10_000);
      refuse(8, 10_000);
      expect(pace.waitMs(9)).toBe(0);
      const fresh = createPace({ isOn: true, elapsed: createManualClock().elapsed });
      for (const chatId of [7, 8]) {
        fresh.spend(chatId);
        fresh.refused(chatId, 30_000);
      }
      expect(fresh.waitMs(9)).toBe(0);
    });
  });
});
