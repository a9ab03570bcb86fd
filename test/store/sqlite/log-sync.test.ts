import fs, { mkdtempSync, rmSync, statSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isOfDisk, isStorageFailure } from "../../../src/store/sql/failure.ts";
import { LogSync } from "../../../src/store/sqlite/log-sync.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { until } from "../../support/until.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "valvomo-log-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

it("what a transaction changed is told and read before the disk is waited for, and the transaction is over after that", async () => {
  const database = openSqlite(join(folder(), "a.db"));
  onTestFinished(() => database.close());
  await database.transaction(({ run }) => run("CREATE TABLE t (x)"));
  const order: string[] = [];
  const insert = database.transaction(
    async ({ run }) => `${await run("INSERT INTO t VALUES (1)")} row`,
    "powerCut",
    (told) => order.push(`${told} to be seen`),
  );
  const read = database.all("SELECT x FROM t").then((rows) => order.push(`${rows.length} read`));
  await insert.then(() => order.push("safe"));
  await read;
  expect(order).toEqual(["1 row to be seen", "1 read", "safe"]);
});

it("what is asked for while the disk writes does not wait for it, and closing waits for all", async () => {
  const database = openSqlite(join(folder(), "a.db"));
  await database.transaction(({ run }) => run("CREATE TABLE t (x)"));
  const order: string[] = [];
  const both = Promise.all([
    database.transaction(({ run }) => run("INSERT INTO t VALUES (1)")).then(() => order.push("safe")),
    database.transaction(({ run }) => run("INSERT INTO t VALUES (2)"), "crash").then(() => order.push("committed")),
  ]);
  await database.close();
  await both;
  expect(order).toEqual(["committed", "safe"]);
});

it("what is to survive a power cut is over when its log is on the disk, and not before; what the disk does not take is rejected", async () => {
  const asked: ((error: Error | null) => void)[] = [];
  const disk = vi.spyOn(fs, "fdatasync").mockImplementation((_, done) => void asked.push(done));
  syncBuiltinESMExports();
  onTestFinished(() => {
    disk.mockRestore();
    syncBuiltinESMExports();
  });
  const database = openSqlite(join(folder(), "a.db"));
  onTestFinished(() => database.close());
  const insert = () => database.transaction(({ run }) => run("INSERT INTO t VALUES (1)"));
  let isOver = false;
  const made = database.transaction(({ run }) => run("CREATE TABLE t (x)")).finally(() => (isOver = true));
  await until("the disk is asked", () => asked.length === 1);
  await database.all("SELECT x FROM t");
  expect(isOver).toBe(false);
  asked.shift()?.(null);
  await made;
  const lost = insert();
  await until("the disk is asked", () => asked.length === 1);
  asked.shift()?.(new Error("EIO"));
  await expect(lost).rejects.toThrow("the disk fails");
});

describe("a disk that fails", () => {
  /** A log, and a disk that does with it what `writes` says next; when there is no more of that, it writes. */
  function open(...writes: ("written" | "failed")[]) {
    const path = join(folder(), "a.db");
    const sqlite = new DatabaseSync(path);
    sqlite.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (x)");
    const log = new LogSync(`${path}-wal`, sqlite, async () => {
      if (writes.shift() === "failed") throw Object.assign(new Error("no"), { code: "EIO" });
    });
    onTestFinished(() => {
      log.close();
      sqlite.close();
    });
    return { log, sqlite, logBytes: () => statSync(`${path}-wal`).size };
  }

  it("is the reason why something is not stored, which the broker is to send again", async () => {
    const error = await open("failed")
      .log.sync()
      .catch((reason: unknown) => reason);
    expect([isOfDisk(error), isStorageFailure(error), String(error)]).toEqual([true, true, "Error: the disk fails"]);
  });

  it("is not believed when it says later that all is written: that is written once more, into the file", async () => {
    const { log, logBytes } = open("failed");
    await expect(log.sync()).rejects.toThrow("the disk fails");
    expect(logBytes()).toBeGreaterThan(0);
    await log.sync();
    expect(logBytes()).toBe(0);
  });

  it("stays in doubt for as long as another program reads the log", async () => {
    const { log, sqlite } = open("failed");
    const other = new DatabaseSync(String(sqlite.location()));
    onTestFinished(() => other.close());
    other.exec("BEGIN; SELECT * FROM t");
    sqlite.exec("INSERT INTO t VALUES (1)");
    await expect(log.sync()).rejects.toThrow("the disk fails");
    await expect(log.sync()).rejects.toThrow("the disk fails");
    other.exec("COMMIT");
    await log.sync();
  });

  it("fails those who waited for it, and not those who asked later, when it works again", async () => {
    const { log } = open("failed", "written");
    const [first, second, third] = await Promise.allSettled([log.sync(), log.sync(), log.sync()]);
    expect([first.status, second.status, third.status]).toEqual(["rejected", "fulfilled", "fulfilled"]);
  });
});
