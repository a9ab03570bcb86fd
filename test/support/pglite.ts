import { PGlite } from "@electric-sql/pglite";
import { inWordsOfPostgres, withoutNul } from "../../src/store/postgres/statements.ts";
import type { Database, Queries, SqlValue } from "../../src/store/sql/database.ts";

/** A real PostgreSQL in this process, behind the store's contract: proves that PostgreSQL takes our SQL as it is. */
export async function openPglite(): Promise<Database> {
  const postgres = await PGlite.create();
  type Client = Pick<typeof postgres, "query">;
  const queriesOf = (client: Client): Queries => ({
    async all<Row>(sql: string, ...values: SqlValue[]) {
      return (await client.query<Row>(sql, values.map(withoutNul))).rows;
    },
    async run(sql, ...values) {
      return (await client.query(inWordsOfPostgres(sql), values.map(withoutNul))).affectedRows ?? 0;
    },
  });
  return {
    all: queriesOf(postgres).all,
    async transaction(work, _survives, onVisible) {
      const result = await postgres.transaction((client) => work(queriesOf(client as Client)));
      onVisible?.(result);
      return result;
    },
    migration: (work) => postgres.transaction((client) => work(queriesOf(client as Client))),
    compact: async () => undefined,
    async usedBytes() {
      const { rows } = await postgres.query<{ bytes: number }>("SELECT pg_database_size(current_database()) AS bytes");
      return rows[0]?.bytes ?? 0;
    },
    rebuild: async () => undefined,
    close: () => postgres.close(),
  };
}
