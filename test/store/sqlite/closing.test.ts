import { expect, it, onTestFinished } from "vitest";
import { close, reopen, shelve } from "../../../src/alarms/lifecycle/handling.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { openStore } from "../../support/store.ts";
import { eventOf } from "../../support/alarms.ts";

const AINO = { userId: 11, name: "Aino" };

it("what the broker hands out again raises nothing that was closed by hand; a new message does, and who did what is kept", async () => {
  const database = openSqlite(":memory:");
  onTestFinished(() => database.close());
  let now = 5_000;
  const options = { now: () => now };
  const store = await openStore(database, options);
  const raised = eventOf("ERROR: Oil level low", { at: now });
  await store.record([raised]);
  const act = (
    action: "close" | "reopen",
    apply: Parameters<typeof store.act>[1]["apply"],
    words: string | null = null,
  ) => store.act(1, { by: AINO, action, words, apply });
  now += 1_000;
  await act("close", (alarm, at) => close(alarm, AINO, at, "Repaired"), "Repaired");
  await store.record([{ ...raised, isRetained: true, receivedAt: (now += 1_000) }]);
  // Also after a restart.
  const later = await openStore(database, options);
  await later.record([{ ...raised, isRetained: true, receivedAt: (now += 1_000) }]);
  expect(await later.alarms.find(1)).toMatchObject({
    state: "cleared",
    handling: { closing: { by: "Aino", reason: "Repaired" } },
  });
  expect((await later.alarms.listActive({ offset: 0, limit: 8 })).total).toBe(0);

  await act("reopen", (alarm, at) => reopen(alarm, AINO, at));
  expect(await later.alarms.find(1)).toMatchObject({ state: "active", occurrence: 1 });
  await act("close", (alarm, at) => close(alarm, AINO, at, null));
  await later.record([{ ...raised, receivedAt: (now += 1_000) }]);
  expect(await later.alarms.find(1)).toMatchObject({
    state: "active",
    occurrence: 2,
    handling: { closing: null, reopening: null },
  });
  const { actions } = await later.history.of(1, 10);
  expect(actions.map(({ action, by, words }) => [action, by.name, words])).toEqual([
    ["close", "Aino", null],
    ["reopen", "Aino", null],
    ["close", "Aino", "Repaired"],
  ]);
});

it("a wish that the last run did and did not live to answer is not done again, and told as done", async () => {
  const database = openSqlite(":memory:");
  onTestFinished(() => database.close());
  let now = 5_000;
  const options = { now: () => now };
  const store = await openStore(database, options);
  await store.record([eventOf("ERROR: Oil level low", { at: now })]);
  const wish = (update: number) => {
    const by = { ...AINO, chatId: 11, update };
    const until = { untilAt: now + 3_600_000, reason: null };
    return { by, action: "shelve", apply: (alarm: Alarm, at: number) => shelve(alarm, by, at, until) } as const;
  };
  await store.act(1, wish(7));
  now += 4_000;
  const next = await openStore(database, options);
  expect(await next.act(1, wish(7))).toMatchObject({ isChanged: true, chatIds: [] });
  expect(await next.alarms.find(1)).toMatchObject({ handling: { shelf: { untilAt: 5_000 + 3_600_000 } } });
  expect((await next.history.of(1, 10)).actions).toHaveLength(1);
  await next.act(1, wish(8));
  expect((await next.history.of(1, 10)).actions).toHaveLength(2);
});
