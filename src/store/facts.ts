import type { Database } from "./database.ts";

/** The few things that one run must know of the one before it, each under a name. */
export interface Facts {
  /** What was kept under a name; `null` if nothing was. */
  read(name: string): Promise<unknown>;
  /** Keeps something that JSON can hold. */
  write(name: string, content: unknown): Promise<void>;
}

/** The facts in the database. */
export function createFacts(database: Database): Facts {
  return {
    async read(name) {
      const [row] = await database.all<{ content: string }>("SELECT content FROM facts WHERE name = $1", name);
      return row ? (JSON.parse(row.content) as unknown) : null;
    },
    async write(name, content) {
      // After a power cut the one before does as well.
      await database.transaction(
        (queries) =>
          queries.run(
            `INSERT INTO facts (name, content) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET content = excluded.content`,
            name,
            JSON.stringify(content),
          ),
        "crash",
      );
    },
  };
}
