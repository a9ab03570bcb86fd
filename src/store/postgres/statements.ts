import type { ClientBase, Pool, QueryResult } from "pg";
import type { Queries, SqlValue } from "../sql/database.ts";
import { ofConnection } from "../sql/server-failure.ts";

/** Statements of so many kinds stay prepared; those of lists of any length are never done. */
const MAX_PREPARED = 500;
/** What has a plan worth keeping. */
const HAS_PLAN = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i;

/** The names under which statements are prepared, the same in each session. */
const names = new Map<string, string>();

function nameOf(sql: string): string | undefined {
  const known = names.get(sql);
  if (known !== undefined || names.size >= MAX_PREPARED || !HAS_PLAN.test(sql)) return known;
  const name = `s${names.size}`;
  names.set(sql, name);
  return name;
}

/** PostgreSQL's text holds no NUL, which is none in a message of a plant either: its sign stands for it. */
export const withoutNul = (value: SqlValue): SqlValue =>
  typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\u2400") : value;

/**
 * Tables are made in SQLite's words, where an INTEGER has 64 bits: here it has 32, too few for the id of a group in Telegram. A row that
 * changes is written anew: where there is room beside it, and it is in the same places of its indexes, they stay as they are.
 */
export const inWordsOfPostgres = (sql: string): string =>
  HAS_PLAN.test(sql)
    ? sql
    : sql.replaceAll(/\bINTEGER\b/g, "BIGINT").replace("/* rows change often */", "WITH (fillfactor = 50)");

/**
 * Runs statements on a session, or on whichever of a pool is free.
 * @param answerMs how long an answer is waited for, if not as long as usual
 */
export function queriesOn(client: Pool | ClientBase, answerMs?: number): Queries {
  const query = async <Row extends object>(sql: string, values: readonly SqlValue[]): Promise<QueryResult<Row>> => {
    const name = nameOf(sql);
    const prepared = name === undefined ? {} : { name };
    const limit = answerMs === undefined ? {} : { query_timeout: answerMs };
    const asked = { ...prepared, ...limit, text: inWordsOfPostgres(sql), values: values.map(withoutNul) };
    return client.query<Row>(asked).catch((error: unknown) => {
      throw ofConnection(error);
    });
  };
  return {
    all: async <Row>(sql: string, ...values: SqlValue[]) => (await query<Row & object>(sql, values)).rows,
    run: async (sql, ...values) => (await query(sql, values)).rowCount ?? 0,
  };
}
