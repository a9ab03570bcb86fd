import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { during, noteHeld, watchMainThread, type MainThreadWatch, type Stall } from "../../src/lib/main-thread.ts";
import { until } from "../support/until.ts";

let stalls: Stall[];
let watch: MainThreadWatch;
beforeEach(async () => {
  stalls = [];
  watch = watchMainThread((stall) => void stalls.push(stall));
  watch.start();
  // The first timer of the measurement is behind us.
  await setTimeout(50);
});
afterEach(() => watch.stop());

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
const firstStall = (): Promise<Stall> => until("a stall is told", () => stalls[0]);

describe("a main thread that stands still", () => {
  it("is told with the handler that held it up, the innermost of several", async () => {
    during("a quick one", () => block(6));
    during("the outer one", () => during("the inner one", () => block(200)));
    expect(await firstStall()).toMatchObject({ by: "the inner one" });
    expect(stalls[0]?.ms).toBeGreaterThanOrEqual(150);
    expect(watch.delays().max).toBeGreaterThanOrEqual(0.15);
    expect(watch.delays().p50).toBeLessThan(0.15);
  });

  it("is told with all that was under way, where it was after an await", async () => {
    await during("one that waits", async () => {
      await setTimeout(20);
      block(200);
      await firstStall();
    });
    expect(stalls).toMatchObject([{ by: null, underWay: ["one that waits"] }]);
  });

  it("is told with what was noted to hold it", async () => {
    block(200);
    noteHeld("a commit to the disk", 190);
    expect(await firstStall()).toMatchObject({ by: "a commit to the disk" });
  });

  it("hands on what a handler returns or throws", async () => {
    expect(during("a", () => 1)).toBe(1);
    expect(await during("b", async () => 2)).toBe(2);
    expect(() => during("c", () => JSON.parse("{"))).toThrow(SyntaxError);
    await expect(during("d", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
});
