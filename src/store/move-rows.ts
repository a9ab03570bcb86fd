import { createHash } from "node:crypto";
import type { Database, Queries, SqlValue } from "./sql/database.ts";
import { TABLES, type Table } from "./sql/tables.ts";

/** What a table holds, whatever the order of its rows. */
export interface TableContent {
  readonly rows: number;
  /** Of all rows, in hexadecimal. */
  readonly checksum: string;
}

/** A row, by the names of its columns. */
export type MovedRow = Readonly<Record<string, SqlValue>>;

/** Where a row stands in the order of its table. */
export type Key = readonly (string | number)[];

/** The fact by which a database is known that is not filled yet: where from, and up to where. */
export const MOVING = "moving";
/** In one transaction. */
const ROWS_AT_ONCE = 100;
/** Written in one statement, and read in one as far as that can be foreseen: recordings have up to some hundred kilobytes each. */
const BYTES_AT_ONCE = 1_000_000;
/** Both databases take more. */
const MAX_VALUES = 10_000;
const CHECKSUM_BITS = 64;

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
function canonical(row: MovedRow): string {
  const cells = Object.entries(row).map(([column, value]) => [column, plain(value)] as const);
  return JSON.stringify(cells.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function plain(value: SqlValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  // PostgreSQL holds none.
  return typeof value === "string" ? value.replaceAll("\0", "\u2400") : value;
}

/** The rows of a table in the order of its key, behind one of them. */
export async function* pagesOf(
  database: Pick<Database, "all">,
  table: Table,
  after: Key | null,
): AsyncGenerator<readonly MovedRow[]> {
  const key = TABLES[table].join(", ");
  // How large rows are shows with the first.
  let largest = BYTES_AT_ONCE;
  for (let last = after; ;) {
    const limit = Math.min(Math.max(Math.floor(BYTES_AT_ONCE / largest), 1), ROWS_AT_ONCE);
    const behind = last === null ? "" : `WHERE (${key}) > (${last.map((__, i) => `$${i + 1}`).join(", ")})`;
    const sql = `SELECT * FROM ${table} ${behind} ORDER BY ${key} LIMIT ${limit}`;
    const page = await database.all<MovedRow>(sql, ...(last ?? []));
    if (page.length === 0) return;
    last = keyOfRow(table, page.at(-1));
    largest = Math.max(...page.map(bytesOf));
    const rows = table === "facts" ? page.filter(({ name }) => name !== MOVING) : page;
    if (rows.length > 0) yield rows;
  }
}

/** Where a row stands. */
export function keyOfRow(table: Table, row: MovedRow | undefined): Key {
  return TABLES[table].map((column) => {
    const value = row?.[column];
    if (typeof value === "string" || typeof value === "number") return value;
    throw new Error(`a row of ${table} has no ${column}`);
  });
}

/** Writes rows of one table. */
export async function insertMovedRows(queries: Queries, table: Table, rows: readonly MovedRow[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  for (const some of inParts(rows, Math.floor(MAX_VALUES / columns.length))) {
    const lists = some.map((__, i) => `(${columns.map((___, j) => `$${i * columns.length + j + 1}`).join(", ")})`);
    const values = some.flatMap((row) => columns.map((column) => row[column] ?? null));
    await queries.run(`INSERT INTO ${table} (${columns.join(", ")}) VALUES ${lists.join(", ")}`, ...values);
  }
}

/** What goes into one statement each: so many rows and bytes at most, but always one row. */
function inParts(rows: readonly MovedRow[], maxRows: number): readonly (readonly MovedRow[])[] {
  const parts: MovedRow[][] = [];
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
const bytesOf = (row: MovedRow): number =>
  Object.values(row).reduce((bytes: number, value) => bytes + bytesIn(value), 0);

function bytesIn(value: SqlValue): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.byteLength : BYTES_OF_NUMBER;
}
