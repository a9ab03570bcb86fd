import type { Database, Queries } from "./database.ts";

/** The few things that one run must know of the one before it, each under a name. */
export interface KeyValue {
  /** What was kept under a name; `null` if nothing was. */
  read(name: string): Promise<unknown>;
  /** Keeps something that JSON can hold. */
  write(name: string, content: unknown): Promise<void>;
}

/** The facts in the database. */
export function createKeyValue(database: Database): KeyValue {
  return {
    read: (name) => readValue(database, name),
    async write(name, content) {
      // After a power cut the one before does as well.
      await database.transaction((queries) => writeValue(queries, name, content), "crash");
    },
  };
}

/** What was kept under a name; `null` if nothing was. */
export async function readValue(queries: Pick<Queries, "all">, name: string): Promise<unknown> {
  const [row] = await queries.all<{ content: string }>("SELECT content FROM facts WHERE name = $1", name);
  if (!row) return null;
  const content: unknown = JSON.parse(row.content);
  return content;
}

/** Keeps something under a name, in a transaction that is under way. */
export const writeValue = (queries: Queries, name: string, content: unknown): Promise<unknown> =>
  queries.run(
    `INSERT INTO facts (name, content) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET content = excluded.content`,
    name,
    JSON.stringify(content),
  );
