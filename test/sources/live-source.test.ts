import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLiveSource, type LiveField, type LiveSource } from "../../src/sources/live-source.ts";
import type { Database } from "../../src/store/database.ts";
import { createFeedBlocks, type FeedBlocks } from "../../src/store/feed-blocks.ts";
import { migrate } from "../../src/store/schema.ts";
import { openSqlite } from "../../src/store/sqlite.ts";

const NOW = Date.UTC(2026, 10, 23, 3);
const FIELDS: readonly LiveField[] = [
  { field: 2, topic: "channels/9/publish/+", value: null },
  { field: 1, topic: "plant/coil", value: null },
  { field: 3, topic: null, value: null },
];

let database: Database;
let blocks: FeedBlocks;
let fields = FIELDS;
/** The topics of what could not be read. */
let unread: string[] = [];
beforeEach(async () => {
  database = openSqlite(":memory:");
  await migrate(database);
  blocks = createFeedBlocks(database, { channelId: "live", now: () => NOW + 86_400_000 });
  fields = FIELDS;
  unread = [];
});
afterEach(() => database.close());

const open = (kept: FeedBlocks = blocks): LiveSource =>
  createLiveSource({ fields: () => fields, blocks: kept, onUnread: (topic) => void unread.push(topic) });
const send = (source: LiveSource, topic: string, text: string, receivedAt: number, isRetained = false): void =>
  source.take({ topic, payload: Buffer.from(text), isRetained, receivedAt });
const all = { field: 1, startAt: 0, endAt: NOW * 2 };
const entries = async (source: LiveSource, query = all): Promise<[number, number][]> => {
  const { times, values } = await source.read(query);
  return Array.from(times, (at, i) => [at - NOW, values[i]!]);
};

describe("the recording of live values", () => {
  it("has the fields with a topic, in order, and follows the plants file", async () => {
    const source = open();
    expect(source.topics()).toEqual(["channels/9/publish/+", "plant/coil"]);
    expect((await source.channel()).fields).toEqual([
      { number: 1, label: "Field 1" },
      { number: 2, label: "Field 2" },
    ]);
    fields = [];
    expect([source.topics(), (await source.channel()).fields]).toEqual([[], []]);
  });

  it("keeps what came, at the time at which it came, over a restart", async () => {
    const source = open();
    send(source, "plant/coil", "58.5", NOW);
    send(source, "plant/coil", "word", NOW + 10_000);
    send(source, "plant/coil", "59.5", NOW + 15_000);
    send(source, "channels/9/publish/KEY", "field1=1&field2=70", NOW + 15_000);
    send(source, "plant/other", "1", NOW + 15_000);
    // What a broker kept is of nobody knows when.
    send(source, "plant/coil", "99", NOW + 20_000, true);
    expect(await entries(source)).toEqual([
      [0, 58.5],
      [15_000, 59.5],
    ]);
    const next = open();
    send(next, "plant/coil", "60.5", NOW + 60_000);
    expect((await entries(next)).map(([, value]) => value)).toEqual([58.5, 59.5, 60.5]);
    expect(await entries(next, { field: 1, startAt: NOW + 1, endAt: NOW + 15_000 })).toEqual([[15_000, 59.5]]);
    expect(await next.latest()).toEqual([
      { field: 1, label: "Field 1", value: "60.5", at: NOW + 60_000 },
      { field: 2, label: "Field 2", value: "70", at: NOW + 15_000 },
    ]);
  });

  it("loses no spike however quick values come, and keeps two a second", async () => {
    const source = open();
    for (let i = 0; i < 3_000; i++)
      send(source, "plant/coil", String(i === 1_234 ? 99 : i === 2_345 ? -7 : 50), NOW + i);
    const kept = await entries(source);
    expect(kept.length).toBeLessThanOrEqual(8);
    expect(kept).toContainEqual([1_234, 99]);
    expect(kept).toContainEqual([2_345, -7]);
    expect(kept.map(([at]) => at)).toEqual(kept.map(([at]) => at).toSorted((a, b) => a - b));
  });

  it("is in order and whole over full blocks and a clock that is set back", async () => {
    const source = open();
    for (let i = 0; i < 10_000; i++) send(source, "plant/coil", String(i), NOW + i * 1_000);
    for (let i = 0; i < 10; i++) send(source, "plant/coil", String(-1 - i), NOW + 500 + i * 1_000);
    const kept = await entries(source);
    expect(kept).toHaveLength(10_010);
    expect(kept.slice(0, 4)).toEqual([
      [0, 0],
      [500, -1],
      [1_000, 1],
      [1_500, -2],
    ]);
    const [row] = await database.all<{ n: number }>("SELECT COUNT(*) AS n FROM feed_blocks");
    expect(row?.n).toBe(4);
  });

  it("keeps what could not be written until it can, within a bound", async () => {
    let fails = true;
    const kept: FeedBlocks = {
      ...blocks,
      put: (...block) => (fails ? Promise.reject(new Error("disk full")) : blocks.put(...block)),
    };
    const source = open(kept);
    for (let i = 0; i < 5_000; i++) send(source, "plant/coil", String(i), NOW + i * 1_000);
    await expect(source.save()).rejects.toThrow("disk full");
    fails = false;
    await source.save();
    expect(await entries(source)).toHaveLength(5_000);
  });

  it("loses no block when two save at once, and none that gets full while it is being written in vain", async () => {
    let fails = false;
    const written = Promise.withResolvers<void>();
    const kept: FeedBlocks = {
      ...blocks,
      async put(...block) {
        await written.promise;
        if (fails) throw new Error("disk full");
        await blocks.put(...block);
      },
    };
    const source = open(kept);
    const record = (from: number, to: number) => {
      for (let i = from; i < to; i++) send(source, "plant/coil", String(i), NOW + i * 1_000);
    };
    record(0, 3 * 4_096);
    const [one, other] = [source.save(), source.save()];
    written.resolve();
    await Promise.all([one, other]);
    expect(await entries(source)).toHaveLength(3 * 4_096);

    record(3 * 4_096, 3 * 4_096 + 4_000);
    fails = true;
    const failing = source.save();
    record(3 * 4_096 + 4_000, 5 * 4_096);
    await expect(failing).rejects.toThrow("disk full");
    fails = false;
    expect(await entries(source)).toHaveLength(5 * 4_096);
  });

  it("takes for the newest value none that came while the clock was ahead", async () => {
    let at = NOW + 9e9;
    const source = open(createFeedBlocks(database, { channelId: "live", now: () => at }));
    send(source, "plant/coil", "99", at);
    await source.save();
    at = NOW;
    send(source, "plant/coil", "58", at);
    expect(await source.latest()).toMatchObject([{ field: 1, value: "58", at: NOW }]);
  });

  it("forgets the oldest beyond the bound of the store", async () => {
    const source = open(createFeedBlocks(database, { channelId: "live", now: () => NOW, maxBytes: 200_000 }));
    for (let i = 0; i < 40_000; i++) send(source, "plant/coil", String(i), NOW + i * 1_000);
    const kept = await entries(source);
    expect(kept.length).toBeGreaterThan(8_000);
    expect(kept.length).toBeLessThan(12_500);
    expect(kept.at(-1)).toEqual([39_999_000, 39_999]);
  });

  it("tells what it cannot read by its topic, but not what is about another field, or about none", async () => {
    fields = [
      { field: 1, topic: "plant/coil", value: null },
      { field: 2, topic: "plant/all", value: null },
      { field: 3, topic: "plant/all", value: "speed" },
    ];
    const source = open();
    for (const text of ["20.1 °C", "ON", "NaN", ""]) send(source, "plant/coil", text, NOW);
    for (const text of ["field2=5", '{"speed":"3000 rpm"}', '{"field2":null}']) send(source, "plant/all", text, NOW);
    expect(unread).toEqual([]);
    send(source, "plant/coil", "ERR", NOW);
    send(source, "plant/all", '{"other":5}', NOW);
    send(source, "plant/all", '{"field2":{"x":1}}', NOW);
    // Neither of what nobody recorded, nor of what the broker kept.
    send(source, "elsewhere", "ERR", NOW);
    send(source, "plant/coil", "ERR", NOW, true);
    expect(unread).toEqual(["plant/coil", "plant/all", "plant/all"]);
  });
});
