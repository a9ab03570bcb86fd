import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createArchive, type ReadPeriod } from "../../src/plots/archive.ts";
import { TooManyEntries } from "../../src/lib/errors.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { createFeedBlocks, type FeedBlocks } from "../../src/store/feed-blocks.ts";
import { openTables } from "../support/store.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const NOW = Date.UTC(2026, 10, 23, 3);

let database: Database;
let now = NOW;
let asked: { startAt: number; endAt: number }[] = [];
let fails = false;
/** A channel with an entry every minute, each of which can be read so long after it was measured. */
let lateMs = 0;

const feed: ReadPeriod = async ({ startAt, endAt }) => {
  asked.push({ startAt, endAt });
  if (fails) throw new Error("no feed");
  const first = Math.ceil(startAt / MINUTE) * MINUTE;
  const times: number[] = [];
  for (let at = first; at <= Math.min(endAt, now - lateMs); at += MINUTE) times.push(at);
  return { times: Float64Array.from(times), values: Float64Array.from(times, (at) => valueAt(at)) };
};
const valueAt = (at: number): number => (at % (7 * MINUTE) === 0 ? Number.NaN : Math.sin(at / HOUR));

const warnings: string[] = [];
const log = { warn: (_: unknown, text?: string) => void warnings.push(text ?? "") } as never;
const blocksOf = (maxBytes?: number): FeedBlocks =>
  createFeedBlocks(database, { channelId: "9", now: () => now, ...(maxBytes === undefined ? {} : { maxBytes }) });
const archiveOf = (blocks = blocksOf()): ReadPeriod => createArchive({ read: feed, blocks, now: () => now, log });

beforeEach(async () => {
  database = await openTables();
  [now, asked, fails, lateMs] = [NOW, [], false, 0];
  warnings.length = 0;
});
afterEach(() => database.close());

const day = { field: 1, startAt: NOW - DAY, endAt: NOW };

describe("the archive", () => {
  it("asks once for what is past, and then for the last minutes only", async () => {
    const read = archiveOf();
    const first = await read(day);
    expect(first.times).toHaveLength(1_441);
    now += 10 * MINUTE;
    const again = await archiveOf()({ field: 1, startAt: now - DAY, endAt: now });
    expect(again.times).toHaveLength(1_441);
    expect(asked).toHaveLength(2);
    expect(asked[1]!.startAt).toBeGreaterThan(NOW - 2 * MINUTE);
    now += 2 * DAY;
    expect(await read(day)).toEqual(first);
    await read({ field: 1, startAt: NOW - 2 * HOUR, endAt: NOW - HOUR });
    // What was not settled then is asked for once more, and never again.
    expect(asked.length).toBeLessThanOrEqual(3);
    expect((await read(day)).times).toHaveLength(1_441);
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it("does not ask again for what holds too many entries, nor adds up to more than are used", async () => {
    const few = createArchive({ read: feed, blocks: blocksOf(), now: () => now, log, maxEntries: 2_000 });
    await few({ ...day, startAt: NOW - DAY, endAt: NOW - 1 });
    await expect(few({ ...day, startAt: NOW - 2 * DAY, endAt: NOW - 1 })).rejects.toBeInstanceOf(TooManyEntries);
    const before = asked.length;
    // The same, and whatever contains it.
    await expect(few({ ...day, startAt: NOW - 2 * DAY, endAt: NOW - 1 })).rejects.toBeInstanceOf(TooManyEntries);
    await expect(few({ ...day, startAt: NOW - 30 * DAY, endAt: NOW })).rejects.toBeInstanceOf(TooManyEntries);
    expect(asked).toHaveLength(before);
    // Not what is shorter, or of another field.
    expect((await few(day)).times.length).toBeGreaterThan(1_000);
    expect((await few({ field: 2, startAt: NOW - DAY, endAt: NOW })).times.length).toBeGreaterThan(1_000);
  });

  it("asks again after an hour, as a channel can be cleared", async () => {
    const none: FeedBlocks = { within: async () => [], put: async () => undefined };
    const few = createArchive({ read: feed, blocks: none, now: () => now, log, maxEntries: 100 });
    for (const [waitMs, requests] of [
      [0, 1],
      [HOUR, 1],
      [1, 2],
    ] as const) {
      now += waitMs;
      await expect(few(day)).rejects.toBeInstanceOf(TooManyEntries);
      expect(asked).toHaveLength(requests);
    }
  });

  it("asks for the missing half, and for a gap in the middle", async () => {
    const read = archiveOf();
    await read({ field: 1, startAt: NOW - 4 * DAY, endAt: NOW - 3 * DAY });
    await read({ field: 1, startAt: NOW - 2 * DAY, endAt: NOW - DAY });
    const all = await read({ field: 1, startAt: NOW - 4.5 * DAY, endAt: NOW - DAY });
    expect(asked.slice(2).map(({ startAt, endAt }) => [startAt - NOW, endAt - NOW])).toEqual([
      [-4.5 * DAY, -4 * DAY - 1],
      [-3 * DAY + 1, -2 * DAY - 1],
    ]);
    expect(all.times).toHaveLength(3.5 * 1_440 + 1);
  });

  it("shares what one has got with all who ask at once, each with numbers of his own", async () => {
    const read = archiveOf();
    const all = await Promise.all(Array.from({ length: 20 }, () => read(day)));
    expect(asked).toHaveLength(1);
    structuredClone(all[0], { transfer: [all[0]!.times.buffer, all[0]!.values.buffer] });
    expect(all[1]!.times).toHaveLength(1_441);
  });

  it("keeps fields and channels apart", async () => {
    await archiveOf()(day);
    await archiveOf()({ ...day, field: 2 });
    expect(asked).toHaveLength(2);
    const other = createFeedBlocks(database, { channelId: "10", now: () => now });
    await archiveOf(other)(day);
    expect(asked).toHaveLength(3);
  });

  it("keeps nothing of what failed, and asks the feed when the store fails", async () => {
    fails = true;
    const read = archiveOf();
    await expect(read(day)).rejects.toThrow("no feed");
    fails = false;
    expect((await read(day)).times).toHaveLength(1_441);
    const broken: FeedBlocks = {
      within: async () => Promise.reject(new Error("disk")),
      put: async () => Promise.reject(new Error("disk")),
    };
    expect((await archiveOf(broken)(day)).times).toHaveLength(1_441);
    expect(warnings).toHaveLength(2);
  });

  it("stays within its bound: what was kept first goes", async () => {
    const read = archiveOf(blocksOf(60_000));
    for (let i = 10; i > 2; i--) {
      await read({ field: 1, startAt: NOW - i * DAY, endAt: NOW - (i - 1) * DAY - 1 });
      now += 1;
    }
    const [row] = await database.all<{ bytes: number; n: number }>(
      "SELECT SUM(bytes) AS bytes, COUNT(*) AS n FROM feed_blocks",
    );
    expect(row?.bytes).toBeLessThanOrEqual(60_000);
    expect(row?.n).toBe(2);
    asked = [];
    await read({ field: 1, startAt: NOW - 3 * DAY, endAt: NOW - 2 * DAY - 1 });
    expect(asked).toEqual([]);
  });

  it("grows few blocks while a plot is live, and bears a month at once", async () => {
    const read = archiveOf();
    for (let i = 0; i < 60; i++) {
      await read({ field: 1, startAt: now - HOUR, endAt: now });
      now += MINUTE;
    }
    const count = async () => (await database.all<{ n: number }>("SELECT COUNT(*) AS n FROM feed_blocks"))[0]!.n;
    expect(await count()).toBe(1);
    expect((await read({ field: 1, startAt: now - 100 * DAY, endAt: now })).times).toHaveLength(144_001);
    expect(await count()).toBeLessThanOrEqual(5);
  });

  it("gives what the feed itself would give, whatever is asked for in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            back: fc.integer({ min: 0, max: 400 }),
            span: fc.integer({ min: 0, max: 300 }),
            passes: fc.integer({ min: 0, max: 90 }),
            offset: fc.integer({ min: 0, max: 59 }),
          }),
          { maxLength: 12 },
        ),
        fc.integer({ min: 0, max: 30 }),
        async (questions, late) => {
          await database.transaction(({ run }) => run("DELETE FROM feed_blocks"));
          [now, lateMs] = [NOW, late * SECOND];
          const read = archiveOf();
          for (const { back, span, passes, offset } of questions) {
            now += passes * MINUTE + offset * SECOND;
            const endAt = now - back * MINUTE;
            const query = { field: 1, startAt: endAt - span * MINUTE, endAt };
            expect(await read(query)).toEqual(await feed(query));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
