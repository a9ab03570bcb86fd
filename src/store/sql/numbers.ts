import type { Queries } from "./database.ts";

/** What has a number for life, and the table of each. */
const TABLES = {
  action: "actions",
  alarm: "alarms",
  audit: "audit",
  board: "boards",
  decision: "decisions",
  event: "events",
  invitation: "invitations",
  outbox: "outbox",
  person: "people",
  route: "routes",
} as const;
type Numbered = keyof typeof TABLES;

/**
 * Gives out the next number of a kind, from 1 on. None is given out twice, also after what had it is forgotten and the program was started
 * anew: buttons, links and people's memories name things by their numbers. It holds with the transaction, or never was.
 */
export async function nextNumber(queries: Queries, of: Numbered): Promise<number> {
  const [row] = await queries.all<{ last_number: number }>(
    "UPDATE numbers SET last_number = last_number + 1 WHERE name = $1 RETURNING last_number",
    of,
  );
  if (!row) throw new Error(`nothing is known of the numbers of ${of}`);
  return row.last_number;
}

/** Gives out the next number of a kind to a statement that follows in the same transaction, and names it by `newestNumber`. */
export async function takeNumber(queries: Queries, of: Numbered): Promise<void> {
  const taken = await queries.run("UPDATE numbers SET last_number = last_number + 1 WHERE name = $1", of);
  if (taken === 0) throw new Error(`nothing is known of the numbers of ${of}`);
}

/** The highest number of a kind, as a value in SQL. */
export const newestNumber = (of: Numbered): string => `(SELECT last_number FROM numbers WHERE name = '${of}')`;

/** The highest number of a kind that was ever given out, which is how many there ever were; 0: none was. */
export async function lastNumber(queries: Pick<Queries, "all">, of: Numbered): Promise<number> {
  const [row] = await queries.all<{ last_number: number }>("SELECT last_number FROM numbers WHERE name = $1", of);
  return row?.last_number ?? 0;
}

/** Notes that the numbers up to this one are given out, for a transaction that gives out many. */
export async function saveLastNumber(queries: Queries, of: Numbered, last: number): Promise<void> {
  await queries.run("UPDATE numbers SET last_number = $2 WHERE name = $1", of, last);
}

/** What buttons and people name by a number. */
export const NAMED_BY_NUMBER = ["alarm", "board", "person", "route"] as const satisfies readonly Numbered[];
/** The highest number of each that was given out. */
export type LastNumbers = Readonly<Record<(typeof NAMED_BY_NUMBER)[number], number>>;

/** The highest numbers that were given out, as far as the database knows. */
export async function lastNumbers(queries: Pick<Queries, "all">): Promise<LastNumbers> {
  const rows = await queries.all<{ name: string; last_number: number }>("SELECT name, last_number FROM numbers");
  const of = (name: string): number => rows.find((row) => row.name === name)?.last_number ?? 0;
  return { alarm: of("alarm"), board: of("board"), person: of("person"), route: of("route") };
}

/** People see that something begins anew, and what is not known to have been given out has room below. */
const STEP = 1_000;

/** Continues numbering above what others have seen, from the next thousand on. Where this database gave out more, nothing changes. */
export async function goOnAbove(queries: Queries, seen: LastNumbers): Promise<void> {
  for (const name of NAMED_BY_NUMBER) {
    const above = Math.ceil((seen[name] + 1) / STEP) * STEP;
    await queries.run(
      "UPDATE numbers SET last_number = $2 WHERE name = $1 AND last_number < $3",
      name,
      above,
      seen[name],
    );
  }
}

/** Sets the counters by the rows that are there, for databases that had no counters, or rows that were written by hand. */
export async function countOn(queries: Queries): Promise<void> {
  for (const [name, table] of Object.entries(TABLES)) {
    await queries.run(
      `INSERT INTO numbers (name, last_number) SELECT '${name}', COALESCE(MAX(id), 0) FROM ${table} WHERE true
       ON CONFLICT (name) DO UPDATE SET last_number = excluded.last_number
       WHERE excluded.last_number > numbers.last_number`,
    );
  }
}
