import type { Database, Queries } from "./sql/database.ts";

/** So many rows are looked at in one transaction: nobody waits long for that. */
export const PART = 200;

/** A row as it was looked at; 1: it is to go. */
export interface Looked {
  readonly is_over: number;
}

/** Rows of one kind, and which of them go; `Limits` says what is old. */
export interface Sweep<Row extends Looked, Limits> {
  /** Looks at the next `PART`. @param last the one that was looked at last; `null`: none yet */
  look(queries: Pick<Queries, "all">, last: Row | null, limits: Limits): Promise<readonly Row[]>;
  remove(queries: Queries, over: readonly Row[]): Promise<unknown>;
}

/**
 * Goes through rows in their order: what stays is looked at once, and not again for each part that goes.
 * @returns how many went
 */
export async function sweep<Row extends Looked, Limits>(
  database: Database,
  of: Sweep<Row, Limits>,
  limits: Limits,
): Promise<number> {
  let gone = 0;
  let last: Row | null = null;
  do {
    const from: Row | null = last;
    // Mostly all of them stay, and nobody is kept from writing.
    const rows = await of.look(database, from, limits);
    if (overOf(rows).length > 0)
      gone += await database.transaction(async (queries) => {
        const over = overOf(await of.look(queries, from, limits));
        await of.remove(queries, over);
        return over.length;
      }, "crash");
    last = rows.length < PART ? null : (rows.at(-1) ?? null);
  } while (last !== null);
  return gone;
}

const overOf = <Row extends Looked>(rows: readonly Row[]): Row[] => rows.filter((row) => row.is_over === 1);
