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

/** Empties a database, so that each test begins with the schema. */
export async function dropTables(database: Database): Promise<void> {
  for (const table of TABLES) await database.transaction((queries) => queries.run(`DROP TABLE IF EXISTS ${table}`));
}
