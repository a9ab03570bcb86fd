import type { Database } from "../../src/store/database.ts";

/** All tables. */
export const TABLES = [
  "alarms",
  "events",
  "cards",
  "decisions",
  "actions",
  "chats",
  "dialogues",
  "slots",
  "routes",
  "outbox",
  "heartbeats",
  "boards",
  "messages",
  "answers",
  "facts",
  "feed_blocks",
  "people",
  "invitations",
  "audit",
  "numbers",
  "bridge_channels",
  "bridge_entries",
  "bridge_points",
  "bridge_bad",
  "bridge_receipts",
  "recording_series",
  "recording_journal",
  "recording_blocks",
  "members",
  "schema_version",
];

/** Empties a database, so that each test begins with the schema. Making it anew takes a hundred times as long. */
export async function emptyTables(database: Database): Promise<void> {
  const tables = TABLES.filter((table) => table !== "schema_version");
  const emptied = database.transaction(async ({ run }) => {
    for (const table of tables) await run(`DELETE FROM ${table}`);
  });
  await emptied.catch(() => dropTables(database));
}

/** Leaves nothing, as for what an older schema was. */
export async function dropTables(database: Database): Promise<void> {
  await database.transaction(async ({ run }) => {
    for (const table of TABLES) await run(`DROP TABLE IF EXISTS ${table}`);
  });
}
