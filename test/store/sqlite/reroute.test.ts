import { afterEach, beforeEach, expect, it } from "vitest";
import { acknowledge } from "../../../src/alarms/lifecycle/handling.ts";
import { destinationsOf, type Route } from "../../../src/alarms/cards/route.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { showAll } from "../../support/show-all.ts";
import { openStore, type Store } from "../../support/store.ts";
import { cardView } from "../../../src/telegram/cards/card-view.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { chatOf } from "../../support/rules.ts";

const [HALL, NIGHT] = [1, 2];
const routeTo = (chatId: number, severity: Route["severity"]): Route => ({
  severity,
  sources: [],
  topics: [],
  to: [chatOf(chatId)],
});
let routes: Route[];
let store: Store;

beforeEach(async () => {
  routes = [routeTo(HALL, "info")];
  store = await openStore(openSqlite(":memory:"), {
    destinationsOf: (alarm) => destinationsOf(alarm, routes),
  });
});
afterEach(() => store.close());

const say = (id: string, state: string, severity: string) =>
  store.record([eventOf({ id, message: id, state, severity })]);

const show = (chatId: number): Promise<string[]> => showAll(store, chatId, NOW);

it("a chat that a route leads to only now is told of what is active, silently of what somebody has in hand", async () => {
  await say("hot", "active", "critical");
  await say("taken", "active", "error");
  await say("over", "active", "error");
  await say("over", "cleared", "error");
  const by = { userId: 1, name: "Aino", chatId: HALL };
  await store.act(2, { by, action: "acknowledge", apply: (alarm, at) => acknowledge(alarm, by, at) });
  await show(HALL);
  routes.push(routeTo(NIGHT, "error"));
  expect(await store.reroute()).toEqual([NIGHT]);
  expect(await show(NIGHT)).toEqual(["hot first", "taken found"]);
  expect(await store.reroute()).toEqual([]);
});

it("a chat that is told of critical alarms only sees that one fell, hears no more of it until it is critical again, and sees its end", async () => {
  routes.push(routeTo(NIGHT, "critical"));
  const both = async () => [await show(HALL), await show(NIGHT)];
  await say("hot", "active", "critical");
  expect(await both()).toEqual([["hot first"], ["hot first"]]);
  await say("hot", "active", "warning");
  expect(await both()).toEqual([["hot repeated"], ["hot repeated"]]);
  const fallen = await store.alarms.find(1);
  const context = { timeZone: "UTC", now: NOW, next: null, orphaned: null, lateAfterMs: 60_000 };
  expect(fallen && toPlain(cardView(fallen, context))).toMatch(/^⚠️ WARNING, was CRITICAL · /);
  await say("hot", "active", "error");
  expect(await both()).toEqual([["hot escalated", "hot outdated"], ["hot repeated"]]);
  await say("hot", "active", "critical");
  expect(await both()).toEqual([
    ["hot escalated", "hot outdated"],
    ["hot escalated", "hot outdated"],
  ]);
  await say("hot", "cleared", "critical");
  expect(await both()).toEqual([
    ["hot cleared", "hot cleared"],
    ["hot cleared", "hot cleared"],
  ]);
});
