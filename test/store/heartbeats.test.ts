import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { OWN_TOPIC, ownEvent, reachabilityEvent } from "../../src/alarms/payloads/own.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { createHeartbeats, type Heartbeats } from "../../src/store/heartbeats.ts";
import { openStore, type Store } from "../support/store.ts";
import { DATABASES } from "../support/databases.ts";
import { eventOf, NOW } from "../support/alarms.ts";
import { emptyTables } from "./tables.ts";

describe.each(DATABASES)("heartbeats in %s", (_, open) => {
  let database: Database;
  let store: Store;
  let heartbeats: Heartbeats;

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    store = await openStore(database);
    heartbeats = createHeartbeats(database);
  });
  afterAll(() => database.close());

  it("are kept, changed and forgotten", async () => {
    const a = { name: "topic a", lastAt: NOW, intervalMs: 1_500.5 };
    const b = { name: "field 4", lastAt: NOW - 1, intervalMs: null };
    await heartbeats.save([a, b], []);
    expect(await heartbeats.all()).toEqual([b, a]);
    const later = { ...b, lastAt: NOW + 5, intervalMs: 60_000 };
    await heartbeats.save([later], ["topic a", "topic x"]);
    expect(await heartbeats.all()).toEqual([later]);
    await heartbeats.save([], []);
    expect(await heartbeats.all()).toEqual([later]);
  });

  it("come with when the last run listened, which is kept where nothing else changed, too", async () => {
    expect(await heartbeats.listened()).toBeNull();
    await heartbeats.save([], [], { since: NOW, until: NOW + 60_000 });
    await heartbeats.save([], [], null);
    expect(await heartbeats.listened()).toEqual({ since: NOW, until: NOW + 60_000 });
  });

  it("stand beside the ids of our own alarms that are active", async () => {
    const own = (id: string, state: "active" | "cleared") =>
      ownEvent({ id, message: "…", severity: "error", state }, NOW);
    await store.record([
      own("silence: broker", "active"),
      own("silence: topic a/b", "active"),
      reachabilityEvent({ chatId: 7, threadId: null }, "blocked", NOW),
      eventOf({ message: "Hot", id: "plant's own" }),
    ]);
    await store.record([own("silence: topic a/b", "active"), own("silence: broker", "cleared")]);
    const ids = (await heartbeats.activeTroubles()).map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set(["silence: topic a/b", "chat 7"]));
  });

  it.each(["no JSON at all", '{"id":', "[]", '{"message":"Hot"}', '{"id":7,"message":"Hot"}'])(
    "leave out one of our own alarms that cannot be read: %s",
    async (payload) => {
      await store.record([
        eventOf(payload, { topic: OWN_TOPIC }),
        ownEvent({ id: "silence: broker", message: "…", severity: "error", state: "active" }, NOW),
      ]);
      expect(await heartbeats.activeTroubles()).toEqual([{ id: "silence: broker", topic: OWN_TOPIC }]);
    },
  );
});
