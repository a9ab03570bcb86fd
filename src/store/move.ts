import { createHash } from "node:crypto";
import { z } from "zod";
import { calledAs, ConfigError } from "../lib/errors.ts";
import type { Database, Queries, SqlValue } from "./sql/database.ts";
import { migrate } from "./schema.ts";
import { TABLE_NAMES, TABLES, type Table } from "./sql/tables.ts";

/** What a table holds, whatever the order of its rows. */
export interface TableContent {
  readonly rows: number;
  /** Of all rows, in hexadecimal. */
  readonly checksum: string;
}

/** What was moved of a table. */
export interface MovedTable extends TableContent {
  readonly table: Table;
}

type Row = Readonly<Record<string, SqlValue>>;

/** The fact by which a database is known that is not filled yet: where from, and up to where. */
const MOVING = "moving";
const progressSchema = z.object({
  from: z.string(),
  table: z.enum(TABLE_NAMES),
  after: z.array(z.union([z.string(), z.number()])).nullable(),
});
type Progress = z.infer<typeof progressSchema>;
/** In one transaction. */
const ROWS_AT_ONCE = 100;
/** Written in one statement, and read in one as far as that can be foreseen: recordings have up to some hundred kilobytes each. */
const BYTES_AT_ONCE = 1_000_000;
/** Both databases take more. */
const MAX_VALUES = 10_000;
const CHECKSUM_BITS = 64;

/** @throws ConfigError where a move into this database did not come to its end */
export async function ensureWhole(database: Pick<Database, "all">): Promise<void> {
  const progress = await readProgress(database);
  if (progress === null) return;
  throw new ConfigError([
    `DATABASE_URL: the database is filled in part only: let npm run move-store finish (from ${progress.from}), or begin with an empty one.`,
  ]);
}

/**
 * Copies everything from one database into another one that is empty, and compares. If it is ended before, the same again goes on
 * where it was.
 * @param options.from, options.to what people call them: another first one does not go on with the copy
 * @param options.onTable tells of each table that is copied and the same in both
 * @throws ConfigError if the target holds anything else, or the first one nothing
 */
export async function moveStore(
  source: Database,
  target: Database,
  options: { readonly from: string; readonly to?: string; readonly onTable?: (moved: MovedTable) => void },
): Promise<void> {
  await calledAs(options.from, "DATABASE_URL", async () => {
    await migrate(source);
    await ensureWhole(source);
  });
  await calledAs(options.to ?? "the target", "DATABASE_URL", () => migrate(target));
  const begun = (await readProgress(target)) ?? (await begin(source, target, options.from));
  if (begun.from !== options.from) {
    throw new ConfigError([
      `The target is filled in part from ${begun.from}: go on from there, or begin with an empty one.`,
    ]);
  }
  for (const table of TABLE_NAMES.slice(TABLE_NAMES.indexOf(begun.table))) {
    const after = table === begun.table ? begun.after : null;
    for await (const rows of pagesOf(source, table, after)) {
      await target.transaction(async (queries) => {
        if (table === "numbers") await deleteNumbers(queries, rows);
        await insert(queries, table, rows);
        await saveProgress(queries, { from: options.from, table, after: keyOf(table, rows.at(-1)) });
      });
    }
  }
  for (const table of TABLE_NAMES) {
    const [before, now] = [await contentOf(source, table), await contentOf(target, table)];
    if (before.rows !== now.rows || before.checksum !== now.checksum) {
      throw new ConfigError([
        `${table} has ${before.rows} rows (${before.checksum}), and its copy ${now.rows} (${now.checksum}): was it changed meanwhile? Begin with an empty target.`,
      ]);
    }
    options.onTable?.({ table, ...now });
  }
  await target.transaction((queries) => queries.run("DELETE FROM facts WHERE name = $1", MOVING));
}

/** What a table holds, but for the progress of a move. */
export async function contentOf(database: Pick<Database, "all">, table: Table): Promise<TableContent> {
  let [rows, sum] = [0, 0n];
  for await (const page of pagesOf(database, table, null)) {
    for (const row of page) {
      rows += 1;
      sum += createHash("sha256").update(canonical(row)).digest().readBigUInt64BE();
    }
  }
  const checksum = BigInt.asUintN(CHECKSUM_BITS, sum).toString(16).padStart(16, "0");
  return { rows, checksum };
}

/** The same for the same row in either database. */
function canonical(row: Row): string {
  const cells = Object.entries(row).map(([column, value]) => [column, plain(value)] as const);
  return JSON.stringify(cells.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function plain(value: SqlValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  // PostgreSQL holds none.
  return typeof value === "string" ? value.replaceAll("\0", "\u2400") : value;
}

/** The rows of a table in the order of its key, behind one of them. */
async function* pagesOf(
  database: Pick<Database, "all">,
  table: Table,
  after: Progress["after"],
): AsyncGenerator<readonly Row[]> {
  const key = TABLES[table].join(", ");
  // How large rows are shows with the first.
  let largest = BYTES_AT_ONCE;
  for (let last = after; ;) {
    const limit = Math.min(Math.max(Math.floor(BYTES_AT_ONCE / largest), 1), ROWS_AT_ONCE);
    const behind = last === null ? "" : `WHERE (${key}) > (${last.map((__, i) => `$${i + 1}`).join(", ")})`;
    const sql = `SELECT * FROM ${table} ${behind} ORDER BY ${key} LIMIT ${limit}`;
    const page = await database.all<Row>(sql, ...(last ?? []));
    if (page.length === 0) return;
    last = keyOf(table, page.at(-1));
    largest = Math.max(...page.map(bytesOf));
    const rows = table === "facts" ? page.filter(({ name }) => name !== MOVING) : page;
    if (rows.length > 0) yield rows;
  }
}

function keyOf(table: Table, row: Row | undefined): NonNullable<Progress["after"]> {
  return TABLES[table].map((column) => {
    const value = row?.[column];
    if (typeof value === "string" || typeof value === "number") return value;
    throw new Error(`a row of ${table} has no ${column}`);
  });
}

async function insert(queries: Queries, table: Table, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  for (const some of inParts(rows, Math.floor(MAX_VALUES / columns.length))) {
    const lists = some.map((__, i) => `(${columns.map((___, j) => `$${i * columns.length + j + 1}`).join(", ")})`);
    const values = some.flatMap((row) => columns.map((column) => row[column] ?? null));
    await queries.run(`INSERT INTO ${table} (${columns.join(", ")}) VALUES ${lists.join(", ")}`, ...values);
  }
}

/** They come with the schema, each at its beginning. */
async function deleteNumbers({ run }: Queries, rows: readonly Row[]): Promise<void> {
  for (const { name } of rows) await run("DELETE FROM numbers WHERE name = $1", name ?? null);
}

/** What goes into one statement each: so many rows and bytes at most, but always one row. */
function inParts(rows: readonly Row[], maxRows: number): readonly (readonly Row[])[] {
  const parts: Row[][] = [];
  let bytes = 0;
  for (const row of rows) {
    const part = parts.at(-1);
    bytes += bytesOf(row);
    if (part && part.length < maxRows && bytes <= BYTES_AT_ONCE) part.push(row);
    else {
      parts.push([row]);
      bytes = bytesOf(row);
    }
  }
  return parts;
}

const BYTES_OF_NUMBER = 8;
const bytesOf = (row: Row): number => Object.values(row).reduce((bytes: number, value) => bytes + bytesIn(value), 0);

function bytesIn(value: SqlValue): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.byteLength : BYTES_OF_NUMBER;
}

/** Notes that a copy begins, in a database that holds nothing but the schema. */
async function begin(source: Database, target: Database, from: string): Promise<Progress> {
  if ((await filledTable(source)) === null) throw nothingIn(from);
  const progress: Progress = { from, table: TABLE_NAMES[0] ?? "alarms", after: null };
  await target.transaction(async (queries) => {
    const table = await filledTable(queries);
    if (table) throw new ConfigError([`The target is not empty: it has rows in ${table}. Nothing was changed.`]);
    await saveProgress(queries, progress);
  });
  return progress;
}

/** The first table that holds more than comes with the schema. */
async function filledTable(database: Pick<Database, "all">): Promise<Table | null> {
  for (const table of TABLE_NAMES) {
    const some = table === "numbers" ? "WHERE last_number > 0" : "";
    const [row] = await database.all(`SELECT 1 AS one FROM ${table} ${some} LIMIT 1`);
    if (row) return table;
  }
  return null;
}

/** A misspelt name must not pass for a database with nothing in it. */
export const nothingIn = (from: string): ConfigError =>
  new ConfigError([`There is nothing to move in ${from}: is its name right?`]);

async function readProgress(database: Pick<Database, "all">): Promise<Progress | null> {
  const [row] = await database.all<{ content: string }>("SELECT content FROM facts WHERE name = $1", MOVING);
  return row ? progressSchema.parse(JSON.parse(row.content)) : null;
}

async function saveProgress(queries: Queries, progress: Progress): Promise<void> {
  await queries.run(
    "INSERT INTO facts (name, content) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET content = excluded.content",
    MOVING,
    JSON.stringify(progress),
  );
}
