import { expect, it } from "vitest";
import { spaced } from "../../../src/lib/time/spaced.ts";
import { createManualClock } from "../../support/clock.ts";

it("begins at most once in its time, and at once where that is over", async () => {
  const clock = createManualClock();
  const begun: number[] = [];
  const work = spaced(async () => void begun.push(clock.elapsed()), 10, clock);
  await work(null);
  const second = work(null);
  clock.advance(9);
  expect(begun).toEqual([0]);
  clock.advance(1);
  await second;
  clock.advance(100);
  await work(null);
  expect(begun).toEqual([0, 10, 110]);
});
