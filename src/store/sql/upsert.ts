import type { Queries, SqlValue } from "./database.ts";
import { writeRows } from "./rows.ts";
import { together } from "./together.ts";

/** How rows of a table are kept, those that are new and those that take the place of what is there. */
export interface Upsert {
  /** The values of a row that was read, in the order of those to be written: those of the key, what is fixed, those in indexes, the others. */
  valuesOf(row: Readonly<Record<string, SqlValue>>): readonly SqlValue[];
  /**
   * Writes rows.
   * @param formerOf the row that is there, in the same order; `undefined`: there is none, or nobody knows
   */
  write(
    queries: Queries,
    rows: readonly (readonly SqlValue[])[],
    formerOf: (row: readonly SqlValue[]) => readonly SqlValue[] | undefined,
  ): Promise<void>;
}

/**
 * An index is touched by whatever sets one of its columns, even to what it was: so columns in indexes are set only where one of
 * them differs. Most changes leave them all as they are.
 */
export function createUpsert(table: {
  readonly name: string;
  readonly key: readonly string[];
  /** What never changes. */
  readonly fixed?: readonly string[];
  readonly indexed: readonly string[];
  readonly others: readonly string[];
  /** Those of the others in which 0 leaves what is there. */
  readonly lasting?: readonly string[];
}): Upsert {
  const { name, key, fixed = [], indexed, others, lasting = [] } = table;
  const columns = [...key, ...fixed, ...indexed, ...others];
  const head = `INSERT INTO ${name} (${columns.join(", ")}) VALUES`;
  const valueOf = (column: string): string =>
    lasting.includes(column)
      ? `CASE WHEN excluded.${column} <> 0 THEN excluded.${column} ELSE ${name}.${column} END`
      : `excluded.${column}`;
  const tailOf = (set: readonly string[]): string =>
    `ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${set.map((column) => `${column} = ${valueOf(column)}`).join(", ")}`;
  const [all, some] = [tailOf([...indexed, ...others]), tailOf(others)];
  const begin = key.length + fixed.length;
  const end = begin + indexed.length;

  return {
    valuesOf: (row) => columns.map((column) => row[column] ?? null),
    async write(queries, rows, formerOf) {
      const moved: (readonly SqlValue[])[] = [];
      const resting: (readonly SqlValue[])[] = [];
      for (const row of rows) {
        const former = formerOf(row);
        const isResting = former !== undefined && isSameRow(row, former, begin, end);
        (isResting ? resting : moved).push(row);
      }
      await together([writeRows(queries, head, moved, all), writeRows(queries, head, resting, some)]);
    },
  };
}

/** Whether two rows have the same values, from one column to another. */
export function isSameRow(a: readonly SqlValue[], b: readonly SqlValue[], from = 0, to = a.length): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false;
  return true;
}
