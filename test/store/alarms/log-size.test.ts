import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DecisionRecord } from "../../../src/store/alarms/decisions.ts";
import { openSqlite, type DatabaseFile } from "../../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../../support/store.ts";
import { eventOf, NOW } from "../../support/alarms.ts";

const KB = 1_000;

let folder: string;
let path: string;
let database: DatabaseFile;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-log-size-"));
  path = join(folder, "valvomo.db");
  database = openSqlite(path, { isOwn: true });
  store = await openStore(database);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const logBytes = (): number => statSync(`${path}-wal`).size;

/** An event of one of a hundred alarms comes by itself, and its card is shown. */
async function tell(i: number): Promise<void> {
  const name = `alarm ${i % 100}`;
  await store.record([eventOf({ id: name, message: name, severity: "error", state: "active", value: i })]);
  const pending = await store.cards.nextPending(1, NOW);
  if (!pending) return;
  const { alarm, card } = pending;
  const decision: DecisionRecord = {
    alarmId: alarm.id,
    chatId: 1,
    decidedAt: NOW,
    version: alarm.version,
    action: "edit",
    reason: "repeated",
    result: "ok",
  };
  const shown = { ...card, messageId: i + 1, version: alarm.version, rung: card.rings };
  await store.cards.settle([{ pending, change: { kind: "shown", card: shown, messageId: i + 1 }, decision }]);
}

it("the log beside a reader takes 60 kB an event and its card at the most, and gives back what it took when they end", async () => {
  for (let i = 0; i < 300; i++) await tell(i);
  const reader = new DatabaseSync(path);
  reader.exec("BEGIN");
  reader.prepare("SELECT COUNT(*) FROM events").get();
  // What was there before is used up first.
  let i = 300;
  for (const before = logBytes(); logBytes() === before; i++) await tell(i);
  const [from, begun] = [i, logBytes()];
  for (; logBytes() < 18_000 * KB; i++) await tell(i);
  expect((logBytes() - begun) / (i - from)).toBeLessThan(60 * KB);
  reader.close();
  // Nothing is stored meanwhile.
  database.look();
  expect(logBytes()).toBe(0);
});
