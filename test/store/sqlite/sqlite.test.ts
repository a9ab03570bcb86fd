import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";

describe("SQLite file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "valvomo-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is made with its folder, for the owner only, and keeps what was committed", async () => {
    const path = join(folder, "deep", "valvomo.db");
    const database = openSqlite(path);
    await database.transaction((queries) => queries.run("CREATE TABLE t (x INTEGER)"));
    await Promise.all([1, 2, 3].map((x) => database.transaction((q) => q.run("INSERT INTO t VALUES ($1)", x))));
    const mode = await database.all<{ journal_mode: string }>("PRAGMA journal_mode");
    const sync = await database.all<{ synchronous: number }>("PRAGMA synchronous");
    expect([mode[0]?.journal_mode, sync[0]?.synchronous]).toEqual(["wal", 1]);
    for (const end of ["", "-wal", "-shm"]) expect(statSync(path + end).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "deep")).mode & 0o777).toBe(0o700);
    await database.close();
    const again = openSqlite(path);
    expect(await again.all("SELECT x FROM t")).toHaveLength(3);
    await again.close();
  });

  it("takes its log up when it is looked at, before a commit has to wait for that, and not for a little", async () => {
    const path = join(folder, "valvomo.db");
    const database = openSqlite(path);
    await database.transaction((queries) => queries.run("CREATE TABLE t (x BLOB)"));
    const sizes: number[] = [];
    const look = () => (database.look(), sizes.push(statSync(path).size));
    look();
    for (const bytes of [1_000_000, 1_500_000, 1]) {
      await database.transaction((queries) => queries.run("INSERT INTO t VALUES ($1)", new Uint8Array(bytes)));
      sizes.push(statSync(path).size);
      look();
    }
    const [empty = 0, ...others] = sizes;
    expect(others.map((size) => Math.round((size - empty) / 100_000))).toEqual([0, 0, 0, 25, 25, 25]);
    await database.close();
  });

  it("begins the log anew when it is looked at, too: that waits for the disk once more", async () => {
    const path = join(folder, "valvomo.db");
    const database = openSqlite(path);
    const insert = (bytes: number) =>
      database.transaction((queries) => queries.run("INSERT INTO t VALUES ($1)", new Uint8Array(bytes)));
    await database.transaction((queries) => queries.run("CREATE TABLE t (x BLOB)"));
    const logHeader = () => readFileSync(`${path}-wal`).toString("hex", 0, 32);
    await insert(2_500_000);
    const before = logHeader();
    database.look();
    const after = logHeader();
    await insert(1);
    expect([after === before, after === logHeader()]).toEqual([false, true]);
    // What cannot begin anew, as somebody reads it, does not grow by that.
    const reader = new DatabaseSync(path);
    reader.exec("BEGIN; SELECT * FROM t");
    await insert(2_500_000);
    const { size } = statSync(`${path}-wal`);
    for (let i = 0; i < 3; i += 1) database.look();
    expect(statSync(`${path}-wal`).size).toBe(size);
    reader.close();
    await database.close();
  });

  it("gives rows under the names that the columns have by now, the last of those that are alike", async () => {
    const database = openSqlite(":memory:");
    const change = (sql: string) => database.transaction((queries) => queries.run(sql));
    const read = () => database.all("SELECT * FROM t");
    for (let i = 0; i < 2; i += 1) {
      await change("CREATE TABLE t (a INTEGER, b TEXT)");
      await change("INSERT INTO t VALUES (1, 'x')");
      expect(await read()).toEqual([{ a: 1, b: "x" }]);
      await change("ALTER TABLE t RENAME COLUMN b TO c");
      expect(await read()).toEqual([{ a: 1, c: "x" }]);
      await change("ALTER TABLE t ADD COLUMN d BLOB");
      expect(await read()).toEqual([{ a: 1, c: "x", d: null }]);
      await change("DROP TABLE t");
    }
    expect(await database.all("SELECT 1 AS x, 2 AS y, 3 AS x")).toEqual([{ x: 3, y: 2 }]);
    await database.close();
  });

  it("that others could read is closed to them, with what lies beside it, and that is said", async () => {
    const path = join(folder, "valvomo.db");
    const first = openSqlite(path);
    await first.transaction((queries) => queries.run("CREATE TABLE t (x INTEGER)"));
    const files = ["", "-wal", "-shm"].map((end) => path + end);
    for (const file of files) chmodSync(file, 0o644);
    const told: string[] = [];
    const second = openSqlite(path, { onOpenToOthers: (problem) => told.push(problem) });
    for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(told).toEqual(
      files.map((file) => `${file} could be read by other users of this machine; it cannot any more`),
    );
    await first.close();
    await second.close();
  });

  it("does not show a reader what is not committed yet", async () => {
    const database = openSqlite(join(folder, "valvomo.db"));
    await database.transaction((queries) => queries.run("CREATE TABLE t (x INTEGER)"));
    const writing = database.transaction(async (queries) => {
      await queries.run("INSERT INTO t VALUES (1)");
      await Promise.resolve();
      await queries.run("INSERT INTO t VALUES (2)");
    });
    expect([0, 2]).toContain((await database.all("SELECT x FROM t")).length);
    await writing;
    await database.close();
  });
});
