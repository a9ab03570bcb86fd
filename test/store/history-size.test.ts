import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../src/store/sql/database.ts";
import { historySince, maxHistoryBytes, thinNext } from "../../src/store/history-size.ts";
import { forgetUpTo } from "../../src/store/retention.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../support/store.ts";
import { DATABASES } from "../support/databases.ts";
import { eventOf, NOW } from "../support/alarms.ts";
import { emptyTables } from "./tables.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Ends a minute. */
const START = Math.floor((NOW - 5 * HOUR) / MINUTE) * MINUTE;
const event = (id: string, at: number, more: object = {}) =>
  eventOf({ id, message: id, state: "active", severity: "warning", ...more }, { at });

describe.each(DATABASES)("the size of the history on %s", (_, open) => {
  let database: Database;
  let store: Store;
  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    store = await openStore(database);
  });
  afterAll(() => database.close());

  const kept = () =>
    database.all<{ at: number; severity: number; value: number | null }>(
      "SELECT received_at AS at, severity, value FROM events ORDER BY id",
    );

  it("keeps of repeats the first, the last and the worst of each minute, and all of what is young or kept by a broker", async () => {
    const seconds = Array.from({ length: 120 }, (__, i) => i);
    // Each second one for two minutes; the worst is the one of the 20th second, and of the second minute the highest value.
    await store.record(
      seconds.map((s) =>
        event("coil", START + s * 1_000, { value: s === 70 ? 99 : 50, severity: s === 20 ? "error" : "warning" }),
      ),
    );
    await store.record([
      { ...event("door", START + 1_000), isRetained: true },
      event("door", START + 2_000),
      event("door", START + 3_000),
      event("door", START + 4_000),
    ]);
    const young = seconds.map((s) => event("young", NOW - 9 * MINUTE + s * 1_000));
    await store.record(young);
    while ((await thinNext(database, NOW)) !== null);
    const events = await kept();
    expect(events.slice(0, 6).map(({ at }) => (at - START) / 1_000)).toEqual([0, 20, 59, 60, 70, 119]);
    expect(events.slice(6, 8).map(({ at }) => (at - START) / 1_000)).toEqual([1, 4]);
    expect(events).toHaveLength(8 + young.length);
    expect(await store.alarms.ofEvent(event("coil", START))).toMatchObject({ count: 120 });
    // What was thinned is not looked at again.
    expect(await thinNext(database, NOW)).toBeNull();
  });

  it("is without what is kept of measurements", async () => {
    expect(await store.history.bytes()).toBe(await database.usedBytes());
  });

  it("says since when it is whole, though what is needed still came before", async () => {
    expect(await historySince(database)).toBeNull();
    await store.record([event("active", START), event("old", START + 1)]);
    await store.record([event("old", START + 2, { state: "cleared" }), event("new", START + HOUR)]);
    expect(await historySince(database)).toBe(START);
    await database.transaction((queries) => queries.run("UPDATE cards SET is_pending = 0"));
    await forgetUpTo(database, { id: 3, at: START + 2 }, NOW);
    expect((await kept()).map(({ at }) => at)).toEqual([START, START + HOUR]);
    expect(await historySince(database)).toBe(START + HOUR);
  });
});

describe("a database that may take so much", () => {
  let folder: string;
  let path: string;
  let database: Database;
  let store: Store;
  let now: number;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "valvomo-size-"));
    path = join(folder, "valvomo.db");
    database = openSqlite(path);
    now = NOW;
    store = await openStore(database, { now: () => now });
  });
  const close = async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  };

  /** Events of a second: some of one alarm that repeats, and one of its own that comes and goes. */
  async function fill(from: number, seconds: number, repeats: number): Promise<void> {
    for (let s = 0; s < seconds; s += 60) {
      const events = Array.from({ length: 60 }, (_, i) => {
        const at = from + (s + i) * 1_000;
        const own = `own ${at}`;
        return [
          ...Array.from({ length: repeats }, (__, n) => event("coil", at + n, { value: n, text: "x".repeat(200) })),
          event(own, at, { text: "y".repeat(200) }),
          event(own, at + 1, { state: "cleared" }),
        ];
      });
      await store.record(events.flat());
      await database.transaction((queries) => queries.run("UPDATE cards SET is_pending = 0"));
    }
  }

  it("is thinned first, so that it reaches as far back as before, and the file gets shorter", async () => {
    await fill(NOW - 20 * HOUR, 600, 30);
    const before = await database.usedBytes();
    expect(statSync(path).size).toBeGreaterThan(7e6);
    const bound = before * 0.4;
    expect(await store.history.keepWithin(bound)).toBeGreaterThan(10_000);
    expect(await store.history.bytes()).toBeLessThanOrEqual(bound);
    expect(statSync(path).size).toBeLessThan(bound + 5e6);
    expect(await store.history.since()).toBe(NOW - 20 * HOUR);
    expect(await store.history.keepWithin(bound)).toBe(0);
    await close();
  });

  it("forgets nothing for what is kept of measurements, which has a bound of its own", async () => {
    await fill(NOW - 20 * HOUR, 60, 2);
    const before = await store.history.bytes();
    await database.transaction((queries) =>
      queries.run(
        `INSERT INTO feed_blocks (channel, field, start_at, end_at, entries, bytes, kept_at) VALUES ('1', 1, 0, 1, $1, $2, 0)`,
        Buffer.alloc(5_000_000),
        5_000_000,
      ),
    );
    expect(await store.history.bytes()).toBeLessThan(before + 100_000);
    expect(await store.history.keepWithin(before + 100_000)).toBe(0);
    await close();
  });

  /** Events of one alarm at equal distances, up to two hours ago. */
  async function fillEvenly(count: number, everyMs: number): Promise<void> {
    const first = NOW - 2 * HOUR - count * everyMs;
    await store.record([event("coil", first)]);
    await database.transaction((queries) =>
      queries.run(
        `INSERT INTO events (id, alarm_id, topic, payload, is_retained, received_at, severity)
         WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         SELECT i, 1, 'plant', 'Coil hot', 0, $2 + i * $3, 1 FROM n`,
        count,
        first,
        everyMs,
      ),
    );
  }

  it("forgets little where thinning was nearly enough, however much was thinned", async () => {
    const eventsLeft = async () => (await database.all("SELECT id FROM events")).length;
    await fillEvenly(60_000, 6_000);
    while ((await thinNext(database, NOW)) !== null);
    const [bytes, events] = [await store.history.bytes(), await eventsLeft()];
    expect(events).toBeLessThan(25_000);
    await emptyTables(database);
    await fillEvenly(60_000, 6_000);
    await store.history.keepWithin(bytes * 0.94);
    expect(await eventsLeft()).toBeLessThan(events - 1_000);
    expect(await eventsLeft()).toBeGreaterThan(events * 0.75);
    await close();
  });

  it("goes through all alarms a few times only, however much is to go", async () => {
    // One a minute: nothing of it is a repeat that could be thinned.
    await fillEvenly(40_000, MINUTE);
    let looks = 0;
    const watched = await openStore(
      {
        ...database,
        all: (sql, ...values) => {
          if (sql.includes("FROM alarms WHERE id >")) looks += 1;
          return database.all(sql, ...values);
        },
      },
      { now: () => now },
    );
    const before = await watched.history.bytes();
    expect(await watched.history.keepWithin(before * 0.3)).toBeGreaterThan(20_000);
    expect(looks).toBeLessThan(16);
    // And little more goes than has to.
    expect(await watched.history.bytes()).toBeGreaterThan(before * 0.1);
    await close();
  });

  it("loses what is oldest when thinning is not enough, the last hour stays, and all else goes on meanwhile", async () => {
    await fill(NOW - 20 * HOUR, 600, 2);
    await fill(NOW - 10 * HOUR, 600, 2);
    await fill(NOW - 30 * MINUTE, 300, 2);
    const before = await database.usedBytes();
    let [longestMs, last, isDone] = [0, performance.now(), false];
    const turn = (): void => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
      if (!isDone) setImmediate(turn);
    };
    setImmediate(turn);
    await store.history.keepWithin(before * 0.6);
    isDone = true;
    expect(longestMs).toBeLessThan(500);
    expect(await database.usedBytes()).toBeLessThanOrEqual(before * 0.6);
    const since = await store.history.since();
    expect(since).toBeGreaterThan(NOW - 20 * HOUR);
    expect(since).toBeLessThan(NOW - 9 * HOUR);

    await store.history.keepWithin(1);
    expect(await store.history.since()).toBe(NOW - 30 * MINUTE);
    const [row] = await database.all<{ n: number }>(
      "SELECT COUNT(*) AS n FROM events WHERE received_at >= $1",
      NOW - HOUR,
    );
    // Of its repeats three a minute, and all that came once.
    expect(row?.n).toBe(5 * 3 + 300 * 2);
    await close();
  });
});

describe("what the history may take", () => {
  const GB = 1e9;
  it.each([
    ["half of a disk of 1 GB", { share: 0.5 }, { totalBytes: GB, freeBytes: GB }, 0, 0.5 * GB],
    ["what is asked for", { bytes: 2e8 }, { totalBytes: GB, freeBytes: GB }, 0, 2e8],
    [
      "no more than leaves some room, where others fill the disk",
      { share: 0.5 },
      { totalBytes: GB, freeBytes: 1e7 },
      3e8,
      2.9e8,
    ],
    ["no more than fits on it", { bytes: 5 * GB }, { totalBytes: GB, freeBytes: 0.5 * GB }, 1e8, 0.58 * GB],
    ["what is needed in any case, though it is full", { share: 0.5 }, { totalBytes: GB, freeBytes: 0 }, 1e6, 8e6],
    ["a large disk leaves 256 MB to others", { share: 0.9 }, { totalBytes: 1e12, freeBytes: 1e9 }, 0, 1e9 - 256e6],
  ])("is %s", (_, size, disk, usedBytes, expected) => {
    expect(maxHistoryBytes(size, disk, usedBytes)).toBeCloseTo(expected, -3);
  });
});
