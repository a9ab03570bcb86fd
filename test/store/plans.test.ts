import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openBridgeStore } from "../../src/store/bridge/store.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import type { Database, Queries, SqlValue } from "../../src/store/sql/database.ts";
import type { Command } from "../support/model-commands.ts";
import { CHATS } from "../support/model-room.ts";
import { createTrial } from "../support/model-trial.ts";
import { openTables } from "../support/store.ts";

/** Of these a plant has many thousand rows in time. */
const GROWING = /^SCAN (?:alarms|cards|events|messages|decisions|actions)\b/;
/** A chat was shown all of them: its own are as many. */
const ALL_OF_A_CHAT = /^SEARCH cards USING (?:COVERING )?INDEX cards_rang \(chat_id=\?\)$/;
/** What goes through rows all the same, and why it may. */
const MAY = new Set([
  // Only what waits, or was refused, is in those.
  "SCAN cards USING COVERING INDEX cards_pending",
  "SCAN cards USING INDEX cards_refused",
  // The newest first, up to one that is no trouble of ours.
  "SCAN alarms USING INDEX alarms_started",
  // In parts of 200; one for each topic that retains a message.
  "SCAN events USING INDEX events_retained",
  "SCAN messages USING INDEX sqlite_autoindex_messages_1",
]);
const MINUTE = 60_000;

const folder = mkdtempSync(join(tmpdir(), "valvomo-plans-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same database, which tells of each statement. */
function watched(database: Database, note: (sql: string) => void): Database {
  const noting = (queries: Pick<Database, "all">): Database["all"] => {
    return (sql: string, ...values: SqlValue[]) => {
      note(sql);
      return queries.all(sql, ...values);
    };
  };
  return {
    ...database,
    all: noting(database),
    transaction: (work, ...more) =>
      database.transaction(
        (queries) => {
          const run: Queries["run"] = (sql, ...values) => {
            note(sql);
            return queries.run(sql, ...values);
          };
          return work({ all: noting(queries), run });
        },
        ...more,
      ),
  };
}

/** The parts of the statements' plans that are such, each with its statement. */
async function plansOf(
  file: Database,
  statements: Iterable<string>,
  isSuch: (plan: string, sql: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (const sql of statements) {
    const plan = await file.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    found.push(...plan.filter(({ detail }) => isSuch(detail, sql)).map(({ detail }) => `${detail}: ${sql}`));
  }
  return found;
}

it("what is asked for with each alarm, each card, each plot and each tidying goes through no table that grows", async () => {
  const asked = new Set<string>();
  const file = openSqlite(join(folder, "valvomo.db"));
  await using trial = await createTrial(
    {
      floodRate: { count: 3, withinMs: 10 * MINUTE },
      hasQuietHours: true,
      hasLatch: true,
      needsTwo: true,
      repeating: { count: 2, withinMs: 10 * MINUTE },
    },
    async () => watched(file, (sql) => asked.add(sql)),
  );
  const [chatId] = CHATS;
  const flood = [2, 3, 4, 5, 6, 7].map((alarm) => ({ does: "raise", alarm, severity: "warning" }) as const);
  const commands: readonly Command[] = [
    { does: "raise", alarm: 1, severity: "error" },
    { does: "mention", alarm: 1, severity: "error" },
    { does: "worsen", alarm: 1 },
    { does: "acknowledge", alarm: 1, chatId },
    { does: "note", alarm: 1, chatId },
    { does: "takeBack", alarm: 1, chatId },
    { does: "shelve", alarm: 1, chatId, forMs: MINUTE },
    { does: "pass", times: 30, eachMs: MINUTE },
    { does: "clear", alarm: 1 },
    { does: "reset", alarm: 1, chatId },
    { does: "raise", alarm: 1, severity: "error" },
    { does: "atOnce", reports: flood },
    { does: "takeBoard", chatId },
    { does: "pass", times: 60, eachMs: MINUTE },
    { does: "flash", alarm: 8, severity: "error" },
    { does: "lag", alarm: 1, severity: "error", isClear: true, byMs: MINUTE },
    { does: "inform", alarm: 9 },
    // A quiet time comes and goes.
    { does: "pass", times: 60, eachMs: 5 * MINUTE },
    { does: "restart" },
  ];
  await trial.play(commands.map((command) => ({ command, isRushed: false })));
  const { alarms, history, cards } = trial.room.store();
  await alarms.lastStartAt();
  await alarms.times([1, 2], 0, 1);
  await cards.backlog();
  await history.since();
  await history.keepWithin(await history.bytes());
  await history.forgetOld(trial.room.clock.now());

  expect(asked.size).toBeGreaterThan(70);
  const wide = await plansOf(file, asked, (plan) => (GROWING.test(plan) || ALL_OF_A_CHAT.test(plan)) && !MAY.has(plan));
  expect(wide).toEqual([]);
});

it("what is asked for with each call to ThingSpeak goes through no entry that only waits", async () => {
  const asked = new Set<string>();
  const file = await openTables(openSqlite(join(folder, "bridge.db")));
  const store = await openBridgeStore(
    watched(file, (sql) => asked.add(sql)),
    () => 9_000,
  );
  const entry = { channelId: 5, at: 1_000, kind: "bulk", isRelative: false, cells: ["1"] } as const;
  const point = { channelId: 5, at: 2_000, isDated: true, cells: ["2"] } as const;
  await store.take({ entries: [entry], points: [point], bad: [], receipts: [] });
  await store.queue(5);
  await store.unsettled(5);
  await store.foldPoints(5, 9_000);
  await store.begin(5, await store.waiting(5, 10), 9_000);
  const [state] = await store.channels();
  if (state) await store.settle(state, [1_000]);

  expect([...asked].filter((sql) => sql.includes("bridge_entries")).length).toBeGreaterThan(6);
  // Those that wait are read so many at a time.
  const isWide = /^SEARCH bridge_entries USING INDEX sqlite_autoindex_bridge_entries_1 \(channel_id=\?\)$/;
  const wide = await plansOf(file, asked, (plan, sql) => isWide.test(plan) && !sql.includes("LIMIT"));
  expect(wide).toEqual([]);
  await file.close();
});
