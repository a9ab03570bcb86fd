import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../../src/alarms/event.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import type { PendingCard } from "../../../src/store/alarms/pending.ts";
import { shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { openStore, type Store } from "../../support/store.ts";
import { DATABASES } from "../../support/databases.ts";
import { byHand } from "../../support/by-hand.ts";
import { eventOf } from "../../support/alarms.ts";
import { chatOf } from "../../support/rules.ts";
import { emptyTables } from "../tables.ts";

/** Where alarms go. */
let chats: readonly number[] = [];
const BY = { userId: 1, name: "Anna", chatId: 1 };
const options = { destinationsOf: () => chats.map(chatOf), now: () => 5_000 };

describe.each(DATABASES)("cards on %s", (_, open) => {
  let database: Database;
  let store: Store;
  const { next, settle, show, shown } = byHand(() => store);

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    store = await openStore(database, options);
  });
  afterAll(() => database.close());

  const record = (events: readonly AlarmEvent[], chatIds: readonly number[]) => {
    chats = chatIds;
    return store.record(events);
  };

  it("takes the most severe first, then the oldest", async () => {
    await record(
      ["info", "critical", "error", "critical"].map((severity, i) => eventOf({ id: `${i}`, message: "x", severity })),
      [1],
    );
    const order: number[] = [];
    for (let i = 0; i < 4; i++) {
      const pending = await next();
      order.push(pending.alarm.id);
      await show(pending);
    }
    expect(order).toEqual([2, 4, 3, 1]);
    expect(await store.cards.nextPending(1, 10_000)).toBeNull();
  });

  it("gives out what follows a card in that order", async () => {
    const severities = ["info", "critical", "error", "critical", "error", "error"];
    await record(
      severities.map((severity, i) => eventOf({ id: `${i}`, message: "x", severity })),
      [1],
    );
    const order: number[] = [];
    let after: PendingCard | null = null;
    do {
      after = await store.cards.nextPending(1, 10_000, after ? { after } : {});
      if (after) order.push(after.alarm.id);
    } while (after);
    expect(order).toEqual([2, 4, 3, 5, 6, 1]);
  });

  it("lets what rings go before what is only edited, however severe, and lets edits take turns", async () => {
    await record([eventOf({ id: "chatters", message: "x", severity: "error" })], [1]);
    const first = await next();
    await show(first);
    await record([eventOf({ id: "chatters", message: "x", severity: "error" })], [1]);
    await record([eventOf({ id: "new", message: "new", severity: "info" })], [1]);
    expect((await next()).alarm.message).toBe("new");
  });

  it("tells since when what is to ring waits, and whether it is alone", async () => {
    const rings = async () => Object.values(await store.cards.waitingRings(1));
    expect(await rings()).toEqual([null, false]);
    await record([eventOf({ id: "a", message: "a", severity: "info" })], [1, 2]);
    expect(await rings()).toEqual([5_000, false]);
    await record([eventOf({ id: "b", message: "b", severity: "critical" })], [1]);
    expect(await rings()).toEqual([5_000, true]);
    await show(await next());
    expect(await rings()).toEqual([5_000, false]);
  });

  it("leaves a card pending whose alarm moved on while it was being sent", async () => {
    await record([eventOf({ id: "a", message: "x" })], [1]);
    const pending = await next();
    await record([eventOf({ id: "a", message: "y" })], [1]);
    await show(pending);
    const again = await next();
    expect(again.alarm.message).toBe("y");
    expect(again.card).toMatchObject({ messageId: 77, version: 1 });
  });

  it("leaves a card pending when only its old message was edited, and the alarm is further", async () => {
    await record([eventOf({ id: "a", message: "x" })], [1]);
    const first = await next();
    await show(first, { ...shown(first), outdatedMessageIds: [66] });
    await record([eventOf({ id: "a", message: "y" })], [1]);
    const retiring = await next();
    expect([retiring.alarm.version, retiring.card.version]).toEqual([2, 1]);
    await show(retiring, { ...retiring.card, outdatedMessageIds: [] });
    expect((await next()).card).toMatchObject({ version: 1, outdatedMessageIds: [] });
  });

  it("puts a card off and lets the others pass", async () => {
    await record([eventOf({ id: "a", message: "a", severity: "critical" }), eventOf({ id: "b", message: "b" })], [1]);
    await settle(await next(), { kind: "retry", retryAt: 20_000, isFailure: true, refusal: null });
    expect((await next()).alarm.message).toBe("b");
    await settle(await next(), { kind: "retry", retryAt: 30_000, isFailure: true, refusal: null });
    expect(await store.cards.nextPending(1, 19_999)).toBeNull();
    expect(await store.cards.nextRetryAt(1)).toBe(20_000);
    expect(await next(1, 20_000)).toMatchObject({ attempts: 1, alarm: { message: "a" } });
  });

  it("takes a refused card out until its alarm changes, and tries that ten seconds after it was refused", async () => {
    await record([eventOf({ id: "a", message: "a" })], [1]);
    await show(await next());
    await record([eventOf({ id: "a", message: "b" })], [1]);
    const edit = await next();
    await settle(edit, { kind: "refused", card: shown(edit), refusal: "can't be edited" });
    expect(await store.cards.backlog()).toEqual({
      waiting: 0,
      oldestSince: null,
      refused: 1,
      refusal: "can't be edited",
    });
    await record([eventOf({ id: "a", message: "c" })], [1]);
    expect(await store.cards.nextPending(1, 14_999)).toBeNull();
    expect((await next(1, 15_000)).alarm.message).toBe("c");
    expect(await store.cards.backlog()).toMatchObject({ waiting: 1, refused: 1 });
    await show(await next(1, 15_000));
    expect(await store.cards.backlog()).toMatchObject({ waiting: 0, refused: 0 });
  });

  it("does not put off what came while a call failed, and counts no failure where only the chat was busy", async () => {
    await record([eventOf({ id: "a", message: "a" })], [1]);
    const failing = await next();
    await record([eventOf({ id: "a", message: "b", severity: "critical" })], [1]);
    await settle(failing, { kind: "retry", retryAt: 9e9, isFailure: true, refusal: "odd" });
    expect(await next()).toMatchObject({ attempts: 0, alarm: { message: "b" } });
    await settle(await next(), { kind: "retry", retryAt: 20_000, isFailure: false, refusal: null });
    expect(await store.cards.nextPending(1, 19_999)).toBeNull();
    expect(await next(1, 20_000)).toMatchObject({ attempts: 0 });
  });

  it.each(["before", "after"])("keeps no refusal %s it need not be shown any more", async (when) => {
    const board = await store.boards.open({ chatId: 1, threadId: null, kind: "flood", openedAt: 1 }, 1, null);
    await record([eventOf({ id: "a", message: "a", state: "active" })], [1]);
    const first = await next();
    await show(first, { ...shown(first), messageId: null, boardId: board.id });
    await record([eventOf({ id: "a", message: "a", severity: "critical", state: "active" })], [1]);
    // It is to ring by itself, and somebody puts it aside.
    const ring = await next();
    const refuse = () => settle(ring, { kind: "retry", retryAt: 9e9, isFailure: true, refusal: "odd" });
    if (when === "before") await refuse();
    const apply = (alarm: Alarm, at: number) => shelve(alarm, BY, at, { untilAt: 9e9, reason: null });
    await store.act(ring.alarm.id, { by: BY, apply, action: "shelve" });
    if (when === "after") await refuse();
    expect(await store.cards.backlog()).toMatchObject({ waiting: 0, refused: 0 });
  });

  it("sends a card anew whose message is gone", async () => {
    await record([eventOf({ id: "a", message: "a" })], [1]);
    const first = await next();
    await show(first);
    await record([eventOf({ id: "a", message: "b" })], [1]);
    await settle(await next(), { kind: "gone" });
    expect((await next()).card.messageId).toBeNull();
  });

  it("follows a clock that was set back, and forgets chats that get alarms no more", async () => {
    await record([eventOf({ id: "a", message: "a" })], [1, 2]);
    await settle(await next(1, 1e9), { kind: "retry", retryAt: 1e9 + 60_000, isFailure: true, refusal: null });
    expect(await store.cards.nextPending(1, 1e9)).toBeNull();
    expect(await store.cards.nextPending(1, 1e9 - 7_200_000)).not.toBeNull();
    await store.cards.forgetOtherChats([2, 3], [2]);
    expect(await store.cards.pendingChats()).toEqual([2]);
  });
});
