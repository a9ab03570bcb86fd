import { afterEach, expect, it, vi } from "vitest";
import { createLatelyRead } from "../../src/sources/lately-read.ts";
import type { FeedPage } from "../../src/thingspeak/feed-page.ts";

afterEach(() => void vi.useRealTimers());

/** Ten entries of one field: thirty numbers. */
const page = (): FeedPage => ({
  entryIds: new Float64Array(10),
  times: new Float64Array(10),
  fields: { 1: new Float64Array(10) },
});
/** Asks for the pages at some places; tells which were read for that. */
async function reads(lately: ReturnType<typeof createLatelyRead>, ...offsets: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  for (const offset of offsets) {
    await lately.get(offset, async () => {
      found.push(offset);
      return page();
    });
  }
  return found;
}

it("reads a page once, until it is another", async () => {
  const lately = createLatelyRead();
  expect(await reads(lately, 0, 100, 200, 0, 100, 200)).toEqual([0, 100, 200]);
  lately.forget(100);
  expect(await reads(lately, 0, 100, 200)).toEqual([100, 200]);
});

it("keeps what was asked for last, as far as there is room", async () => {
  const lately = createLatelyRead({ maxNumbers: 70 });
  expect(await reads(lately, 0, 100, 0, 200, 0, 100)).toEqual([0, 100, 200, 100]);
  expect(await reads(createLatelyRead({ maxNumbers: 5 }), 0, 0)).toEqual([0, 0]);
});

it("gives the memory back soon, and keeps nothing that failed", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const lately = createLatelyRead({ keepMs: 10_000 });
  await expect(lately.get(0, () => Promise.reject(new Error("away")))).rejects.toThrow("away");
  expect(await reads(lately, 0)).toEqual([0]);
  vi.advanceTimersByTime(9_000);
  expect(await reads(lately, 0)).toEqual([]);
  vi.advanceTimersByTime(9_000);
  expect(await reads(lately, 0)).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(await reads(lately, 0)).toEqual([0]);
});
