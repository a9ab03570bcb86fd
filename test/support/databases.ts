import { DatabaseSync } from "node:sqlite";
import { inject } from "vitest";
import { readDatabase } from "../../src/config/database-url.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { emptyTables } from "../store/tables.ts";
import { openPglite } from "./pglite.ts";
import { askPostgres, createDatabase, hasPostgres, urlOn } from "./postgres.ts";
import { until } from "./until.ts";

/** An empty database on the server that all test files share. */
export async function createSharedDatabase(): ReturnType<typeof createDatabase> {
  const port = inject("postgresPort");
  await until(
    "the shared PostgreSQL takes connections",
    () => askPostgres(urlOn(port), "SELECT 1").catch(() => null),
    30_000,
  );
  return createDatabase(port);
}

/** Opens the database of a program that does not run, for what tests put into it or read from it. */
export async function openDatabaseAt(url: string): Promise<Database> {
  const settings = readDatabase({ DATABASE_URL: url }, { problems: [], notes: [] });
  if (settings === null) throw new Error(`${url} is not a database`);
  return settings.kind === "file" ? openSqlite(settings.path) : openPostgres(settings);
}

/** One that is on the shared server, to be opened again and again: each time it is empty. */
export async function openEmptiedPostgres(): Promise<{
  readonly open: () => Promise<Database>;
  readonly close: () => Promise<void>;
}> {
  const database = await openPostgres(await createSharedDatabase());
  return {
    async open() {
      await emptyTables(database);
      // What the one before asked for is done, and goes nowhere else.
      return { ...database, close: () => database.transaction(async () => undefined) };
    },
    close: () => database.close(),
  };
}

/** Settings of the program for each kind of database that it takes: `describe.each(PROGRAM_DATABASES)("… on %s", (_, settings) => …)`. */
export const PROGRAM_DATABASES: readonly (readonly [name: string, () => Promise<Readonly<Record<string, string>>>])[] =
  [
    ["SQLite", async () => ({})],
    ...(hasPostgres
      ? [["PostgreSQL", async () => ({ DATABASE_URL: (await createSharedDatabase()).url })] as const]
      : []),
  ];

/** How many rows a table has, seen from outside while the program runs. */
export const countRows = async (url: string, table: string): Promise<number> =>
  Number((await askAt(url, `SELECT CAST(COUNT(*) AS INTEGER) AS n FROM ${table}`))[0]?.["n"]);

/** What is kept under a name in the facts, seen so; `null`: nothing is. */
export async function factAt(url: string, name: string): Promise<unknown> {
  const content = (await askAt(url, `SELECT content FROM facts WHERE name = '${name}'`))[0]?.["content"];
  return typeof content === "string" ? JSON.parse(content) : null;
}

async function askAt(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  if (url.startsWith("postgres:")) return askPostgres(url, sql);
  const file = new DatabaseSync(url.slice("file:".length), { readOnly: true });
  try {
    return file.prepare(sql).all();
  } finally {
    file.close();
  }
}

/**
 * Each kind of database that there is, empty: `describe.each(DATABASES)("… on %s", (_, open) => …)`. A PostgreSQL in this process stands in
 * for a server where there is none: it takes seconds to start for each file of tests, and half a minute on a busy machine.
 */
export const DATABASES: readonly (readonly [name: string, open: () => Promise<Database>])[] = [
  ["SQLite", async () => openSqlite(":memory:")],
  hasPostgres
    ? ["PostgreSQL", async () => openPostgres(await createSharedDatabase())]
    : ["PostgreSQL in this process", openPglite],
];
