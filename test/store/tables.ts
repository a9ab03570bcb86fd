import type { Database } from "../../src/store/sql/database.ts";
import { TABLE_NAMES } from "../../src/store/sql/tables.ts";

/** Empties a database, so that each test begins with the schema. Making it anew takes a hundred times as long. */
export async function emptyTables(database: Database): Promise<void> {
  const emptied = database.transaction(async ({ run }) => {
    for (const table of TABLE_NAMES) await run(`DELETE FROM ${table}`);
  });
  await emptied.catch(() => dropTables(database));
}

/** Leaves nothing, as for what an older schema was. */
export async function dropTables(database: Database): Promise<void> {
  await database.transaction(async ({ run }) => {
    for (const table of [...TABLE_NAMES, "schema_version"]) await run(`DROP TABLE IF EXISTS ${table}`);
  });
}
