import { z } from "zod";
import { calledAs, ConfigError } from "../lib/errors.ts";
import {
  contentOf,
  insertMovedRows,
  keyOfRow,
  MOVING,
  pagesOf,
  type MovedRow,
  type TableContent,
} from "./move-rows.ts";
import type { Database, Queries } from "./sql/database.ts";
import { migrate } from "./schema.ts";
import { TABLE_NAMES, type Table } from "./sql/tables.ts";

/** What was moved of a table. */
export interface MovedTable extends TableContent {
  readonly table: Table;
}

const progressSchema = z.object({
  from: z.string(),
  table: z.enum(TABLE_NAMES),
  after: z
    .array(z.union([z.string(), z.number()]))
    .readonly()
    .nullable(),
});
type Progress = z.infer<typeof progressSchema>;

/** @throws ConfigError where a move into this database did not come to its end */
export async function ensureWhole(database: Pick<Database, "all">): Promise<void> {
  const progress = await readProgress(database);
  if (progress === null) return;
  throw new ConfigError([
    `DATABASE_URL: the database is filled in part only: let npm run move-store finish (from ${progress.from}), or begin with an empty one.`,
  ]);
}

/**
 * Copies everything from one database into another one that is empty, and compares. If it is ended before, the same again goes on
 * where it was.
 * @param options.from, options.to what people call them: another first one does not go on with the copy
 * @param options.onTable tells of each table that is copied and the same in both
 * @throws ConfigError if the target holds anything else, or the first one nothing
 */
export async function moveStore(
  source: Database,
  target: Database,
  options: { readonly from: string; readonly to?: string; readonly onTable?: (moved: MovedTable) => void },
): Promise<void> {
  await calledAs(options.from, "DATABASE_URL", async () => {
    await migrate(source);
    await ensureWhole(source);
  });
  await calledAs(options.to ?? "the target", "DATABASE_URL", () => migrate(target));
  const begun = (await readProgress(target)) ?? (await begin(source, target, options.from));
  if (begun.from !== options.from) {
    throw new ConfigError([
      `The target is filled in part from ${begun.from}: go on from there, or begin with an empty one.`,
    ]);
  }
  for (const table of TABLE_NAMES.slice(TABLE_NAMES.indexOf(begun.table))) {
    const after = table === begun.table ? begun.after : null;
    for await (const rows of pagesOf(source, table, after)) {
      await target.transaction(async (queries) => {
        if (table === "numbers") await deleteNumbers(queries, rows);
        await insertMovedRows(queries, table, rows);
        await saveProgress(queries, { from: options.from, table, after: keyOfRow(table, rows.at(-1)) });
      });
    }
  }
  for (const table of TABLE_NAMES) {
    const [before, now] = [await contentOf(source, table), await contentOf(target, table)];
    if (before.rows !== now.rows || before.checksum !== now.checksum) {
      throw new ConfigError([
        `${table} has ${before.rows} rows (${before.checksum}), and its copy ${now.rows} (${now.checksum}): was it changed meanwhile? Begin with an empty target.`,
      ]);
    }
    options.onTable?.({ table, ...now });
  }
  await target.transaction((queries) => queries.run("DELETE FROM facts WHERE name = $1", MOVING));
}

/** They come with the schema, each at its beginning. */
async function deleteNumbers({ run }: Queries, rows: readonly MovedRow[]): Promise<void> {
  for (const { name } of rows) await run("DELETE FROM numbers WHERE name = $1", name ?? null);
}

/** Notes that a copy begins, in a database that holds nothing but the schema. */
async function begin(source: Database, target: Database, from: string): Promise<Progress> {
  if ((await filledTable(source)) === null) throw nothingIn(from);
  const progress: Progress = { from, table: TABLE_NAMES[0] ?? "alarms", after: null };
  await target.transaction(async (queries) => {
    const table = await filledTable(queries);
    if (table) throw new ConfigError([`The target is not empty: it has rows in ${table}. Nothing was changed.`]);
    await saveProgress(queries, progress);
  });
  return progress;
}

/** The first table that holds more than comes with the schema. */
async function filledTable(database: Pick<Database, "all">): Promise<Table | null> {
  for (const table of TABLE_NAMES) {
    const some = table === "numbers" ? "WHERE last_number > 0" : "";
    const [row] = await database.all(`SELECT 1 AS one FROM ${table} ${some} LIMIT 1`);
    if (row) return table;
  }
  return null;
}

/** A misspelt name must not pass for a database with nothing in it. */
export const nothingIn = (from: string): ConfigError =>
  new ConfigError([`There is nothing to move in ${from}: is its name right?`]);

async function readProgress(database: Pick<Database, "all">): Promise<Progress | null> {
  const [row] = await database.all<{ content: string }>("SELECT content FROM facts WHERE name = $1", MOVING);
  return row ? progressSchema.parse(JSON.parse(row.content)) : null;
}

async function saveProgress(queries: Queries, progress: Progress): Promise<void> {
  await queries.run(
    "INSERT INTO facts (name, content) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET content = excluded.content",
    MOVING,
    JSON.stringify(progress),
  );
}
