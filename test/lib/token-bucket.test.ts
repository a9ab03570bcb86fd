import { expect, it } from "vitest";
import { createTokenBucket } from "../../src/lib/token-bucket.ts";
import { createManualClock } from "../support/clock.ts";

it("gives its burst at once, then what comes back, and never holds more than its burst", () => {
  const clock = createManualClock();
  const bucket = createTokenBucket({ burst: 3, msPerUnit: 1_000 }, clock.elapsed);
  expect(bucket.waitMs(3)).toBe(0);
  bucket.take(3);
  expect(bucket.waitMs(1)).toBe(1_000);
  expect(bucket.waitMs(2)).toBe(2_000);
  clock.advance(999);
  expect(bucket.waitMs(1)).toBe(1);
  clock.advance(1);
  expect(bucket.waitMs(1)).toBe(0);
  clock.advance(60_000);
  expect(bucket.units()).toBe(3);
});

it("begins with what is left, and waits for no rounding", () => {
  const clock = createManualClock();
  const bucket = createTokenBucket({ burst: 1, msPerUnit: 3 }, clock.elapsed, 0);
  for (let i = 0; i < 3; i++) {
    clock.advance(1);
    bucket.units();
  }
  expect(bucket.waitMs(1)).toBe(0);
});
