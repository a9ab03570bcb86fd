import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPlantClocks } from "../../src/store/alarms/plant-clocks.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { annotate } from "../../src/alarms/lifecycle/annotate.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { byHand } from "../support/by-hand.ts";
import { openStore, type Store } from "../support/store.ts";
import { DATABASES } from "../support/databases.ts";
import { eventOf, NOW } from "../support/alarms.ts";
import { NO_RULE } from "../support/one-alarm.ts";
import { RULES } from "../support/rules.ts";
import { emptyTables } from "./tables.ts";

const DAY = 86_400_000;
let stamp = NOW;
const options = { now: () => stamp };

describe.each(DATABASES)("retention on %s", (_, open) => {
  let database: Database;
  let store: Store;

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    stamp = NOW;
    await emptyTables(database);
    store = await openStore(database, options);
  });
  afterAll(() => database.close());

  const count = async (table: string) => (await database.all(`SELECT 1 AS x FROM ${table}`)).length;
  const at = (days: number, id: string, more: object = {}) =>
    eventOf({ id, message: id, state: "active", ...more }, { at: NOW - days * DAY });
  /** As if every chat had been shown everything. */
  const settleAll = () => database.transaction((queries) => queries.run("UPDATE cards SET is_pending = 0"));

  it("forgets cleared alarms with all that is theirs, and nothing of younger ones", async () => {
    await store.record([
      at(100, "old"),
      at(99, "old", { state: "cleared" }),
      at(5, "young"),
      at(4, "young", { state: "cleared" }),
    ]);
    await settleAll();
    expect(await store.history.forgetOld(NOW - 90 * DAY)).toBe(2);
    const alarms = await database.all<{ message: string }>("SELECT message FROM alarms");
    expect(alarms).toEqual([{ message: "young" }]);
    expect([await count("events"), await count("cards")]).toEqual([2, 1]);
    expect(await store.history.forgetOld(NOW - 90 * DAY)).toBe(0);
  });

  it("keeps what is active, its newest event, and what no chat has seen yet", async () => {
    await store.record([at(100, "active"), at(99, "active"), at(98, "active")]);
    await store.record([at(97, "unseen"), at(96, "unseen", { state: "cleared" })]);
    await database.transaction((queries) => queries.run("UPDATE cards SET is_pending = 0 WHERE alarm_id = 1"));
    await store.history.forgetOld(NOW - 90 * DAY);
    expect(await count("alarms")).toBe(2);
    const kept = await database.all<{ alarm_id: number; received_at: number }>(
      "SELECT alarm_id, received_at FROM events ORDER BY id",
    );
    expect(kept).toEqual([
      { alarm_id: 1, received_at: NOW - 98 * DAY },
      { alarm_id: 2, received_at: NOW - 96 * DAY },
    ]);
  });

  it("keeps what its rule holds back, however long nobody was there to look at the time", async () => {
    const single = [{ ...NO_RULE, delayMs: 10_000 }];
    store = await openStore(database, { ...options, rules: { ...RULES, single } });
    await store.record([at(100, "held back")]);
    await store.history.forgetOld(NOW - 90 * DAY);
    expect(await store.elapse()).toEqual([1]);
    expect(await store.alarms.find(1)).toMatchObject({ state: "active", message: "held back" });
  });

  it("keeps what the broker hands out again, so that it never rings as new", async () => {
    const raised = at(100, "kept");
    // A topic retains one message.
    const onTopic = (days: number, more: object) =>
      eventOf({ id: "timed", message: "timed", ...more }, { at: NOW - days * DAY, topic: "plant/timed" });
    const timed = onTopic(100, { state: "active", timestamp: new Date(NOW - 100 * DAY).toISOString() });
    await store.record([raised, timed, onTopic(99, { state: "cleared" })]);
    await store.record([
      { ...raised, isRetained: true },
      { ...timed, isRetained: true },
      at(98, "kept", { state: "cleared" }),
    ]);
    await settleAll();
    await store.history.forgetOld(NOW - 90 * DAY);
    const known = { ...timed, isRetained: true, receivedAt: NOW };
    expect(await store.record([known])).toEqual([]);
    expect(await count("alarms")).toBe(2);
  });

  it("forgets what the broker retained before it retained something else", async () => {
    const messages = [100, 99, 98, 97].map((days) => at(days, `coil ${days}`));
    // Each is handed out at a reconnect before the next one comes, and is over in the end.
    for (const event of messages) {
      await store.record([event]);
      await store.record([{ ...event, isRetained: true }]);
    }
    await store.record(messages.map((_, i) => at(96, `coil ${100 - i}`, { state: "cleared" })));
    await settleAll();
    await store.history.forgetOld(NOW - 90 * DAY);
    const left = await database.all<{ message: string }>("SELECT message FROM alarms");
    expect(left).toEqual([{ message: "coil 97" }]);
  });

  it("keeps what came after something young, although the clock stood in the past then", async () => {
    const batch = (days: number, from: number, to: number) =>
      Array.from({ length: to - from }, (__, i) => at(days, `a${(from + i) % 3}`, { value: from + i }));
    await store.record(batch(5, 0, 1_000));
    // Its battery was empty: 1970.
    await store.record([...batch(NOW / DAY - 1, 1_000, 1_500), at(NOW / DAY - 1, "over", { state: "cleared" })]);
    await store.record(batch(1, 1_501, 2_000));
    await settleAll();
    expect(await store.history.forgetOld(NOW - 90 * DAY)).toBe(0);
    expect(await count("events")).toBe(2_000);
  });

  it("forgets what is old behind what was stamped by a clock that was ahead, and that with it", async () => {
    const many = (days: number, id: string) => Array.from({ length: 700 }, (__, i) => at(days, id, { value: i }));
    await store.record([...many(-400, "ahead"), at(-400, "ahead", { state: "cleared" })]);
    await store.record([...many(100, "old"), at(100, "old", { state: "cleared" })]);
    await store.record(many(-300, "later"));
    await settleAll();
    await store.history.forgetOld(NOW - 90 * DAY);
    // What was stamped ahead and nothing old came after may be young.
    expect(await database.all("SELECT message FROM alarms")).toEqual([{ message: "later" }]);
    expect(await count("events")).toBe(700);
  });

  it("forgets actions and decisions by the order in which they came, too", async () => {
    await store.record([at(1, "a")]);
    const act = async (days: number) => {
      stamp = NOW - days * DAY;
      const note = { text: "x", hasPhoto: false };
      const by = { userId: 1, name: "Anna" };
      await store.act(1, { by, action: "note", apply: (alarm) => annotate(alarm, by, note) });
    };
    for (const days of [-400, 200, 100, 5, 3_000, 1]) await act(days);
    stamp = NOW;
    await settleAll();
    await store.history.forgetOld(NOW - 90 * DAY);
    const kept = await database.all<{ acted_at: number }>("SELECT acted_at FROM actions ORDER BY id");
    expect(kept.map(({ acted_at }) => (NOW - acted_at) / DAY)).toEqual([5, 3_000, 1]);
  });

  it("forgets which messages showed an alarm that comes again and again, but for its card", async () => {
    const { next, show, shown } = byHand(() => store);
    for (const [i, days] of [300, 200, 91, 10, 1].entries()) {
      stamp = NOW - days * DAY;
      await store.record([at(days, "again")]);
      const pending = await next(1, stamp);
      await show(pending, { ...shown(pending), messageId: 100 + i });
      await store.record([{ ...at(days, "again", { state: "cleared" }), receivedAt: stamp + 1 }]);
    }
    const messages = async () =>
      (await database.all<{ message_id: number }>("SELECT message_id FROM messages ORDER BY message_id")).map(
        ({ message_id: id }) => id,
      );
    stamp = NOW;
    expect(await messages()).toEqual([100, 101, 102, 103, 104]);
    await store.history.forgetOld(NOW - 90 * DAY);
    expect(await messages()).toEqual([103, 104]);
    await store.history.forgetOld(NOW + DAY);
    expect(await messages()).toEqual([104]);
  });

  it("knows each message that showed an alarm for as long as that is active: an answer to it is a note", async () => {
    const { next, show, shown } = byHand(() => store);
    for (const [days, severity, messageId] of [
      [300, "warning", 100],
      [299, "critical", 101],
    ] as const) {
      stamp = NOW - days * DAY;
      await store.record([at(days, "stands", { severity })]);
      const pending = await next(1, stamp);
      await show(pending, { ...shown(pending), messageId });
    }
    stamp = NOW;
    await store.history.forgetOld(NOW - 90 * DAY);
    expect([await store.alarms.ofMessage(1, 100), await store.alarms.ofMessage(1, 101)]).toEqual([1, 1]);
    // Young enough to stay, and over: of its messages only the card is needed.
    await store.record([at(1, "stands", { severity: "critical", state: "cleared" })]);
    await store.history.forgetOld(NOW - 90 * DAY);
    expect([await store.alarms.ofMessage(1, 100), await store.alarms.ofMessage(1, 101)]).toEqual([null, 1]);
  });

  it("forgets that a plant's clock was set back once nobody goes by that any more, one for each source that ever had one", async () => {
    const believe = (days: number, source: string) =>
      database.transaction(async (queries) => {
        const clocks = openPlantClocks(queries);
        clocks.believe({ ...at(days, "a"), source }, { at: NOW, receivedAt: NOW - days * DAY });
        await clocks.flush();
      });
    await store.keyValue.write("clock", { since: 0, until: 0 });
    for (let i = 0; i < 50; i++) await believe(2 + i, `pump ${i}`);
    await believe(0.5, "pump 50");
    expect(await count("facts")).toBe(52);
    await store.history.forgetOld(NOW - 90 * DAY);
    expect(await database.all("SELECT name FROM facts WHERE name LIKE 'clock%' ORDER BY name")).toHaveLength(2);
  });

  it("forgets updates that were given up, two days after they came", async () => {
    await store.inbox.left("bot");
    await store.inbox.take([{ id: 1, content: "x" }]);
    for (let run = 0; run < 3; run++) await store.inbox.left("bot");
    await store.history.forgetOld(NOW - 90 * DAY);
    expect(await count("updates")).toBe(1);
    stamp = NOW + 2 * DAY;
    await store.history.forgetOld(NOW - 90 * DAY);
    expect(await count("updates")).toBe(0);
  });

  it("takes many rows in small steps", async () => {
    await store.record(Array.from({ length: 1_200 }, (__, i) => at(100, `a${i % 3}`, { value: i })));
    await settleAll();
    expect(await store.history.forgetOld(NOW - 90 * DAY)).toBe(1_197);
    expect(await count("events")).toBe(3);
  });
});

it("gives the space of an SQLite file back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-"));
  const path = join(folder, "valvomo.db");
  const database = openSqlite(path);
  const store = await openStore(database, options);
  const event = (i: number) => eventOf({ id: "a", message: "x".repeat(900), value: i }, { at: NOW - 100 * DAY });
  await store.record(Array.from({ length: 3_000 }, (_, i) => event(i)));
  await database.all("PRAGMA wal_checkpoint(TRUNCATE)");
  const before = statSync(path).size;
  await store.history.forgetOld(NOW - 90 * DAY);
  await database.all("PRAGMA wal_checkpoint(TRUNCATE)");
  expect(statSync(path).size).toBeLessThan(before / 2);
  await database.close();
  rmSync(folder, { recursive: true });
});
