import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { during, noteHeld, watchMainThread, type MainThreadWatch } from "../../src/lib/main-thread.ts";
import { collectingLog } from "../support/log.ts";
import { until } from "../support/until.ts";

let lines: ReturnType<typeof collectingLog>["lines"];
let watch: MainThreadWatch;
beforeEach(async () => {
  const kept = collectingLog();
  lines = kept.lines;
  watch = watchMainThread(kept.log);
  watch.start();
  // Its first timer, which only begins to measure, is behind us.
  await setTimeout(50);
});
afterEach(() => watch.stop());

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
/** Whom the first line names: on a machine that has other things to do, one handler may not be known for certain. */
const namedFirst = async (): Promise<unknown[]> => {
  const { by, underWay } = await until("a stall is told", () => lines()[0]);
  return [by ?? underWay].flat();
};

describe("what holds up the main thread for 100 ms", () => {
  it("is told by its name, and shows in the delays", async () => {
    during("a handler", () => block(300));
    expect(await namedFirst()).toContain("a handler");
    expect(watch.delays().max).toBeGreaterThanOrEqual(0.25);
    expect(watch.delays().p50).toBeLessThan(0.25);
  });

  it("is told where it came after an await", async () => {
    await during("one that waits", async () => {
      await setTimeout(20);
      block(300);
      expect(await namedFirst()).toContain("one that waits");
    });
  });

  it("is told where it was only noted afterwards", async () => {
    block(300);
    noteHeld("a commit to the disk", 290);
    expect(await namedFirst()).toContain("a commit to the disk");
  });
});

it("a handler's result, and what it throws, is handed on", async () => {
  expect(during("a", () => 1)).toBe(1);
  expect(await during("b", async () => 2)).toBe(2);
  expect(() => during("c", () => JSON.parse("{"))).toThrow(SyntaxError);
  await expect(during("d", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});
