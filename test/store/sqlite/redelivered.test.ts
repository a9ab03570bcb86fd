import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../src/store/sql/database.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../../support/store.ts";
import { eventOf, NOW } from "../../support/alarms.ts";

let database: Database;
let store: Store;
beforeEach(async () => {
  database = openSqlite(":memory:");
  store = await openStore(database);
});
afterEach(() => store.close());

const HOT = { id: "hot", message: "Coil hot", state: "active" };
/** A delivery of a message without a time, under a packet id. */
const deliver = (payload: object, packetId: number, isDup = false) =>
  store.record([{ ...eventOf(payload), packetId, isDup }]);

describe("a message without a time that the broker delivers again", () => {
  it("is counted once, if nothing came of its alarm since", async () => {
    await deliver(HOT, 7);
    expect(await deliver(HOT, 7, true)).toEqual([]);
    expect(await store.alarms.find(1)).toMatchObject({ count: 1, state: "active" });
  });

  it("is another one under another packet id, with other words, as a first delivery, and after its end", async () => {
    await deliver(HOT, 7);
    await deliver(HOT, 8, true);
    await deliver({ ...HOT, message: "Coil hotter" }, 8, true);
    await deliver({ ...HOT, message: "Coil hotter" }, 8);
    expect(await store.alarms.find(1)).toMatchObject({ count: 4 });
    await deliver({ ...HOT, state: "cleared" }, 9);
    await deliver(HOT, 8, true);
    expect(await store.alarms.find(1)).toMatchObject({ state: "active", occurrence: 2 });
  });
});

describe("a message with a time that version 0.1 stored", () => {
  const at = (minute: number) => new Date(NOW - 3_600_000 + minute * 60_000).toISOString();
  const first = { ...HOT, timestamp: at(0) };
  const takeAsBefore = async (): Promise<void> => {
    await store.record([eventOf(first)]);
    await database.transaction(({ run }) => run("UPDATE events SET dedupe_key = substr(dedupe_key, -43)"));
    await store.record([eventOf({ ...HOT, state: "cleared", timestamp: at(1) })]);
  };

  it("is the same when a broker delivers it again, or keeps it", async () => {
    await takeAsBefore();
    expect(await store.record([{ ...eventOf(first), packetId: 7, isDup: true }])).toEqual([]);
    expect(await store.record([{ ...eventOf(first), isRetained: true }])).toEqual([]);
    expect((await store.history.of(1, 10)).events).toHaveLength(2);
  });
});
