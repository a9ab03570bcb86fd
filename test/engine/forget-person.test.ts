import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { annotate } from "../../src/alarms/lifecycle/annotate.ts";
import { acknowledge, shelve, type Actor } from "../../src/alarms/lifecycle/handling.ts";
import { reachabilityEvent } from "../../src/alarms/payloads/own.ts";
import type { Alarm } from "../../src/alarms/types.ts";
import { openAudit } from "../../src/store/people/audit.ts";
import { forgetOld } from "../../src/store/retention.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openPeople } from "../../src/store/people/people.ts";
import { openStore, type Store } from "../support/store.ts";
import { DATABASES } from "../support/databases.ts";
import { eventOf, NOW } from "../support/alarms.ts";
import { chatOf } from "../support/rules.ts";
import { TABLE_NAMES } from "../../src/store/sql/tables.ts";
import { emptyTables } from "../store/tables.ts";

const GROUP = -1_007;
const HOUR = 3_600_000;
const BORIS: Actor = { userId: 871_234_567, name: "Boris Bezukhov", chatId: GROUP };
/** Somebody else of that name. */
const NAMESAKE: Actor = { ...BORIS, userId: 871_234_568 };

describe.each(DATABASES)("somebody who is forgotten, on %s", (_, open) => {
  let database: Database;
  let store: Store;
  let now: number;
  let chats: number[];

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    [now, chats] = [NOW, [GROUP, BORIS.userId]];
    store = await openStore(database, {
      destinationsOf: () => chats.map(chatOf),
      answers: { suffix: "/ack" },
      now: () => now,
    });
    await store.record(
      ["owned", "shelved", "noted", "over", "other"].map((id) =>
        eventOf({ id, message: id, severity: "error", state: "active" }),
      ),
    );
  });
  afterAll(() => database.close());

  const act = (id: number, by: Actor, action: "acknowledge" | "shelve" | "note"): Promise<unknown> =>
    store.act(id, {
      by,
      action,
      apply(alarm: Alarm, at: number) {
        if (action === "acknowledge") return acknowledge(alarm, by, at);
        if (action === "note") return annotate(alarm, by, { text: "the fan was off", hasPhoto: false });
        return shelve(alarm, by, at, { untilAt: now + HOUR, reason: null });
      },
    });

  async function forget(): Promise<{ id: number; chatIds: readonly number[] }> {
    const people = await openPeople(database, { adminIds: [], now: () => now });
    const audit = openAudit(database, () => now);
    const id = await people.meet(BORIS);
    await audit.append({ personId: id, groupId: GROUP, action: "button ack", details: "#1", result: "done" });
    return { id, chatIds: await store.forgetPerson({ id, ...BORIS }) };
  }

  /** All that any table holds, as one text. */
  async function everything(): Promise<string> {
    const rows = [];
    for (const table of TABLE_NAMES)
      rows.push(...(await database.all<Record<string, unknown>>(`SELECT * FROM ${table}`)));
    const textOf = (value: unknown): string =>
      value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
    return rows.flatMap((row) => Object.values(row).map(textOf)).join("\n");
  }

  it("stands nowhere any more, by name or number", async () => {
    await act(1, BORIS, "acknowledge");
    await act(2, BORIS, "shelve");
    await act(3, BORIS, "note");
    await act(4, { ...BORIS, chatId: BORIS.userId, name: "Boris the first" }, "acknowledge");
    await store.record([eventOf({ id: "over", message: "over", severity: "error", state: "cleared" })]);
    await store.record([reachabilityEvent({ chatId: BORIS.userId, threadId: null }, "blocked", now)]);
    await store.chats.setTimeZone(BORIS.userId, "Europe/Helsinki");
    await store.dialogues.write(`${GROUP}:${BORIS.userId}`, "{}", 1);
    await store.dialogues.write(`${BORIS.userId}:${BORIS.userId}`, "{}", 1);
    const pending = await store.cards.nextPending(BORIS.userId, now);
    if (pending === null) throw new Error("no card waits");
    const card = { ...pending.card, messageId: 5, version: pending.alarm.version };
    const decision = { alarmId: 1, chatId: BORIS.userId, decidedAt: now, version: 1, result: "ok" };
    const change = { kind: "shown", card, messageId: 5 } as const;
    await store.cards.settle([{ pending, change, decision: { ...decision, reason: "first", action: "send" } }]);
    expect(await everything()).toContain(String(BORIS.userId));
    chats = [GROUP];
    const { id, chatIds } = await forget();
    const left = await everything();
    expect(left).not.toContain(String(BORIS.userId));
    expect(left).not.toContain("Boris");
    // What is active and shown is edited; what was done stays done.
    expect(chatIds).toEqual([GROUP]);
    expect(await store.alarms.find(1)).toMatchObject({ acknowledgedBy: `person ${id}`, acknowledgedAt: NOW });
    expect(await store.alarms.find(2)).toMatchObject({ handling: { shelf: { by: `person ${id}` } } });
    expect(await store.alarms.find(3)).toMatchObject({
      handling: { note: { by: `person ${id}`, text: "the fan was off" } },
    });
    expect(await store.alarms.find(4)).toMatchObject({ acknowledgedBy: `person ${id}`, state: "cleared" });
    expect((await store.history.of(1, 5)).actions).toMatchObject([{ by: { userId: 0, name: `person ${id}` } }]);
    const waiting = await store.outbox.oldest("mqtt");
    expect(JSON.parse(waiting?.payload ?? "{}")).toMatchObject({ alarm: 1, by: `person ${id}`, text: "owned" });
  });

  it("takes nobody else of that name along", async () => {
    await act(5, NAMESAKE, "acknowledge");
    await act(5, NAMESAKE, "note");
    await act(5, BORIS, "note");
    await act(5, NAMESAKE, "note");
    await forget();
    expect(await store.alarms.find(5)).toMatchObject({
      acknowledgedBy: NAMESAKE.name,
      handling: { note: { by: NAMESAKE.name }, owner: { userId: NAMESAKE.userId } },
    });
  });

  it("is found also where the line of what he did is older than what is kept", async () => {
    await act(1, BORIS, "acknowledge");
    await forgetOld(database, now + 1, NOW);
    expect((await store.history.of(1, 5)).actions).toEqual([]);
    const { id } = await forget();
    expect(await store.alarms.find(1)).toMatchObject({ acknowledgedBy: `person ${id}` });
  });

  it("leaves what he had in hand to all the others", async () => {
    await act(1, { ...BORIS, chatId: BORIS.userId }, "acknowledge");
    chats = [GROUP, -1_008];
    await forget();
    now += 4 * HOUR;
    await store.elapse();
    for (const chatId of chats) {
      const cards = await database.all("SELECT rings FROM cards WHERE alarm_id = 1 AND chat_id = $1", chatId);
      expect(cards, `chat ${chatId}`).toEqual([{ rings: 2 }]);
    }
  });
});
