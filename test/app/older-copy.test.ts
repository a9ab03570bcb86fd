import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { OwnMessage } from "../../src/alarms/payloads/own.ts";
import { createOlderCopy, type OlderCopy } from "../../src/app/older-copy.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { lastNumber, nextNumber } from "../../src/store/sql/numbers.ts";
import { silentLog } from "../support/log.ts";
import { openTables } from "../support/store.ts";

let folder: string;
let path: string;
let told: OwnMessage[];
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-older-"));
  path = join(folder, "valvomo.db");
  told = [];
  await restore(0);
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

/** A database that has given out so many alarms, in the place of the one before. */
async function restore(alarms: number): Promise<void> {
  database = await openTables();
  for (let i = 0; i < alarms; i++) await give();
}
const give = (): Promise<number> => database.transaction((queries) => nextNumber(queries, "alarm"));
/** The program starts. */
async function start(): Promise<OlderCopy> {
  const olderCopy = createOlderCopy({
    path: `${path}.numbers`,
    database,
    tell: async (message) => void told.push(message),
    log: silentLog,
  });
  await olderCopy.check();
  await olderCopy.save();
  return olderCopy;
}

it("an older copy of the database is known at the next start: the admins are told, and numbers go on above the old ones", async () => {
  await restore(120);
  await start();
  expect(told).toEqual([]);
  await restore(95);
  await start();
  expect(told).toMatchObject([{ severity: "error", isForAdmins: true }]);
  expect(told[0]?.message).toContain("chats have seen alarms up to 120, it knows them up to 95.");
  expect(told[0]?.message).toContain("alarms go on from #1001");
  expect(await give()).toBe(1_001);
  await start();
  expect(told).toHaveLength(1);
});

it("a new database in the place of an old one is told, and a first one is not", async () => {
  await start();
  expect(told).toEqual([]);
  await restore(3);
  await start();
  await restore(0);
  await start();
  expect(told[0]?.message).toContain("it knows them up to 0");
});

it("a number below a button that was never given out tells of it as well, but one that somebody made up does not", async () => {
  await restore(95);
  const olderCopy = await start();
  for (const number of [95, 94, 0, 9_000_000]) await olderCopy.seen("alarm", number);
  await olderCopy.save();
  expect(told).toEqual([]);
  await olderCopy.seen("alarm", 1_000);
  await olderCopy.save();
  expect(told).toHaveLength(1);
  expect(await give()).toBe(2_001);
  expect(await lastNumber(database, "board")).toBe(0);
});

it("what is kept beside the database is nobody else's to read, and what cannot be read there is nothing", async () => {
  await restore(2);
  await start();
  expect(statSync(`${path}.numbers`).mode & 0o777).toBe(0o600);
  expect(existsSync(`${path}.numbers.new`)).toBe(false);
  writeFileSync(`${path}.numbers`, '{"alarm": 7');
  await start();
  expect(told).toEqual([]);
});

it("what could not be told is told the next time", async () => {
  await restore(2);
  await start();
  await restore(1);
  let failure: Error | null = new Error("locked");
  const olderCopy = createOlderCopy({
    path: `${path}.numbers`,
    database,
    tell: async (message) => (failure ? Promise.reject(failure) : void told.push(message)),
    log: silentLog,
  });
  await olderCopy.check();
  await expect(olderCopy.save()).rejects.toThrow("locked");
  failure = null;
  await olderCopy.save();
  expect(told).toHaveLength(1);
});
