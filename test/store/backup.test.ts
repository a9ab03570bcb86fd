import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { contentOf } from "../../src/store/move-rows.ts";
import { openDatabase, type ProgramDatabase } from "../../src/store/open-database.ts";
import { migrate, NEWEST_SCHEMA } from "../../src/store/schema.ts";
import { openStore, type Store } from "../support/store.ts";
import { TABLE_NAMES } from "../../src/store/sql/tables.ts";
import { eventOf } from "../support/alarms.ts";
import { createSharedDatabase } from "../support/databases.ts";
import { askPostgres, BINARIES, hasPostgres } from "../support/postgres.ts";

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
  const store = await openStore(copy);
  expect((await store.alarms.find(1))?.message).toBe("before");
  await raise(store, "restored");
  expect((await store.alarms.find(2))?.message).toBe("restored");
}

/** The blocks of commands that the page prints, in their order. */
const printed = [
  ...readFileSync(join(import.meta.dirname, "../../docs/backup.md"), "utf8").matchAll(/\n```sh\n([^]*?)```/g),
].map((match) => match[1] ?? "");
const TODAY = new Date().toISOString().slice(0, 10);
/** Runs a block as it is printed, but for the day of the backup, in a folder as `data` and `backup` are in. */
function runPrinted(block: string | undefined, cwd: string, path: string): void {
  const commands = (block ?? "exit 1").replaceAll("$(date +%F)", TODAY).replaceAll("2026-11-26", TODAY);
  const env = { PATH: `${path}:${process.env["PATH"]}` };
  const { status, stderr } = spawnSync("sh", ["-e", "-c", commands], { cwd, env, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

it("an older version refuses a newer database in the words of docs/running.md", async () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/running.md"), "utf8");
  const shown = /\n```text newer\n(.*)\n```/.exec(page)?.[1] ?? "";
  const database = await openDatabase({ kind: "file", path: join(newFolder(), "valvomo.db") });
  onTestFinished(() => database.close());
  await migrate(database);
  await database.migration((queries) => queries.run("UPDATE schema_version SET version = $1", NEWEST_SCHEMA + 1));
  const words = shown
    .replace(/schema \d+/, `schema ${NEWEST_SCHEMA + 1}`)
    .replace(/knows \d+/, `knows ${NEWEST_SCHEMA}`);
  await expect(migrate(database)).rejects.toThrow(words);
});

it("a copy of SQLite is made while it is used, and restored, by the lines that the page prints", async () => {
  const folder = newFolder();
  // Does what sqlite3 does with these lines; not every machine has that.
  const program = `new (require("node:sqlite").DatabaseSync)(process.argv[1]).exec(process.argv[2])`;
  writeFileSync(join(folder, "sqlite3"), `#!/bin/sh\nexec "${process.execPath}" -e '${program}' "$@"\n`, {
    mode: 0o700,
  });
  const path = join(folder, "data", "valvomo.db");
  const database = await openDatabase({ kind: "file", path });
  const store = await openStore(database);
  await raise(store, "before");
  const before = await contents(database);
  runPrinted(printed[0], folder, folder);
  expect(statSync(join(folder, "backup", `valvomo-${TODAY}.db`)).mode & 0o077).toBe(0);
  await raise(store, "after");
  expect((await store.alarms.find(2))?.message).toBe("after");
  await store.close();
  runPrinted(printed[1], folder, folder);
  const copy = await openDatabase({ kind: "file", path });
  onTestFinished(() => copy.close());
  await expectRestored(copy, before);
});

it.skipIf(!hasPostgres)(
  "a dump of PostgreSQL is made while it is used, and restored, by the lines that the page prints",
  async () => {
    const folder = newFolder();
    const first = await createSharedDatabase();
    const database = await openDatabase(first);
    onTestFinished(() => database.close());
    const store = await openStore(database);
    await raise(store, "before");
    const before = await contents(database);
    const { hostname, port, pathname } = new URL(first.url);
    const [name, restored] = [pathname.slice(1), `${pathname.slice(1)}_restored`];
    const here = (block = ""): string =>
      block
        .replaceAll("-h db.example.org", `-h ${hostname} -p ${port}`)
        .replaceAll("-U postgres", `-U ${first.user}`)
        .replaceAll("valvomo_restored", restored)
        .replace(/ valvomo$/m, ` ${name}`);
    runPrinted(here(printed[2]), folder, BINARIES);
    await raise(store, "after");
    expect((await store.alarms.find(2))?.message).toBe("after");
    runPrinted(here(printed[3]), folder, BINARIES);
    const copy = await openDatabase({ ...first, database: restored });
    onTestFinished(async () => {
      await copy.close();
      await askPostgres(first.url, `DROP DATABASE ${restored}`);
    });
    await expectRestored(copy, before);
  },
);

it("the page prints no other lines than these, and that of move-store, which has its own test", () => {
  expect(printed).toHaveLength(5);
  expect(printed[4]).toMatch(/^npm run move-store -- file:data\/valvomo\.db postgres:\/\/[^\s]+\n$/);
});
