import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reachabilityEvent } from "../../../src/alarms/payloads/own.ts";
import { openAudit } from "../../../src/store/people/audit.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { lastNumber } from "../../../src/store/sql/numbers.ts";
import { openPeople } from "../../../src/store/people/people.ts";
import { openRoutes } from "../../../src/store/people/routes.ts";
import { migrate } from "../../../src/store/schema.ts";
import { openStore } from "../../support/store.ts";
import { DATABASES } from "../../support/databases.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { chatOf } from "../../support/rules.ts";
import { dropTables, emptyTables } from "../tables.ts";

const DAY = 86_400_000;
const ROUTE = { severity: "warning", sources: [], topics: [], to: [chatOf(1)] } as const;
const AINO = { userId: 11, name: "Aino" };

describe.each(DATABASES)("numbers in %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  beforeEach(() => emptyTables(database));
  afterAll(() => database.close());

  const old = (id: string, state = "active") => eventOf({ id, message: id, state }, { at: NOW - 100 * DAY });
  const settleAll = () => database.transaction((queries) => queries.run("UPDATE cards SET is_pending = 0"));
  const idOf = async (id: string) => {
    const [row] = await database.all<{ id: number }>("SELECT id FROM alarms WHERE message = $1", id);
    return row?.id;
  };

  it("of alarms and events are not given to others after what had them was forgotten, and a restart", async () => {
    const first = await openStore(database);
    await first.record([old("a"), old("a", "cleared"), old("b"), old("b", "cleared")]);
    await settleAll();
    await first.history.forgetOld(NOW - 90 * DAY);
    expect(await database.all("SELECT id FROM alarms")).toEqual([]);
    const second = await openStore(database);
    await second.record([eventOf({ id: "c", message: "c" })]);
    expect(await idOf("c")).toBe(3);
    expect(await lastNumber(database, "event")).toBe(5);
  });

  it("of events count what was stored, not the copies that were not", async () => {
    const store = await openStore(database);
    const timed = eventOf({ id: "a", message: "a", timestamp: new Date(NOW).toISOString() });
    await store.record([timed, timed]);
    await store.record([timed]);
    expect(await lastNumber(database, "event")).toBe(1);
    expect((await store.history.of(1, 10)).events).toHaveLength(1);
  });

  it("of alarms are not given again after a person was forgotten, and with the person the newest alarm", async () => {
    const first = await openStore(database);
    await first.record([eventOf({ id: "a", message: "a" })]);
    await first.record([reachabilityEvent({ chatId: AINO.userId, threadId: null }, "blocked", NOW)]);
    await first.forgetPerson({ id: 1, ...AINO });
    const second = await openStore(database);
    await second.record([eventOf({ id: "c", message: "c" })]);
    expect(await idOf("c")).toBe(3);
  });

  it("of boards, whose buttons outlive them, are not given again after their chat was forgotten", async () => {
    const board = { chatId: 1, threadId: null, kind: "flood", openedAt: NOW } as const;
    const first = await openStore(database);
    expect((await first.boards.open(board, NOW, null)).id).toBe(1);
    await first.cards.forgetChat(1);
    const second = await openStore(database);
    expect((await second.boards.open(board, NOW, null)).id).toBe(2);
  });

  it("of routes, people and lines of the audit log are not given again either", async () => {
    await migrate(database);
    const routes = await openRoutes(database, () => undefined);
    await routes.add(ROUTE);
    await routes.remove(await routes.add(ROUTE));
    expect(await (await openRoutes(database, () => undefined)).add(ROUTE)).toBe(3);

    let now = NOW;
    const people = async () => openPeople(database, { adminIds: [], now: () => now });
    const audit = openAudit(database, () => now);
    expect(await (await people()).meet(AINO)).toBe(1);
    await audit.append({ personId: 1, groupId: null, action: "look", details: "", result: "done" });
    now += 400 * DAY;
    await audit.forget(now - 365 * DAY);
    expect(await database.all("SELECT id FROM people")).toEqual([]);
    expect(await (await people()).meet(AINO)).toBe(2);
    await audit.append({ personId: 2, groupId: null, action: "look", details: "", result: "done" });
    expect((await audit.list(0, 10)).map(({ id }) => id)).toEqual([2]);
  });

  it("go on where an older Valvomo left them", async () => {
    await dropTables(database);
    await migrate(database, 4);
    await database.transaction((queries) => queries.run("INSERT INTO routes (id, content) VALUES (7, '{}')"));
    await migrate(database);
    expect(await (await openRoutes(database, () => undefined)).add(ROUTE)).toBe(8);
  });

  it("that were taken by a transaction which failed are given to the next", async () => {
    const store = await openStore(database);
    const bad = { ...eventOf({ id: "a", message: "a" }), topic: null as unknown as string };
    await expect(store.record([bad])).rejects.toThrow(/topic/);
    await store.record([eventOf({ id: "b", message: "b" })]);
    expect(await idOf("b")).toBe(1);
  });
});
