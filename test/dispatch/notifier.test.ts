import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NO_ESCALATION, DEFAULT_ESCALATIONS } from "../../src/alarms/lifecycle/escalation-plan.ts";
import type { Route } from "../../src/alarms/cards/route.ts";
import type { Destination, Alarm } from "../../src/alarms/types.ts";
import { UNMANNED } from "../../src/duty/addressee.ts";
import { Notifier } from "../../src/dispatch/notifier.ts";
import { Recipients } from "../../src/dispatch/recipients.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../support/store.ts";
import { eventOf } from "../support/alarms.ts";
import { silentLog } from "../support/log.ts";

const [ADMIN, HALL, FORUM, CHIEF, BORIS] = [11, -7, -1_008, 13, 14];
const NOW = 5_000;

const place = (chatId: number, threadId: number | null = null): Destination => ({
  chatId,
  threadId,
  name: `${chatId}`,
});
const route = (...to: Destination[]): Route => ({ severity: "info", sources: [], topics: [], to });

let database: Database;
let store: Store;
let routes: readonly Route[];
let recipients: Recipients;
let notifier: Notifier;
let alarmChats: readonly number[];
/** Whose role was taken away. */
let removed: number | null;
/** The chats of which it is said that they are no trouble any more. */
let ended: number[];

/** As a run begins on the same database. */
async function begin(): Promise<void> {
  store = await openStore(database, {
    destinationsOf: (alarm) => recipients.destinationsOf(alarm),
  });
  recipients = new Recipients({
    alarmChatIds: () => alarmChats,
    adminIds: () => [ADMIN],
    isRemoved: (userId) => userId === removed,
    routes: () => routes,
    escalations: () => ({
      ...DEFAULT_ESCALATIONS,
      error: {
        ...NO_ESCALATION,
        remindAfterMs: null,
        steps: [{ afterMs: 1_000, to: place(CHIEF) }],
        ownerAfterMs: null,
      },
    }),
    rota: () => [],
    drilled: () => null,
    currentId: store.chats.currentId,
  });
  notifier = new Notifier({
    recipients,
    engine: store,
    store,
    wake: () => undefined,
    onEnded: (chatId) => ended.push(chatId),
    now: () => NOW,
    log: silentLog,
  });
  await notifier.review();
}
beforeEach(async () => {
  database = openSqlite(":memory:");
  [alarmChats, ended] = [[], []];
  removed = null;
  routes = [route(place(HALL)), route(place(FORUM, 5), place(BORIS))];
  await begin();
});
afterEach(() => store.close());

const raise = (id: string) => notifier.take([eventOf({ id, message: id, state: "active", severity: "error" })]);
const alarmOf = async (message: string): Promise<Alarm> => {
  const { alarms } = await store.alarms.listActive({ offset: 0, limit: 99 });
  const found = alarms.find((alarm) => alarm.message.startsWith(message));
  if (!found) throw new Error(`no alarm ${message}`);
  return found;
};
const chatsOf = (alarm: Alarm): number[] => recipients.destinationsOf(alarm).map(({ chatId }) => chatId);
const active = async () => (await store.heartbeats.activeTroubles()).map(({ id }) => id);

describe("a chat that cannot be reached", () => {
  it("is an alarm that names the routes that reach nobody now, and ends when it can be", async () => {
    await notifier.tellReachable({ chatId: HALL, threadId: null }, "Forbidden: bot was kicked");
    const trouble = await alarmOf("Chat -7 gets no alarms: Forbidden: bot was kicked");
    expect(trouble.message).toContain("Routes that reach nobody now: info");
    expect(chatsOf(trouble)).toEqual([ADMIN, FORUM, BORIS]);
    await notifier.tellReachable({ chatId: HALL, threadId: null }, null);
    expect(await active()).toEqual([]);
  });

  it("leaves no alarm to nobody: what waits there goes to the admins, and what comes, as such", async () => {
    routes = [route(place(HALL))];
    await raise("before");
    await notifier.tellReachable({ chatId: HALL, threadId: null }, "kicked");
    await raise("after");
    for (const id of ["before", "after"]) {
      const alarm = await alarmOf(id);
      expect(chatsOf(alarm)).toEqual([HALL, ADMIN]);
      expect(recipients.orphaned(alarm)).toBe("unreachable");
    }
    const told = new Set<string>();
    for (
      let pending = await store.cards.nextPending(ADMIN, NOW);
      pending;
      pending = await store.cards.nextPending(ADMIN, NOW)
    ) {
      told.add(pending.alarm.message);
      const { alarm, card } = pending;
      const shown = { ...card, messageId: 1, version: alarm.version, rung: card.rings };
      const record = { alarmId: alarm.id, chatId: ADMIN, decidedAt: NOW, version: 1, result: "ok" } as const;
      const change = { kind: "shown", card: shown, messageId: 1 } as const;
      await store.cards.settle([{ pending, change, decision: { ...record, reason: "first", action: "send" } }]);
    }
    expect(told).toContain("before");
    expect(told).toContain("after");
  });

  it("is nobody on duty: what was for them goes to the admins, whoever else is told, and its card says why", async () => {
    routes = [route(UNMANNED, place(HALL))];
    await raise("at night");
    const alarm = await alarmOf("at night");
    expect(chatsOf(alarm)).toEqual([HALL, ADMIN]);
    expect(recipients.orphaned(alarm)).toBe("unmanned");
    const passedOn = { ...alarm, handling: { ...alarm.handling, passedOn: [UNMANNED] } };
    routes = [route(place(HALL))];
    expect(chatsOf(passedOn)).toEqual([HALL, ADMIN]);
    expect(recipients.everyName()).not.toContain(UNMANNED);
    // That nobody is on duty is nobody's removal.
    expect(await active()).toEqual([]);
  });

  it("is still known to be one after a restart", async () => {
    routes = [route(place(HALL))];
    await notifier.tellReachable({ chatId: HALL, threadId: null }, "kicked");
    await begin();
    await raise("after");
    expect(recipients.orphaned(await alarmOf("after"))).toBe("unreachable");
  });

  it("that gets alarms no more is no trouble any more, and what waits for it is forgotten", async () => {
    await raise("before");
    await notifier.tellReachable({ chatId: HALL, threadId: null }, "kicked");
    routes = [route(place(BORIS))];
    await notifier.review();
    expect(await active()).toEqual([]);
    expect(ended).toEqual([HALL]);
    expect(await store.cards.nextPending(HALL, NOW)).toBeNull();
    expect(await store.cards.nextPending(BORIS, NOW)).not.toBeNull();
  });
});

describe("a thread that is closed", () => {
  it("is one place of its chat: other threads are told, and a route with somebody else is alive", async () => {
    routes = [route(place(FORUM, 5)), route(place(BORIS), place(FORUM, 5))];
    await notifier.tellReachable({ chatId: FORUM, threadId: 5 }, "TOPIC_CLOSED");
    const { message } = await alarmOf("Thread 5 of chat -1008 gets no alarms: TOPIC_CLOSED");
    expect(message).toMatch(/Routes that reach nobody now: info$/);
    routes = [route(place(FORUM, 6))];
    await raise("other");
    expect(recipients.orphaned(await alarmOf("other"))).toBeNull();
  });

  it("gives what waits in it to the thread that routes name instead", async () => {
    routes = [route(place(FORUM, 5))];
    await raise("before");
    await notifier.tellReachable({ chatId: FORUM, threadId: 5 }, "thread not found");
    routes = [route(place(FORUM, 6))];
    await notifier.review();
    expect(await active()).toEqual([]);
    expect((await store.cards.nextPending(FORUM, NOW))?.card.threadId).toBe(6);
  });
});

it("our own troubles go to whom routes name for them, besides those who run us", async () => {
  routes = [
    route(place(BORIS)),
    { ...route(place(CHIEF)), sources: ["AMB *"] },
    { ...route(place(FORUM)), topics: ["lut/#", "#"] },
    { ...route(place(HALL)), sources: ["Valvomo"] },
  ];
  await notifier.tellReachable({ chatId: CHIEF, threadId: null }, "blocked");
  expect(chatsOf(await alarmOf("Chat 13"))).toEqual([ADMIN, BORIS, HALL]);
});

it("our own troubles go to whoever is next, too, when nobody acknowledges them", async () => {
  routes = [route(place(HALL), place(FORUM, 5), place(BORIS))];
  await notifier.tellReachable({ chatId: HALL, threadId: null }, "kicked");
  const trouble = await alarmOf("Chat -7");
  expect(chatsOf({ ...trouble, handling: { ...trouble.handling, passedOn: [place(CHIEF)] } })).toEqual([
    ADMIN,
    FORUM,
    BORIS,
    CHIEF,
  ]);
});

describe("our own trouble", () => {
  const HALL_2 = -9;
  const own = { id: "silence: x", message: "x is silent", severity: "error", state: "active" } as const;

  it("about a topic goes where the alarms of that topic go, not into the other hall", async () => {
    routes = [
      { ...route(place(HALL)), topics: ["hall1/#"] },
      { ...route(place(HALL_2)), topics: ["hall2/#"] },
      { ...route(place(BORIS)), sources: ["Pump*"] },
      { ...route(place(CHIEF)), sources: ["valvomo"] },
    ];
    alarmChats = [FORUM];
    await notifier.tell({ ...own, about: "hall1/sensor" });
    expect(chatsOf(await alarmOf("x is silent"))).toEqual([ADMIN, HALL, CHIEF]);
    // What no route takes is told to those who get alarms without routes.
    routes = routes.slice(0, -1);
    await notifier.tell({ ...own, id: "silence: y", message: "y is silent", about: "yard/sensor" });
    expect(chatsOf(await alarmOf("y is silent"))).toEqual([ADMIN, FORUM]);
  });

  it("that stops alarms goes to everybody who gets any, whatever the routes say", async () => {
    routes = [{ ...route(place(HALL)), topics: ["hall1/#"], severity: "critical" }, route(place(FORUM, 5))];
    await notifier.tell({ ...own, severity: "critical", isForEverybody: true });
    expect(chatsOf(await alarmOf("x is silent"))).toEqual([ADMIN, HALL, FORUM]);
  });

  it("that nobody can be told waits for somebody, instead of being told to nobody", async () => {
    routes = [route(place(HALL))];
    for (const chatId of [HALL, ADMIN]) await notifier.tellReachable({ chatId, threadId: null }, "Forbidden");
    await notifier.tell({ ...own, severity: "critical", isForEverybody: true });
    expect(chatsOf(await alarmOf("x is silent"))).toEqual([ADMIN, HALL]);
    expect(await alarmOf("Chat 11 gets no alarms")).toMatchObject({ severity: "critical" });
  });

  it("of a chat is critical where alarms reach nobody any more whom they are for, else an error", async () => {
    routes = [route(place(HALL), place(FORUM, 5))];
    await notifier.tellReachable({ chatId: HALL, threadId: null }, "Forbidden");
    expect(await alarmOf("Chat -7")).toMatchObject({ severity: "error" });
    await notifier.tellReachable({ chatId: FORUM, threadId: null }, "Forbidden");
    expect(await alarmOf("Chat -1008")).toMatchObject({ severity: "critical" });
  });

  it("of the version before, which others were told of, ends when it is told to the admins only", async () => {
    await notifier.tell({ ...own, id: "plants file", message: "wrong" });
    await notifier.tell({ ...own, id: "plants file", message: "still wrong", isForAdmins: true });
    expect(chatsOf(await alarmOf("still wrong"))).toEqual([ADMIN]);
    await expect(alarmOf("wrong")).rejects.toThrow("no alarm");
  });
});

describe("somebody removed whom the plants file still names", () => {
  it("gets nothing more: neither alarms of a route, nor what nobody acknowledged; the admins are told of the name", async () => {
    removed = BORIS;
    routes = [route(place(HALL)), { ...route({ ...place(BORIS), name: "Boris" }), topics: ["yard/#"] }];
    await notifier.review();
    expect(recipients.chatIds()).not.toContain(BORIS);
    expect(recipients.includes(BORIS)).toBe(false);
    const notice = await alarmOf("Removed, but still named as somebody who gets alarms: Boris (user 14)");
    expect(chatsOf(notice)).toEqual([ADMIN]);

    routes = [route(place(BORIS))];
    await raise("coil");
    const alarm = await alarmOf("coil");
    expect(chatsOf(alarm)).toEqual([ADMIN]);
    removed = CHIEF;
    const passedOn = { ...alarm, handling: { ...alarm.handling, passedOn: [place(CHIEF)] } };
    expect(chatsOf(passedOn)).toEqual([BORIS, ADMIN]);
  });

  it("is told of again when they have a role again", async () => {
    removed = BORIS;
    await notifier.review();
    await alarmOf("Removed");
    removed = null;
    await notifier.review();
    await expect(alarmOf("Removed")).rejects.toThrow("no alarm");
    expect(recipients.chatIds()).toContain(BORIS);
  });
});
