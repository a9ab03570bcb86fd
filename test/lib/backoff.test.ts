import { expect, it } from "vitest";
import { backoffMs, SOON } from "../../src/lib/backoff.ts";

it("waits twice as long after each failure, up to the most, however many there were", () => {
  expect([0, 1, 2, 5, 6, 7, 100, 1e9].map((failures) => backoffMs(failures))).toEqual([
    1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000, 60_000,
  ]);
  expect([0, 1, 2, 3].map((failures) => backoffMs(failures, { firstMs: 500, mostMs: 2_000 }))).toEqual([
    500, 1_000, 2_000, 2_000,
  ]);
  expect(SOON.mostMs).toBe(60_000);
});
