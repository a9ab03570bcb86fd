import { describe, expect, it } from "vitest";
import { createComeback } from "../../../src/telegram/api/comeback.ts";
import { createManualClock } from "../../support/clock.ts";
import { until } from "../../support/until.ts";

/** Telegram, as calls tell of it. */
function open() {
  const clock = createManualClock();
  let isThere = true;
  const probedAt: number[] = [];
  const backAt: number[] = [];
  const comeback = createComeback({
    async probe() {
      probedAt.push(clock.elapsed());
      note(isThere);
    },
    onBack: () => backAt.push(clock.elapsed()),
    clock,
  });
  const note = (isThere: boolean, isShown = false, forMs = 0): void =>
    comeback.note({ isThere, isShown, from: clock.elapsed() - forMs });
  return {
    clock,
    note,
    comeback,
    probedAt,
    backAt,
    be: (there: boolean) => (isThere = there),
    pass: async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 500) {
        clock.advance(500);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

describe("that Telegram is back", () => {
  it("is found out within two seconds, by asking while it is away and never else", async () => {
    const { note, probedAt, backAt, be, pass } = open();
    await pass(60_000);
    expect(probedAt).toEqual([]);
    be(false);
    note(false);
    await pass(70_000);
    expect(backAt).toEqual([]);
    be(true);
    await until("it was noticed", async () => (await pass(500), backAt.length > 0));
    expect(backAt[0]).toBeLessThanOrEqual(132_000);
    const asked = probedAt.length;
    await pass(60_000);
    expect([backAt.length, probedAt.length]).toEqual([1, asked]);
  });

  it("is told by whatever call succeeds first, such as a poll", async () => {
    const { note, backAt, be, pass } = open();
    be(false);
    note(false);
    await pass(3_000);
    note(true);
    expect(backAt).toEqual([3_000]);
  });

  it("is news after a call that was not answered for long, also where the next one is", async () => {
    const { note, backAt, pass } = open();
    await pass(20_000);
    note(false, false, 11_000);
    await pass(1_000);
    note(true, true);
    expect(backAt).toEqual([21_000]);
  });

  it("is nothing new after a single call that failed while others succeed", async () => {
    const { note, backAt, pass } = open();
    for (let i = 0; i < 20; i++) {
      note(false);
      await pass(1_000);
      note(true, true);
    }
    expect(backAt).toEqual([]);
  });

  it("is believed less and less often where it answers, and shows nothing all the same; until it shows something", async () => {
    const { note, backAt, pass } = open();
    const fail = async (): Promise<number> => {
      const count = backAt.length;
      note(false);
      const from = backAt.at(-1) ?? 0;
      await until("it seems to be back", async () => (await pass(500), backAt.length > count));
      return (backAt.at(-1) ?? 0) - from;
    };
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) waits.push(await fail());
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    note(true, true);
    expect(await fail()).toBe(2_000);
  });

  it("is of no interest to a program that stops", async () => {
    const { note, comeback, probedAt, backAt, be, pass } = open();
    be(false);
    note(false);
    await pass(5_000);
    comeback.stop();
    const asked = probedAt.length;
    await pass(60_000);
    note(true, true);
    expect([probedAt.length, backAt.length]).toEqual([asked, 0]);
  });
});
