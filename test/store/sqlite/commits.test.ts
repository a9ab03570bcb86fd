import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { Commits } from "../../../src/store/sqlite/commits.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";

it("that something is stored is told of what stays, and not of what a transaction takes back", async () => {
  let stored = 0;
  const database = openSqlite(":memory:", { onStored: () => (stored += 1) });
  onTestFinished(() => database.close());
  await database.transaction(({ run }) => run("CREATE TABLE t (x INTEGER PRIMARY KEY)"));
  stored = 0;
  const takenBack = () =>
    database.transaction(async ({ run }) => {
      await run("INSERT INTO t VALUES (1)");
      throw new Error("no");
    });
  await expect(takenBack()).rejects.toThrow("no");
  expect(stored).toBe(0);
  const insert = database.transaction(({ run }) => run("INSERT INTO t VALUES (2)"));
  await Promise.allSettled([insert, takenBack()]);
  expect([stored, await database.all("SELECT x FROM t")]).toEqual([1, [{ x: 2 }]]);
});

it("what is promised has a look at the file of its own, and what SQLite reads and writes before that one that may be some milliseconds old", async () => {
  const sqlite = new DatabaseSync(":memory:");
  onTestFinished(() => sqlite.close());
  const looks: number[] = [];
  const file = {
    trouble: (withinMs = 0) => (looks.push(withinMs), null),
    lost: null,
    nextMark: () => null,
    marked: () => undefined,
    abandon: () => undefined,
    close: () => undefined,
  };
  const commits = new Commits(sqlite, { all: async () => [], run: async () => 1 }, { file, log: null }, {});
  const work = async (): Promise<number> => looks.length;
  await commits.add(work, "crash");
  expect(looks).toEqual([5, 5]);
  await Promise.all([commits.add(work, "crash"), commits.add(work, "powerCut")]);
  expect(looks).toEqual([5, 5, 5, 5, 0]);
});
