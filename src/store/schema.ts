import { ConfigError } from "../lib/errors.ts";
import type { Database } from "./sql/database.ts";
import { FIRST, HANDLING } from "./schema-first.ts";
import { FINDING, FORGETTING, NEWEST } from "./schema-newest.ts";
import { FEEDS, NUMBERS, PEOPLE } from "./schema-people.ts";
import { countOn } from "./sql/numbers.ts";

/**
 * The tables, as steps from one schema version to the next; a step that is on the main branch is never changed, as some run that.
 * Types are PostgreSQL's; SQLite takes them and stores integers, reals, texts and bytes. `INTEGER PRIMARY KEY` spares SQLite
 * an index; in PostgreSQL it holds two thousand million rows. What is a comment to SQLite, PostgreSQL is told in its own words: see
 * statements.ts.
 */
const STEPS: readonly (readonly string[])[] = [FIRST, HANDLING, FEEDS, PEOPLE, NUMBERS, NEWEST, FORGETTING, FINDING];

/** The newest that this version knows. */
export const NEWEST_SCHEMA = STEPS.length;

/**
 * Brings a database to the newest schema.
 * @param target for tests of what an older Valvomo left: the schema of that one
 * @returns whether it was an older Valvomo's
 * @throws ConfigError if a newer Valvomo has written it
 */
export async function migrate(database: Database, target = STEPS.length): Promise<boolean> {
  return database.migration(async (queries) => {
    await queries.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
    const rows = await queries.all<{ version: number }>("SELECT version FROM schema_version");
    const version = rows[0]?.version ?? 0;
    if (version > STEPS.length) {
      throw new ConfigError([
        `DATABASE_URL: the database has schema ${version}, this Valvomo knows ${STEPS.length}: start the newer Valvomo, or restore a backup.`,
      ]);
    }
    for (const sql of STEPS.slice(version, target).flat()) await queries.run(sql);
    await queries.run("DELETE FROM schema_version");
    await queries.run("INSERT INTO schema_version (version) VALUES ($1)", target);
    if (target === STEPS.length) await countOn(queries);
    return version > 0 && version < target;
  });
}
