import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acknowledge, takeBack } from "../../src/alarms/lifecycle/handling.ts";
import { Notifier } from "../../src/dispatch/notifier.ts";
import { Recipients } from "../../src/dispatch/recipients.ts";
import { createRota } from "../../src/duty/rota.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { eventOf } from "../support/alarms.ts";
import { silentLog } from "../support/log.ts";
import { RULES } from "../support/rules.ts";
import { showAll } from "../support/show-all.ts";
import { openStore, type Store } from "../support/store.ts";

const [ADMIN, HALL, ANNA, BEN] = [11, -7, 21, 22];
const [MINUTE, HOUR] = [60_000, 3_600_000];
const MONDAY = Date.UTC(2026, 10, 2);
const DUTY = `
duty:
  week:
    - { from: "06:00", to: "14:00", who: anna }
    - { from: "14:00", to: "22:00", who: ben }
`;
const CHATS = `chats: { anna: ${ANNA}, ben: ${BEN}, hall: ${HALL} }`;
/** Nobody is named in a route, only in the escalation. */
const ESCALATED = `${CHATS}
routes: [{ to: hall }]
escalation:
  critical: { remind: off, owner: off, then: [{ after: 10m, to: duty }] }
${DUTY}`;
/** In an hour the hall, to which no route leads. */
const IN_STEPS = `${CHATS}
routes: [{ to: ${ADMIN} }]
escalation:
  critical: { remind: off, owner: off, then: [{ after: 10m, to: duty }, { after: 1h, to: hall }] }
${DUTY}`;
const ROUTED = `${CHATS}
routes: [{ to: [hall, duty] }]
escalation: { critical: { remind: off, owner: off } }
${DUTY}`;

let now: number;
let removed: number | null;
let store: Store;
let notifier: Notifier;

async function begin(file: string): Promise<void> {
  now = MONDAY + 13 * HOUR;
  removed = null;
  const isRemoved = (userId: number): boolean => userId === removed;
  const duty = createRota({
    plants: parsePlants(file, "plants.yaml"),
    changes: () => [],
    calendar: () => null,
    timeZone: "UTC",
    isRemoved,
    now: () => now,
  });
  const recipients = new Recipients({
    alarmChatIds: () => [],
    adminIds: () => [ADMIN],
    isRemoved,
    routes: duty.routes,
    escalations: duty.escalations,
    rota: duty.people,
    drilled: () => null,
    currentId: (chatId) => chatId,
  });
  store = await openStore(openSqlite(":memory:"), {
    rules: {
      ...RULES,
      get escalations() {
        return duty.escalations();
      },
    },
    destinationsOf: (alarm) => recipients.destinationsOf(alarm),
    onDuty: duty.onDuty,
    now: () => now,
  });
  const unused = { wake: () => undefined, onEnded: () => undefined };
  notifier = new Notifier({ recipients, engine: store, store, ...unused, now: () => now, log: silentLog });
  await notifier.review();
}
afterEach(() => store.close());

const PEOPLE = { admin: ADMIN, anna: ANNA, ben: BEN };
/** What is shown then, and to whom; the hall, to which all goes, hears of it, too. */
async function shown(): Promise<string[]> {
  await showAll(store, HALL, now);
  const all: string[] = [];
  for (const [name, chatId] of Object.entries(PEOPLE))
    for (const what of await showAll(store, chatId, now)) all.push(`${name}: ${what}`);
  return all;
}
const raise = (id: string) =>
  notifier.take([eventOf({ id, message: id, state: "active", severity: "critical" }, { at: now })]);
/** @param at hours after midnight */
async function passTo(at: number): Promise<void> {
  now = MONDAY + at * HOUR;
  await store.elapse();
  await notifier.review();
}
const anna = { userId: ANNA, name: "Anna", chatId: ANNA };
const act = (id: number, change: typeof takeBack) =>
  store.act(id, { by: anna, action: "acknowledge", apply: (alarm, at) => change(alarm, at) });

describe("what an escalation passed on to whoever is on duty", () => {
  beforeEach(() => begin(ESCALATED));

  it("rings for whoever comes on while nobody has acknowledged it, and for the admins while nobody is on duty", async () => {
    await raise("hot");
    expect(await shown()).toEqual([]);
    await passTo(13.5);
    expect(await shown()).toEqual(["anna: hot passedOn"]);
    await passTo(14);
    expect(await shown()).toEqual(["ben: hot passedOn"]);
    await notifier.review();
    expect(await shown()).toEqual([]);
    await passTo(22);
    expect(await shown()).toEqual(["admin: hot first"]);
    // Whoever has a card of it from an earlier turn has it in hand only now.
    await passTo(24 + 6);
    expect(await shown()).toEqual(["anna: hot passedOn", "anna: hot outdated"]);
    removed = ANNA;
    await notifier.review();
    await passTo(24 + 14);
    expect(await shown()).toContain("ben: hot passedOn");
  });

  it("stays with who was told of it once somebody has acknowledged it, until that is taken back", async () => {
    for (const id of ["seen", "seen by mistake"]) await raise(id);
    await shown();
    await passTo(13.5);
    await shown();
    now = MONDAY + 14 * HOUR - MINUTE / 2;
    for (const id of [1, 2]) await act(id, (alarm, at) => acknowledge(alarm, anna, at));
    await passTo(14);
    expect(await shown()).toEqual(["anna: seen acknowledged", "anna: seen by mistake acknowledged"]);
    await act(2, takeBack);
    expect((await shown()).toSorted()).toEqual(["anna: seen by mistake repeated", "ben: seen by mistake passedOn"]);
    await notifier.take([
      eventOf({ id: "seen", message: "seen", state: "cleared", severity: "critical" }, { at: now }),
    ]);
    expect((await shown()).toSorted()).toEqual(["anna: seen cleared", "anna: seen cleared"]);
  });
});

it("the step after that to the duty comes no later for a change of shift", async () => {
  await begin(IN_STEPS);
  await raise("hot");
  expect(await shown()).toEqual(["admin: hot first"]);
  await passTo(13.5);
  expect(await shown()).toContain("anna: hot passedOn");
  await passTo(14);
  expect(await shown()).toContain("ben: hot passedOn");
  await passTo(14.5);
  expect(await showAll(store, HALL, now)).toEqual(["hot passedOn"]);
});

describe("what routes send to whoever is on duty", () => {
  beforeEach(() => begin(ROUTED));

  it("is told to whoever comes on, and their card from an earlier turn says how it is now", async () => {
    await raise("hot");
    expect(await shown()).toEqual(["anna: hot first"]);
    await passTo(14);
    expect(await shown()).toEqual(["ben: hot first"]);
    await raise("hot");
    expect(await shown()).toEqual(["ben: hot repeated"]);
    await passTo(24 + 6);
    expect(await shown()).toEqual(["anna: hot repeated"]);
    await notifier.review();
    expect(await shown()).toEqual([]);
  });
});
