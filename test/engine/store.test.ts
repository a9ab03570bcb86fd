import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NO_ESCALATION } from "../../src/alarms/lifecycle/escalation-plan.ts";
import { decide } from "../../src/alarms/cards/decide.ts";
import { acknowledge, isAsSeen, type Seen } from "../../src/alarms/lifecycle/handling.ts";
import type { Card } from "../../src/alarms/card.ts";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import type { PendingCard } from "../../src/store/alarms/pending.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import type { CardChange } from "../../src/store/alarms/decisions.ts";
import { saveLastNumber } from "../../src/store/sql/numbers.ts";
import { openStore, type Store } from "../support/store.ts";
import { DATABASES } from "../support/databases.ts";
import { eventOf, NOW } from "../support/alarms.ts";
import { chatOf, RULES } from "../support/rules.ts";
import { emptyTables } from "../store/tables.ts";

let now = 5_000;
/** Where alarms go. */
let chats: readonly number[] = [];
const options = {
  destinationsOf: () => chats.map(chatOf),
  now: () => now,
};

describe.each(DATABASES)("store on %s", (_, open) => {
  let database: Database;
  let store: Store;

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    now = 5_000;
    await emptyTables(database);
    store = await openStore(database, options);
  });
  afterAll(() => database.close());

  const record = (events: readonly AlarmEvent[], chatIds: readonly number[]) => {
    chats = chatIds;
    return store.record(events);
  };
  const settle = (pending: PendingCard, change: CardChange) =>
    store.cards.settle(pending, change, {
      alarmId: pending.alarm.id,
      chatId: pending.card.chatId,
      decidedAt: 5_000,
      version: pending.alarm.version,
      reason: "first",
      action: "send",
      result: "ok",
    });
  const next = async (chatId = 1, now = 10_000): Promise<PendingCard> => {
    const pending = await store.cards.nextPending(chatId, now);
    if (!pending) throw new Error("nothing pending");
    return pending;
  };
  const shown = ({ alarm, card }: PendingCard): Card => ({
    ...card,
    messageId: 77,
    version: alarm.version,
    rung: card.rings,
  });
  const show = (pending: PendingCard, card: Card = shown(pending)) =>
    settle(pending, { kind: "shown", card, messageId: card.messageId });

  it("records an event, its alarm and a card for each chat", async () => {
    await record(
      [eventOf({ message: "Hot", value: 82.5, limit: 80, unit: "°C", source: "AMB" }, { at: 123 })],
      [1, -2],
    );
    const { alarm, card, attempts } = await next(-2);
    expect(alarm).toMatchObject({
      id: 1,
      message: "Hot",
      value: 82.5,
      limit: 80,
      unit: "°C",
      severity: "warning",
      version: 1,
    });
    expect(card).toEqual({
      alarmId: 1,
      chatId: -2,
      isPictureDue: false,
      messageId: null,
      outdatedMessageIds: [],
      version: 0,
      threadId: null,
      boardId: null,
      rings: 1,
      rung: 0,
      ringReason: "first",
      followUp: null,
    });
    expect(attempts).toBe(0);
    expect(new Set(await store.cards.pendingChats())).toEqual(new Set([-2, 1]));
    expect(await store.history.lastEventAt()).toBe(123);
    expect(await store.cards.backlog()).toMatchObject({ waiting: 2, oldestSince: 5_000, refused: 0 });
  });

  it("keeps the payload as it came", async () => {
    const payload = new Uint8Array([0, 255, 1, 254]);
    await record([{ ...eventOf("x"), payload }], []);
    const [row] = await database.all<{ payload: Uint8Array }>("SELECT payload FROM events");
    expect([...(row?.payload ?? [])]).toEqual([0, 255, 1, 254]);
  });

  it("counts many events of one alarm in one batch, in their order", async () => {
    const events = [1, 2, 3].map((value) => eventOf({ id: "a", message: "Hot", value, state: "active" }));
    await record([...events, eventOf({ id: "b", message: "Other" })], [1]);
    const { alarm } = await next();
    expect(alarm).toMatchObject({ count: 3, value: 3 });
    expect(await database.all("SELECT id FROM events")).toHaveLength(4);
  });

  it("takes a copy of a message once", async () => {
    const event = eventOf({ message: "Hot", timestamp: NOW - 1_000 });
    await record([event, event], [1]);
    await record([event], [1]);
    expect((await next()).alarm.count).toBe(1);
    expect(await database.all("SELECT id FROM events")).toHaveLength(1);
  });

  it("takes what looks like an earlier message for another, if something else was told in the same second and the delivery is another", async () => {
    const say = (state: string, packetId: number, isDup = false) => ({
      ...eventOf({ id: "a", message: "Hot", state, timestamp: NOW - 1_000 }),
      packetId,
      isDup,
    });
    await record([say("active", 1), say("cleared", 2), say("active", 3)], [1]);
    expect((await next()).alarm).toMatchObject({ state: "active", occurrence: 2 });
    // All three come once more, as the link was lost before they were confirmed.
    await record([say("active", 1, true), say("cleared", 2, true), say("active", 3, true)], [1]);
    expect((await next()).alarm).toMatchObject({ state: "active", occurrence: 2, count: 1 });
    await record([say("cleared", 4)], [1]);
    expect((await next()).alarm).toMatchObject({ state: "cleared", occurrence: 2 });
  });

  it("takes a copy that comes when newer things are known for what it is", async () => {
    const say = (state: string, at: number) =>
      eventOf({ id: "a", message: "Hot", state, timestamp: NOW + at }, { at: NOW + at });
    await record([say("active", 1_000), say("cleared", 2_000), say("active", 1_000)], [1]);
    expect((await next()).alarm).toMatchObject({ state: "cleared", occurrence: 1, count: 1 });
  });

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

  it("leaves a card pending whose alarm moved on while it was being sent", async () => {
    await record([eventOf({ id: "a", message: "x" })], [1]);
    const pending = await next();
    await record([eventOf({ id: "a", message: "y" })], [1]);
    await show(pending);
    const again = await next();
    expect(again.alarm.message).toBe("y");
    expect(again.card).toMatchObject({ messageId: 77, version: 1 });
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

  it("keeps a card waiting exactly while there is something to do for it", async () => {
    await record([eventOf({ id: "a", message: "a", severity: "error" })], [1, 2]);
    await show(await next());
    const waiting = async () => (await store.cards.nextPending(1, 10_000))?.card.ringReason ?? null;
    expect(await waiting()).toBeNull();
    const by = { userId: 1, name: "Anna", chatId: 1 };
    now = NOW + 20 * 60_000;
    expect(await store.elapse()).toEqual([1, 2]);
    expect(await waiting()).toBe("reminder");
    await store.act(1, { by, action: "acknowledge", apply: (alarm, at) => acknowledge(alarm, by, at) });
    const { alarm, card } = await next();
    // Nobody is reminded of what somebody has; the card only says so.
    expect(decide(alarm, card)).toMatchObject({ action: "edit", reason: "acknowledged" });
    await show({ alarm, card, attempts: 0, since: 0, rank: 0 });
    expect(await waiting()).toBeNull();
  });

  it("sends a card anew whose message is gone", async () => {
    await record([eventOf({ id: "a", message: "a" })], [1]);
    const first = await next();
    await show(first);
    await record([eventOf({ id: "a", message: "b" })], [1]);
    await settle(await next(), { kind: "gone" });
    expect((await next()).card.messageId).toBeNull();
  });

  it("clears the one alarm that a cleared text of its own can mean, even of the same batch", async () => {
    const about = { source: "AMB", field: 1 };
    await record(
      [
        eventOf({ ...about, message: "Coil too hot", state: "active" }),
        eventOf({ ...about, message: "Coil fine", state: "cleared" }),
      ],
      [1],
    );
    expect((await next()).alarm).toMatchObject({ id: 1, state: "cleared", message: "Coil too hot" });
    expect(await database.all("SELECT id FROM alarms")).toHaveLength(1);
  });

  describe("a board's I'm on it", () => {
    const BOARD = 1;
    const raise = (id: string, more: object = {}) =>
      record([eventOf({ id, message: id, severity: "error", state: "active", ...more })], [1]);
    const toBoard = async (messageId: number | null = null) => {
      const pending = await next();
      await show(pending, { ...shown(pending), messageId, boardId: BOARD });
    };
    const read = async () => {
      const board = await store.boards.find(BOARD);
      if (!board) throw new Error("no board");
      return store.boards.read(board);
    };

    beforeEach(async () => {
      await store.boards.open({ chatId: 1, threadId: null, kind: "flood", openedAt: 5_000 }, 5_000, null);
      for (const id of ["same", "worse", "again", "repeats"]) {
        await raise(id);
        await toBoard();
      }
    });

    it("names as the first what is no information, which seldom is a cause", async () => {
      await raise("note", { severity: "info", state: null, timestamp: "2020-01-01T00:00:00Z" });
      await toBoard();
      expect((await read()).firstOut?.message).toBe("same");
    });

    it("is about what the board showed, as it showed it, and tells what else is open", async () => {
      await raise("own card");
      await toBoard(78);
      const { open: openThen, mark } = await read();
      expect(openThen).toBe(4);
      await raise("repeats");
      await toBoard();
      await raise("worse", { severity: "critical" });
      await toBoard();
      await raise("again", { state: "cleared" });
      await raise("again");
      await toBoard();
      await raise("new");
      await toBoard();
      expect(await store.alarms.takeable(BOARD, mark)).toEqual({
        shown: [
          { alarmId: 1, occurrence: 1, rank: 2 },
          { alarmId: 4, occurrence: 1, rank: 2 },
        ],
        newer: 3,
        withCards: 1,
      });
      // Shown anew, it is about them, too.
      const later = await store.alarms.takeable(BOARD, (await read()).mark);
      expect(later.shown.map(({ alarmId }) => alarmId)).toEqual([1, 2, 3, 4, 6]);
      expect(later).toMatchObject({ newer: 0, withCards: 1 });
    });

    it("is not about a later occurrence, after the board was closed", async () => {
      const { mark } = await read();
      const board = await store.boards.find(BOARD);
      if (board) await store.boards.close(board, 6_000);
      await raise("same", { state: "cleared" });
      await raise("same");
      const again = await next();
      await show(again, { ...shown(again), messageId: 90, boardId: BOARD });
      const { shown: left, newer } = await store.alarms.takeable(BOARD, mark);
      expect([left.map(({ alarmId }) => alarmId), newer]).toEqual([[2, 3, 4], 1]);
    });

    it("is not about what came to it only after it was shown, though it was raised before", async () => {
      await raise("passed on");
      const { mark } = await read();
      await toBoard();
      const { shown: left, newer } = await store.alarms.takeable(BOARD, mark);
      expect([left.map(({ alarmId }) => alarmId), newer]).toEqual([[1, 2, 3, 4], 1]);
    });

    it("is the same after a restart", async () => {
      const { mark } = await read();
      const reopened = await openStore(database, options);
      expect((await reopened.alarms.takeable(BOARD, mark)).shown).toHaveLength(4);
    });
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

  it("does not take what an id names for another alarm of the same source and field", async () => {
    const about = { source: "AMB", field: 1 };
    await record(
      [
        eventOf({ ...about, id: "overtemp", message: "Coil too hot", state: "active" }),
        eventOf({ ...about, id: "sensor-fault", message: "Sensor fine", state: "cleared" }),
      ],
      [1],
    );
    const states = await database.all<{ state: string }>("SELECT state FROM alarms ORDER BY id");
    expect(states.map(({ state }) => state)).toEqual(["active", "cleared"]);
  });

  it("takes a retained message that it has already as state, not as news", async () => {
    const raised = eventOf({ id: "a", message: "Hot", state: "active" });
    await record([raised], [1]);
    await record([{ ...raised, isRetained: true }], [1]);
    expect((await next()).alarm.count).toBe(1);
    await record([{ ...raised, payload: Buffer.from("other"), isRetained: true }], [1]);
    expect((await next()).alarm.count).toBe(2);
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

  it("follows a clock that was set back, and forgets chats that get alarms no more", async () => {
    await record([eventOf({ id: "a", message: "a" })], [1, 2]);
    await settle(await next(1, 1e9), { kind: "retry", retryAt: 1e9 + 60_000, isFailure: true, refusal: null });
    expect(await store.cards.nextPending(1, 1e9)).toBeNull();
    expect(await store.cards.nextPending(1, 1e9 - 7_200_000)).not.toBeNull();
    await store.cards.forgetOtherChats([2, 3], [2]);
    expect(await store.cards.pendingChats()).toEqual([2]);
  });

  it("moves a chat's cards and settings to its new id, without messages that are not there", async () => {
    await record([eventOf({ id: "a", message: "a" })], [-1]);
    const pending = await next(-1);
    await show(pending);
    await store.chats.setTimeZone(-1, "Europe/Paris");
    await store.chats.migrate(-1, -100);
    await store.chats.migrate(-1, -100);
    expect([store.chats.currentId(-1), store.chats.timeZoneOf(-100)]).toEqual([-100, "Europe/Paris"]);
    await record([eventOf({ id: "a", message: "b" })], [-100]);
    expect((await next(-100)).card.messageId).toBeNull();
    expect(await store.cards.decisions(1, -100, 10)).toHaveLength(1);
  });

  it("loses none of the settings of a chat that are changed at once, nor any to a migration that is told twice", async () => {
    const { chats: settings } = store;
    const quiet = { startMinute: 1_320, endMinute: 360, weekdays: [1, 2] };
    await Promise.all([
      settings.setTimeZone(-1, "Europe/Paris"),
      settings.setQuietHours(-1, quiet),
      settings.setJoined(-1, 77),
    ]);
    const known = (reader: typeof settings, chatId: number) => [
      reader.timeZoneOf(chatId),
      reader.quietHoursOf(chatId),
      reader.joined().includes(chatId),
    ];
    expect(known(settings, -1)).toEqual(["Europe/Paris", quiet, true]);
    await Promise.all([
      settings.migrate(-1, -100),
      settings.migrate(-1, -100),
      settings.setTimeZone(-100, "Europe/Oslo"),
    ]);
    await settings.migrate(-1, -100);
    expect(known(settings, -100)).toEqual(["Europe/Oslo", quiet, true]);
    expect(settings.joined()).toEqual([-100]);
    const again = await openStore(database, options);
    expect(known(again.chats, -100)).toEqual(["Europe/Oslo", quiet, true]);
    expect(again.chats.joined()).toEqual([-100]);
  });

  it("rings under its new id in a chat that the plants file names by its old one", async () => {
    const CHIEF = -9;
    const to = { ...chatOf(CHIEF), name: "chief" };
    const escalated = await openStore(database, {
      ...options,
      rules: {
        ...RULES,
        escalations: {
          ...RULES.escalations,
          error: { ...NO_ESCALATION, remindAfterMs: null, steps: [{ afterMs: 1, to }], ownerAfterMs: null },
        },
      },
      destinationsOf: () => [chatOf(-900)],
      now: () => NOW + 10_000,
    });
    await escalated.chats.migrate(CHIEF, -900);
    await escalated.record([eventOf({ id: "a", message: "a", severity: "error", state: "active" })]);
    await show(await next(-900));
    expect(await escalated.elapse()).toEqual([-900]);
    expect((await next(-900)).card).toMatchObject({ rings: 2, rung: 1, ringReason: "passedOn" });
  });

  it("keeps the end of an alarm to be told although a reminder of it still waits", async () => {
    const warning = { id: "a", message: "a", severity: "warning" };
    await record([eventOf({ ...warning, state: "active" })], [1]);
    await show(await next());
    const worse = { ...warning, severity: "error" };
    await record([eventOf({ ...worse, state: "active" })], [1]);
    await record([eventOf({ ...worse, state: "cleared" })], [1]);
    const { alarm, card } = await next();
    expect(decide(alarm, card)).toMatchObject({ action: "edit", reason: "cleared" });
    expect(card.followUp).toBe("cleared");
  });

  it("leaves alone on the second path what somebody knows of", async () => {
    const critical = { severity: "critical", state: "active" };
    await record(
      ["a", "b"].map((id) => eventOf({ ...critical, id, message: id })),
      [1],
    );
    const anna = { userId: 5, name: "Anna", chatId: 1 };
    await store.act(1, { by: anna, action: "acknowledge", apply: (alarm, at) => acknowledge(alarm, anna, at) });
    await store.fallBack({ afterMs: 0, topic: "siren", url: null });
    const sent = await database.all<{ payload: string }>("SELECT payload FROM outbox");
    expect(sent.map(({ payload }) => (JSON.parse(payload) as { alarm: number }).alarm)).toEqual([2]);
  });

  it("notes who acknowledged what, for every chat that has a card", async () => {
    const anna = { userId: 5, name: "Anna", chatId: 1 };
    const take = (alarmId: number, seen: Seen) =>
      store.act(alarmId, {
        by: anna,
        action: "acknowledge",
        apply: (alarm, now) => (isAsSeen(alarm, seen) ? acknowledge(alarm, anna, now) : alarm),
      });
    await record([eventOf({ id: "a", message: "a", state: "active" })], [1, -2]);
    for (const chatId of [1, -2]) {
      const pending = await next(chatId);
      await show(pending);
    }
    expect(await take(9, { occurrence: 1, rank: 1 })).toBeNull();
    expect((await take(1, { occurrence: 2, rank: 1 }))?.chatIds).toEqual([]);
    expect((await take(1, { occurrence: 1, rank: 0 }))?.chatIds).toEqual([]);
    expect(new Set((await take(1, { occurrence: 1, rank: 1 }))?.chatIds)).toEqual(new Set([1, -2]));
    expect((await take(1, { occurrence: 1, rank: 1 }))?.chatIds).toEqual([]);
    expect((await next(-2)).alarm).toMatchObject({ acknowledgedBy: "Anna" });
    const { actions, events } = await store.history.of(1, 10);
    expect(actions).toMatchObject([{ alarmId: 1, actedAt: 5_000, occurrence: 1, action: "acknowledge", words: null }]);
    expect(actions[0]?.by).toEqual({ userId: 5, name: "Anna" });
    expect(events).toMatchObject([{ state: "active", severity: "warning" }]);
  });

  it("does not guess between two", async () => {
    const about = { source: "AMB", field: 1 };
    await record(
      [
        eventOf({ ...about, message: "Coil too hot", state: "active" }),
        eventOf({ ...about, message: "Coil too cold", state: "active" }),
        eventOf({ ...about, message: "Coil fine", state: "cleared" }),
      ],
      [1],
    );
    const states = await database.all<{ state: string }>("SELECT state FROM alarms ORDER BY id");
    expect(states.map(({ state }) => state)).toEqual(["active", "active", "cleared"]);
  });

  it("goes on counting after it was opened again, and knows what chats chose", async () => {
    await record([eventOf({ id: "a", message: "a" })], [1]);
    await store.chats.setTimeZone(1, "Europe/Helsinki");
    await store.chats.setTimeZone(1, "Europe/Paris");
    store = await openStore(database, options);
    await record([eventOf({ id: "b", message: "b" })], [1]);
    const rows = await database.all<{ id: number }>("SELECT id FROM alarms ORDER BY id");
    expect(rows.map(({ id }) => id)).toEqual([1, 2]);
    expect(store.chats.timeZoneOf(1)).toBe("Europe/Paris");
    expect(store.chats.timeZoneOf(2)).toBe("UTC");
  });

  it("goes on counting events beyond what 32 bits hold, and knows what a supergroup chose", async () => {
    const group = -1_001_234_567_890;
    const last = 2 ** 31;
    await database.transaction((queries) => saveLastNumber(queries, "event", last));
    await record([eventOf({ id: "a", message: "a" })], [group]);
    await store.chats.setTimeZone(group, "Europe/Helsinki");
    store = await openStore(database, options);
    expect(store.chats.timeZoneOf(group)).toBe("Europe/Helsinki");
    expect(await database.all("SELECT id, alarm_id FROM events")).toEqual([{ id: last + 1, alarm_id: 1 }]);
    expect((await next(group)).card.chatId).toBe(group);
  });

  it("keeps dialogues", async () => {
    const { dialogues } = store;
    await dialogues.write("1:2", "one", 1);
    await dialogues.write("1:2", "two", 2);
    expect(await dialogues.read("1:2", 3)).toBe("two");
    await dialogues.delete("1:2", 3);
    expect(await dialogues.read("1:2", 4)).toBeUndefined();
  });

  it("shows an update that comes again the dialogue as it was before it", async () => {
    const { dialogues, inbox } = store;
    const asked = [1, 2, 3].map((id) => ({ id, content: "{}" }));
    await inbox.take(asked);
    await dialogues.write("1:2", "first question", 1);
    expect(await dialogues.read("1:2", 1)).toBeUndefined();
    for (let run = 0; run < 2; run++) {
      expect(await dialogues.read("1:2", 2)).toBe("first question");
      await dialogues.write("1:2", "second question", 2);
    }
    for (let run = 0; run < 2; run++) {
      expect(await dialogues.read("1:2", 3)).toBe("second question");
      await dialogues.delete("1:2", 3);
      await dialogues.tidy();
    }
    expect(await dialogues.read("1:2", 4)).toBeUndefined();
    // Answered, nothing is left of it.
    await inbox.answered(3);
    await dialogues.tidy();
    expect(await database.all("SELECT * FROM dialogues")).toEqual([]);
  });

  it("changes nothing when a transaction fails, and goes on", async () => {
    const failed = database.transaction(async (queries) => {
      await queries.run("INSERT INTO chats (chat_id, time_zone) VALUES ($1, $2)", 9, "UTC");
      throw new Error("no");
    });
    const other = database.transaction((queries) =>
      queries.run("INSERT INTO chats (chat_id, time_zone) VALUES ($1, $2)", 10, "UTC"),
    );
    await expect(failed).rejects.toThrow("no");
    await other;
    expect(await database.all<{ chat_id: number }>("SELECT chat_id FROM chats")).toEqual([{ chat_id: 10 }]);
  });

  it("refuses a database of a newer Valvomo", async () => {
    await database.transaction((queries) => queries.run("UPDATE schema_version SET version = 99"));
    await expect(openStore(database, options)).rejects.toThrow(/schema 99.*newer Valvomo/);
  });
});

describe("SQLite file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "valvomo-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is made with its folder, for the owner only, and keeps what was committed", async () => {
    const path = join(folder, "deep", "valvomo.db");
    const database = openSqlite(path);
    await database.transaction((queries) => queries.run("CREATE TABLE t (x INTEGER)"));
    await Promise.all([1, 2, 3].map((x) => database.transaction((q) => q.run("INSERT INTO t VALUES ($1)", x))));
    const mode = await database.all<{ journal_mode: string }>("PRAGMA journal_mode");
    const sync = await database.all<{ synchronous: number }>("PRAGMA synchronous");
    expect([mode[0]?.journal_mode, sync[0]?.synchronous]).toEqual(["wal", 2]);
    for (const end of ["", "-wal", "-shm"]) expect(statSync(path + end).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "deep")).mode & 0o777).toBe(0o700);
    await database.close();
    const again = openSqlite(path);
    expect(await again.all("SELECT x FROM t")).toHaveLength(3);
    await again.close();
  });

  it("that others could read is closed to them, with what lies beside it, and that is said", async () => {
    const path = join(folder, "valvomo.db");
    const first = openSqlite(path);
    await first.transaction((queries) => queries.run("CREATE TABLE t (x INTEGER)"));
    const files = ["", "-wal", "-shm"].map((end) => path + end);
    for (const file of files) chmodSync(file, 0o644);
    const told: string[] = [];
    const second = openSqlite(path, { onOpenToOthers: (problem) => told.push(problem) });
    for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(told).toEqual(
      files.map((file) => `${file} could be read by other users of this machine; it cannot any more`),
    );
    await first.close();
    await second.close();
  });

  it("does not show a reader what is not committed yet", async () => {
    const database = openSqlite(join(folder, "valvomo.db"));
    await database.transaction((queries) => queries.run("CREATE TABLE t (x INTEGER)"));
    const writing = database.transaction(async (queries) => {
      await queries.run("INSERT INTO t VALUES (1)");
      await Promise.resolve();
      await queries.run("INSERT INTO t VALUES (2)");
    });
    expect([0, 2]).toContain((await database.all("SELECT x FROM t")).length);
    await writing;
    await database.close();
  });
});
