import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Queries, SqlValue } from "../sql/database.ts";

/** A statement, and a row of it without values. */
interface Prepared {
  readonly statement: StatementSync;
  readonly columns: readonly string[];
  readonly empty: Readonly<Record<string, null>>;
}

/** What does leaves other columns to those that were prepared before. */
const CHANGES_TABLES = /^\s*(?:CREATE|ALTER|DROP)\b/;

/** Statements on a connection, each prepared once. An error of one is the promise's, as with a database behind a socket. */
export function statementsOn(sqlite: DatabaseSync): Queries {
  const statements = new Map<string, Prepared>();
  function prepare(sql: string): Prepared {
    const known = statements.get(sql);
    if (known) return known;
    const statement = sqlite.prepare(inSqlite(sql));
    statement.setReturnArrays(true);
    const columns = statement.columns().map(({ name }) => name);
    const prepared = { statement, columns, empty: Object.fromEntries(columns.map((name) => [name, null])) };
    if (CHANGES_TABLES.test(sql)) statements.clear();
    else statements.set(sql, prepared);
    return prepared;
  }
  return {
    async all<Row>(sql: string, ...values: SqlValue[]) {
      const prepared = prepare(sql);
      // As it is told to, it returns arrays.
      const rows = prepared.statement.all(...values) as unknown as SqlValue[][];
      return rows.map((row) => named(row, prepared)) as Row[];
    },
    async run(sql, ...values) {
      return Number(prepare(sql).statement.run(...values).changes);
    },
  };
}

/** Objects of the binding would be dictionaries, in which V8 looks for each name anew; copies of one object are not. */
function named(values: readonly SqlValue[], { columns, empty }: Prepared): Record<string, SqlValue> {
  const row: Record<string, SqlValue> = { ...empty };
  let i = 0;
  for (const name of columns) row[name] = values[i++] ?? null;
  return row;
}

/**
 * SQLite numbers its parameters with `?1` where PostgreSQL writes `$1`. Each number is looked for when a value is bound, which takes most of
 * the time of an insert of many rows; those that stand in their order need none.
 */
function inSqlite(sql: string): string {
  const isInOrder = [...sql.matchAll(/\$(\d+)/g)].every(([, number], i) => Number(number) === i + 1);
  return sql.replace(/\$(\d+)/g, isInOrder ? "?" : "?$1");
}
