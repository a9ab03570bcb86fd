import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { migrate } from "../../../src/store/schema.ts";
import { openStore } from "../../support/store.ts";

const OF_0_1 = 4;
const URL = "https://hooks.example/alarms?token=S3CRET-S3CRET";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-rebuild-"));
  path = join(folder, "valvomo.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Whether a text stands in the database, or in what SQLite puts beside it. */
const isInFiles = (text: string): boolean =>
  readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text));

/** A database as version 0.1 left it: of what it sent by the second path the URL stayed, also in what is free. */
async function leave(pragmas: string): Promise<void> {
  const raw = new DatabaseSync(path);
  raw.exec(pragmas);
  raw.close();
  const database = openSqlite(path);
  await migrate(database, OF_0_1);
  await database.close();
  const old = new DatabaseSync(path);
  const insert = old.prepare("INSERT INTO outbox VALUES (?, 'https', ?, ?, 0, 0)");
  old.exec("BEGIN");
  for (let id = 1; id <= 2_000; id++) insert.run(id, URL, "x".repeat(300));
  old.exec("DELETE FROM outbox WHERE id > 3; COMMIT");
  // Another table takes some of the pages that are free now, and overwrites only a part of each.
  const fact = old.prepare("INSERT INTO facts VALUES (?, ?)");
  for (let id = 1; id <= 20; id++) fact.run(`fact ${id}`, JSON.stringify("y".repeat(900)));
  old.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  old.close();
  expect(isInFiles(URL)).toBe(true);
}

it.each(["PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA auto_vacuum = NONE; CREATE TABLE others (id)"])(
  "nothing of the second path's URL stays of an older version's database, in use or free, and what waits is kept (%s)",
  async (pragmas) => {
    await leave(pragmas);
    const problems: unknown[] = [];
    const store = await openStore(openSqlite(path, { onNotRebuilt: (error) => problems.push(error) }));
    expect(problems).toEqual([]);
    expect(isInFiles("S3CRET")).toBe(false);
    expect(await store.outbox.oldest("secondUrl")).toMatchObject({ id: 1, target: "", alarm: null, ended: null });
    expect(await store.outbox.waiting()).toMatchObject([{ kind: "secondUrl", count: 3 }]);
    expect(await store.keyValue.read("fact 1")).toBe("y".repeat(900));
    await store.close();
  },
);

it("a database that could not shrink does from then on, in steps between which others have their turn", async () => {
  await leave("PRAGMA auto_vacuum = NONE; CREATE TABLE others (id)");
  const database = openSqlite(path);
  const store = await openStore(database);
  await database.transaction(async (queries) => {
    for (let id = 1; id <= 20_000; id++) await queries.run("INSERT INTO routes VALUES ($1, $2)", id, "z".repeat(1_000));
  });
  await database.transaction((queries) => queries.run("DELETE FROM routes"));
  const used = await database.usedBytes();
  expect(used).toBeLessThan(2e6);
  let [longestMs, turns, isDone] = [0, 0, false];
  let last = performance.now();
  const turn = (): void => {
    longestMs = Math.max(longestMs, performance.now() - last);
    last = performance.now();
    turns += 1;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await database.compact();
  isDone = true;
  expect(statSync(path).size).toBeLessThan(used + 5e6);
  expect(turns).toBeGreaterThan(10);
  expect(longestMs).toBeLessThan(500);
  await store.close();
});

it("what is in the way of writing it anew is told, and the database is as it was", async () => {
  await leave("PRAGMA auto_vacuum = NONE; CREATE TABLE others (id)");
  const other = new DatabaseSync(path);
  const problems: unknown[] = [];
  const database = openSqlite(path, { onNotRebuilt: (error) => problems.push(error) });
  other.exec("BEGIN IMMEDIATE");
  await database.rebuild(true);
  expect(problems).toMatchObject([{ message: expect.stringMatching(/locked|busy/) as string }]);
  expect(await database.all("SELECT id FROM outbox")).toHaveLength(3);
  other.close();
  await database.close();
});
