import type { Queries, SqlValue } from "./database.ts";
import { together } from "./together.ts";

/** A list of any length is made up of these few, so that few statements are prepared. */
const SIZES = [64, 16, 4, 1] as const;
type Size = (typeof SIZES)[number];

const texts = new Map<string, string>();

/** The text of a statement; made once, as it takes longer than to run it. */
function textOf(key: string, make: () => string): string {
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = make();
  texts.set(key, text);
  return text;
}

/** `($1, $2), ($3, $4)`: so many rows of so many values. */
function places(rows: number, width: number): string {
  const row = (first: number): string => `(${Array.from({ length: width }, (_, i) => `$${first + i}`).join(", ")})`;
  return Array.from({ length: rows }, (_, i) => row(1 + i * width)).join(", ");
}

/** Cuts a list into parts of the usual sizes. */
function* parts<T>(list: readonly T[]): Generator<readonly T[]> {
  let done = 0;
  for (const size of SIZES) for (; list.length - done >= size; done += size) yield list.slice(done, done + size);
}

/**
 * Writes rows of equal width in few statements.
 * @param head all before the rows, as `INSERT INTO facts (name, content) VALUES`
 * @param tail what follows them, as `ON CONFLICT …`; may use neither values nor `$1`
 */
export async function writeRows(
  queries: Pick<Queries, "run">,
  head: string,
  rows: readonly (readonly SqlValue[])[],
  tail = "",
): Promise<void> {
  const width = rows[0]?.length ?? 0;
  // None waits for the answer to another.
  const writes = [...parts(rows)].map((part) => {
    const sql = textOf(`${part.length} ${head} ${tail}`, () => `${head} ${places(part.length, width)} ${tail}`);
    return queries.run(sql, ...part.flat());
  });
  await together(writes);
}

/** A statement for each part of a list of keys, and its values. */
function* ofKeys(head: string, keys: readonly SqlValue[]): Generator<readonly [sql: string, ...values: SqlValue[]]> {
  for (let done = 0; done < keys.length; done += SIZES[0]) {
    const part = keys.slice(done, done + SIZES[0]);
    const size: Size = SIZES.findLast((each) => each >= part.length) ?? SIZES[0];
    const sql = textOf(`${size} ${head}`, () => `${head} ${places(1, size)}`);
    // Which key fills it up makes no difference.
    yield [sql, ...part, ...Array<SqlValue>(size - part.length).fill(part[0] ?? null)];
  }
}

/**
 * Reads what belongs to any of these keys.
 * @param head all before the list, as `SELECT * FROM facts WHERE name IN`
 */
export async function readRowsOf<Row>(
  queries: Pick<Queries, "all">,
  head: string,
  keys: readonly SqlValue[],
): Promise<Row[]> {
  return (await together([...ofKeys(head, keys)].map((read) => queries.all<Row>(...read)))).flat();
}

/**
 * Changes or deletes what belongs to any of these keys.
 * @param head all before the list, as `DELETE FROM facts WHERE name IN`
 * @returns how many rows
 */
export async function changeRowsOf(
  queries: Pick<Queries, "run">,
  head: string,
  keys: readonly SqlValue[],
): Promise<number> {
  const counts = await together([...ofKeys(head, keys)].map((change) => queries.run(...change)));
  return counts.reduce((sum, count) => sum + count, 0);
}
