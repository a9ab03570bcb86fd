import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import type { Database, SqlValue } from "../../src/store/sql/database.ts";
import { contentOf } from "../../src/store/move-rows.ts";
import { moveStore, type MovedTable } from "../../src/store/move.ts";
import { openDatabase } from "../../src/store/open-database.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, openTables } from "../support/store.ts";
import { TABLE_NAMES, TABLES } from "../../src/store/sql/tables.ts";
import { eventOf } from "../support/alarms.ts";
import { createSharedDatabase, DATABASES, openDatabaseAt } from "../support/databases.ts";
import { hasPostgres } from "../support/postgres.ts";
import { chatOf } from "../support/rules.ts";

const COUNT = 250;
const options = {
  destinationsOf: () => [chatOf(1), chatOf(-1_001_234_567_890)],
};

const opened: Database[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});
const keep = async <D extends Database>(opening: D | Promise<D>): Promise<D> => {
  const database = await opening;
  opened.push(database);
  return database;
};

/** Puts something of every kind into a database: text, bytes, numbers with a fraction, nothing, and what no other database may hold. */
async function fill(database: Database): Promise<void> {
  const store = await openStore(database, options);
  const alarms = Array.from({ length: COUNT }, (_, i) => ({ id: `a${i}`, message: `Ω${i} 🌡`, value: i + 0.1 }));
  await store.record(alarms.map((alarm) => eventOf({ ...alarm, state: "active" })));
  await store.chats.setTimeZone(-1_001_234_567_890, "Europe/Helsinki");
  await store.keyValue.write("odd", { text: "a\0b", none: null });
  await database.transaction(async ({ run }) => {
    await run("INSERT INTO facts (name, content) VALUES ('plain', $1)", "a\0b");
    const block = "INSERT INTO recording_blocks VALUES ($1, 1, 0, 1, 2, 0, 1, 3, 0, $2)";
    await run(block, 9_007_199_254_740_991, Uint8Array.of(0, 255, 7));
  });
}

const contents = (database: Database) => Promise.all(TABLE_NAMES.map((table) => contentOf(database, table)));
/** One that fails at its n-th transaction, as a program that is killed there. */
const killedAt = (database: Database, count: number): Database => {
  let left = count;
  return {
    ...database,
    transaction: (work, survives) =>
      (left -= 1) < 0 ? Promise.reject(new Error("killed")) : database.transaction(work, survives),
  };
};

it("the list of tables is that of the schema, with its keys", async () => {
  const database = await keep(await openTables());
  const columns = await database.all<{ table: string; name: string; pk: number }>(
    `SELECT m.name AS "table", c.name, c.pk FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name <> 'schema_version'`,
  );
  const keys = Object.groupBy(columns, ({ table }) => table);
  const found = Object.entries(keys).map(([table, all = []]) => [
    table,
    all
      .filter(({ pk }) => pk > 0)
      .sort((a, b) => a.pk - b.pk)
      .map(({ name }) => name),
  ]);
  expect(Object.fromEntries(found)).toEqual(TABLES);
});

describe.each(DATABASES)("moving everything to and from %s", (_, open) => {
  it("copies all, tells counts and checksums, and the copy goes on where the first was", async () => {
    const [first, middle, last] = [
      await keep(openSqlite(":memory:")),
      await keep(open()),
      await keep(openSqlite(":memory:")),
    ];
    await fill(first);
    const moved: MovedTable[] = [];
    await moveStore(first, middle, { from: "first", onTable: (table) => moved.push(table) });
    await moveStore(middle, last, { from: "middle" });
    expect(moved).toHaveLength(TABLE_NAMES.length);
    expect(moved.find(({ table }) => table === "events")).toMatchObject({ rows: COUNT });
    const before = await contents(first);
    expect([await contents(middle), await contents(last)]).toEqual([before, before]);
    const store = await openStore(middle, options);
    await store.record([eventOf({ id: "new", message: "new" })]);
    expect((await store.alarms.find(COUNT + 1))?.message).toBe("new");
  });

  it("goes on where it was ended, wherever that was, and nobody takes what is there for the whole", async () => {
    const [source, target] = [await keep(openSqlite(":memory:")), await keep(open())];
    await fill(source);
    let runs = 0;
    for (let isDone = false; !isDone; runs += 1) {
      isDone = await moveStore(source, killedAt(target, 2), { from: "source" }).then(
        () => true,
        (error: Error) => error.message !== "killed",
      );
      if (!isDone)
        await expect(openStore(target, options)).rejects.toThrow(
          /filled in part only: let npm run move-store finish \(from source/,
        );
    }
    expect(runs).toBeGreaterThan(5);
    expect(await contents(target)).toEqual(await contents(source));
    await openStore(target, options);
  });

  it("takes no more at once than a slow line carries in time, however large the rows are", async () => {
    const [source, target] = [await keep(openSqlite(":memory:")), await keep(open())];
    await fill(source);
    await source.transaction(async ({ run }) => {
      const block = "INSERT INTO recording_blocks VALUES ($1, 1, 0, 1, 2, 0, 1, 3, 0, $2)";
      for (let id = 1; id <= 150; id += 1) await run(block, id, new Uint8Array(id < 120 ? 100 : 300_000).fill(id));
    });
    const [written, read]: [number[], number[]] = [[], []];
    const bytesOf = (value: unknown) => (value instanceof Uint8Array ? value.byteLength : 0);
    const watched = (database: Database): Database => ({
      ...database,
      all: async <Row>(sql: string, ...values: SqlValue[]) => {
        const rows = await database.all<Row>(sql, ...values);
        read.push(rows.flatMap((row) => Object.values(row as object).map(bytesOf)).reduce((a, b) => a + b, 0));
        return rows;
      },
      transaction: (work, survives) =>
        database.transaction(
          (queries) =>
            work({
              ...queries,
              run: (sql, ...values) => {
                written.push(values.map(bytesOf).reduce((a, b) => a + b, 0));
                return queries.run(sql, ...values);
              },
            }),
          survives,
        ),
    });
    await moveStore(watched(source), watched(target), { from: "source" });
    expect(await contents(target)).toEqual(await contents(source));
    expect(Math.max(...written)).toBeLessThanOrEqual(1_000_000);
    // Once, where rows become large, a page is as long as those before it.
    expect(read.filter((bytes) => bytes > 1_000_000).length).toBeLessThanOrEqual(3);
  });

  it("refuses a target that holds anything, or a part of something else, and leaves it as it was", async () => {
    const [source, other, target] = [
      await keep(openSqlite(":memory:")),
      await keep(openSqlite(":memory:")),
      await keep(open()),
    ];
    await fill(source);
    const store = await openStore(target, options);
    await store.keyValue.write("here", 1);
    const before = await contents(target);
    await expect(moveStore(source, target, { from: "source" })).rejects.toThrow(
      "The target is not empty: it has rows in facts. Nothing was changed.",
    );
    expect(await contents(target)).toEqual(before);

    await store.keyValue.write("here", null);
    await target.transaction(({ run }) => run("DELETE FROM facts"));
    await expect(moveStore(source, killedAt(target, 3), { from: "source" })).rejects.toThrow("killed");
    await expect(moveStore(other, target, { from: "other" })).rejects.toThrow(/filled in part from source/);
    await expect(moveStore(target, other, { from: "target" })).rejects.toThrow(/filled in part only/);
  });

  it("refuses to move nothing: a name with a slip in it would pass for all that there was", async () => {
    const [source, target] = [await keep(openSqlite(":memory:")), await keep(open())];
    await expect(moveStore(source, target, { from: "data/valvomo.bd" })).rejects.toThrow(
      "There is nothing to move in data/valvomo.bd: is its name right?",
    );
    await fill(source);
    await moveStore(source, target, { from: "data/valvomo.db" });
    expect(await contents(target)).toEqual(await contents(source));
  });

  it("says so if the two are not the same in the end", async () => {
    const [source, target] = [await keep(openSqlite(":memory:")), await keep(open())];
    await fill(source);
    await expect(moveStore(source, killedAt(target, 10), { from: "source" })).rejects.toThrow("killed");
    await source.transaction(({ run }) => run("UPDATE alarms SET message = 'other' WHERE id = 1"));
    await expect(moveStore(source, target, { from: "source" })).rejects.toThrow(
      /alarms has 250 rows \(\w+\), and its copy 250 \(\w+\): was it changed meanwhile/,
    );
  });
});

it("npm run move-store names what it was given where that cannot be used, and not the setting of the program", async () => {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-move-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [path, other] = [join(folder, "a.db"), join(folder, "b.db")];
  const move = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, "../../src/bin/move-store.ts"), ...args], {
      cwd: folder,
      encoding: "utf8",
      env: {},
    });
  const user = await openDatabase({ kind: "file", path });
  const locked = expect.stringMatching(`^- ${path}: another Valvomo .* uses ${path}: end it first`) as string;
  expect(move(`file:${path}`, `file:${other}`)).toMatchObject({ status: 2, stderr: locked });
  const ofSecond = "- The second one must be file:<path>, without ? or #";
  expect(move(`file:${path}`, "b.db").stderr).toContain(ofSecond);
  await user.close();
  writeFileSync(other, "notes");
  expect(move(`file:${path}`, `file:${other}`).stderr).toMatch(`- ${other}: ${other} is not a database of Valvomo`);
});

it.skipIf(!hasPostgres)(
  "npm run move-store moves a file to a server and back, and touches none that is in use",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "valvomo-move-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [file, back] = [`file:${join(folder, "a.db")}`, `file:${join(folder, "b.db")}`];
    const { url } = await createSharedDatabase();
    const first = await openDatabaseAt(file);
    await fill(first);
    const before = await contents(first);
    await first.close();
    const move = (...args: string[]) =>
      spawnSync(process.execPath, [join(import.meta.dirname, "../../src/bin/move-store.ts"), ...args], {
        cwd: folder,
        encoding: "utf8",
        env: {},
      });

    expect(move(file)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("From where, and where to?") as string,
    });
    const slip = join(folder, "aa.db");
    expect(move(`file:${slip}`, url)).toMatchObject({
      status: 2,
      stderr: `- There is nothing to move in ${slip}: is its name right?\n`,
    });
    expect(existsSync(slip)).toBe(false);
    const user = await openDatabase({ kind: "file", path: join(folder, "a.db") });
    expect(move(file, url)).toMatchObject({ status: 2, stderr: expect.stringContaining("another Valvomo") as string });
    await user.close();
    expect(move(file, url)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^alarms: 250 rows, \w{16}\n[\s\S]*All of it is in postgres:\/\/.*\.\n$/) as string,
    });
    expect(move(file, url).stderr).toContain("The target is not empty");
    expect(move(url, back)).toMatchObject({ status: 0 });
    expect(await contents(await keep(openDatabaseAt(back)))).toEqual(before);
  },
);
