import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NO_ESCALATION } from "../../src/alarms/lifecycle/escalation-plan.ts";
import { decide } from "../../src/alarms/cards/decide.ts";
import { acknowledge, isAsSeen, shelve, type Seen } from "../../src/alarms/lifecycle/handling.ts";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openStore, type Store } from "../support/store.ts";
import { DATABASES } from "../support/databases.ts";
import { byHand } from "../support/by-hand.ts";
import { eventOf, NOW } from "../support/alarms.ts";
import { chatOf, RULES } from "../support/rules.ts";
import { emptyTables } from "../store/tables.ts";

let now = 5_000;
/** Where alarms go. */
let chats: readonly number[] = [];
const options = { destinationsOf: () => chats.map(chatOf), now: () => now };

describe.each(DATABASES)("the engine on %s", (_, open) => {
  let database: Database;
  let store: Store;
  const { next, show } = byHand(() => store);

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

  it("counts what tells no time once more where the broker does not say that it delivers it again: its id is soon another's", async () => {
    const delivered = { ...eventOf("oil low", { at: NOW }), packetId: 7 };
    await record([{ ...delivered, isDup: false }], [1]);
    await record([{ ...delivered, isDup: true }], [1]);
    expect(await store.alarms.find(1)).toMatchObject({ count: 1 });
    await record([{ ...delivered, isDup: false }], [1]);
    expect(await store.alarms.find(1)).toMatchObject({ count: 2, occurrence: 1 });
  });

  it("takes a copy that comes when newer things are known for what it is", async () => {
    const say = (state: string, at: number) =>
      eventOf({ id: "a", message: "Hot", state, timestamp: NOW + at }, { at: NOW + at });
    await record([say("active", 1_000), say("cleared", 2_000), say("active", 1_000)], [1]);
    expect((await next()).alarm).toMatchObject({ state: "cleared", occurrence: 1, count: 1 });
  });

  it("takes a retained message that it has already as state, not as news", async () => {
    const raised = eventOf({ id: "a", message: "Hot", state: "active" });
    await record([raised], [1]);
    await record([{ ...raised, isRetained: true }], [1]);
    expect((await next()).alarm.count).toBe(1);
    await record([{ ...raised, payload: Buffer.from("other"), isRetained: true }], [1]);
    expect((await next()).alarm.count).toBe(2);
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

  it("keeps an alarm shelved for a length whose half is no whole millisecond", async () => {
    await record([eventOf({ id: "a", message: "hot", severity: "error", state: "active" })], [1]);
    const by = { userId: 5, name: "Anna", chatId: 1 };
    const untilAt = NOW + 60_001;
    await store.act(1, { by, action: "shelve", apply: (alarm) => shelve(alarm, by, NOW, { untilAt, reason: null }) });
    expect((await store.alarms.find(1))?.handling.shelf).toMatchObject({ untilAt });
    expect(await database.all("SELECT due_at FROM alarms")).toEqual([{ due_at: NOW + 30_001 }]);
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
});
