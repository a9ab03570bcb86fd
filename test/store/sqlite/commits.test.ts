import { expect, it, onTestFinished } from "vitest";
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
