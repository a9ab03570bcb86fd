import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { contentOf } from "../../src/store/move.ts";
import { openDatabase, type ProgramDatabase } from "../../src/store/open-database.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { TABLE_NAMES } from "../../src/store/tables.ts";
import { eventOf } from "../support/alarms.ts";
import { createSharedDatabase } from "../support/databases.ts";
import { hasPostgres, runPostgres } from "../support/postgres.ts";
import { STORE_OPTIONS } from "../support/rules.ts";

const options = STORE_OPTIONS;

const raise = (store: Store, id: string) => store.record([eventOf({ id, message: id, state: "active" })]);
const contents = (database: ProgramDatabase) => Promise.all(TABLE_NAMES.map((table) => contentOf(database, table)));
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-backup-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What came before the backup is in the copy, what came after it is not, and the copy goes on from there. */
async function expectRestored(copy: ProgramDatabase, before: unknown): Promise<void> {
  expect(await contents(copy)).toEqual(before);
  const store = await openStore(copy, options);
  expect((await store.alarm(1))?.message).toBe("before");
  await raise(store, "restored");
  expect((await store.alarm(2))?.message).toBe("restored");
}

it("a copy of SQLite by VACUUM INTO, made while it is used, is restored", async () => {
  const folder = newFolder();
  const [path, backup] = [join(folder, "valvomo.db"), join(folder, "backup.db")];
  const database = await openDatabase({ kind: "file", path });
  const store = await openStore(database, options);
  await raise(store, "before");
  const before = await contents(database);
  const other = new DatabaseSync(path, { readOnly: true });
  other.exec(`VACUUM INTO '${backup}'`);
  other.close();
  await raise(store, "after");
  expect((await store.alarm(2))?.message).toBe("after");
  await store.close();
  for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
  copyFileSync(backup, path);
  const copy = await openDatabase({ kind: "file", path });
  onTestFinished(() => copy.close());
  await expectRestored(copy, before);
});

it.skipIf(!hasPostgres)(
  "a dump of PostgreSQL by pg_dump, made while it is used, is restored by pg_restore",
  async () => {
    const backup = join("/tmp", `valvomo-${process.pid}.dump`);
    onTestFinished(() => rmSync(backup, { force: true }));
    const [first, second] = [await createSharedDatabase(), await createSharedDatabase()];
    const database = await openDatabase(first);
    onTestFinished(() => database.close());
    const store = await openStore(database, options);
    await raise(store, "before");
    const before = await contents(database);
    await runPostgres("pg_dump", ["-Fc", "-f", backup, first.url]);
    await raise(store, "after");
    expect((await store.alarm(2))?.message).toBe("after");
    await runPostgres("pg_restore", ["--no-owner", "-d", second.url, backup]);
    const copy = await openDatabase(second);
    onTestFinished(() => copy.close());
    await expectRestored(copy, before);
  },
);
