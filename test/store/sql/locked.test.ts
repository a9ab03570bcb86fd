import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isStorageFailure } from "../../../src/store/sql/failure.ts";
import { createStoreHealth } from "../../../src/store/health.ts";
import { openSqlite, type DatabaseFile } from "../../../src/store/sqlite/sqlite.ts";
import { until } from "../../support/until.ts";

const PATIENCE_MS = 300;

let folder: string;
let database: DatabaseFile;
let other: DatabaseSync;
const health = createStoreHealth({ kind: "file", path: "valvomo.db" }, () => 0);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-locked-"));
  const path = join(folder, "valvomo.db");
  database = openSqlite(path, { onStored: health.stored, onFailure: health.failed, lockPatienceMs: PATIENCE_MS });
  await database.transaction((queries) => queries.run("CREATE TABLE t (x INTEGER)"));
  other = new DatabaseSync(path);
  other.exec("BEGIN EXCLUSIVE");
});
afterEach(async () => {
  other.close();
  await database.close();
  rmSync(folder, { recursive: true });
});

const insert = (x: number): Promise<number> =>
  database.transaction((queries) => queries.run("INSERT INTO t VALUES ($1)", x));
const rows = (): Promise<unknown[]> => database.all("SELECT x FROM t ORDER BY x");

it("a file that another program holds for a moment is opened once that has ended", async () => {
  const path = join(folder, "held.db");
  const holder = new Worker(
    `const { DatabaseSync } = require("node:sqlite");
     const { parentPort, workerData } = require("node:worker_threads");
     const file = new DatabaseSync(workerData);
     file.exec("CREATE TABLE t (x); BEGIN EXCLUSIVE; INSERT INTO t VALUES (7)");
     parentPort.postMessage("held");
     setTimeout(() => { file.exec("COMMIT"); file.close(); }, 200);`,
    { eval: true, workerData: path },
  );
  await once(holder, "message");
  const file = openSqlite(path);
  expect(await file.all("SELECT x FROM t")).toEqual([{ x: 7 }]);
  await file.close();
  await once(holder, "exit");
});

describe("while another program holds the database's lock", () => {
  it("what is to be stored waits, what is read does not, and nothing else is kept from its turn", async () => {
    let stored = 0;
    const storing = Promise.all([1, 2, 3].map((x) => insert(x).then(() => (stored += 1))));
    let turns = 0;
    const begunAt = performance.now();
    await until("half the patience is over", () => {
      turns += 1;
      return performance.now() - begunAt > PATIENCE_MS / 2;
    });
    // Whoever waits in SQLite gives nobody else a turn.
    expect(turns).toBeGreaterThan(20);
    expect([stored, await rows()]).toEqual([0, []]);
    other.exec("ROLLBACK");
    await storing;
    expect(await rows()).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }]);
    expect(health.status().failure).toBeNull();
  });

  it("for too long, what waits fails as with a full disk, what comes then at once, and what comes afterwards is stored", async () => {
    const error: unknown = await insert(1).catch((found: unknown) => found);
    expect(isStorageFailure(error)).toBe(true);
    expect(health.status().failure).toMatchObject({ reason: "another program holds its lock" });
    expect(health.status().failure?.remedy).toContain("End the program that holds valvomo.db");
    const begunAt = performance.now();
    await expect(insert(2)).rejects.toThrow(/locked/);
    expect(performance.now() - begunAt).toBeLessThan(PATIENCE_MS / 2);
    other.exec("ROLLBACK");
    await insert(3);
    expect(await rows()).toEqual([{ x: 3 }]);
    expect(health.status().failure).toBeNull();
  });
});
