import { DatabaseSync } from "node:sqlite";
import type { Client } from "pg";
import { must } from "../../lib/must.ts";
import type { Queries, SqlValue } from "../sql/database.ts";
import type { DatabaseSettings, PostgresSettings } from "../sql/settings.ts";

/** A connection that only reads, for another thread than the one that writes. */
interface ApartReader extends Pick<Queries, "all"> {
  close(): Promise<void>;
}

/** A server packs the events of as many steps at once; where it has no room for so many sessions, one does. */
export const READING_SESSIONS = 2;
/** Such moments in which another program empties the log. */
const PATIENCE_MS = 2_000;

/** The settings for another thread, which may take what it is handed. */
export function settingsApart(settings: DatabaseSettings): DatabaseSettings {
  if (settings.kind === "file" || settings.tls === null) return settings;
  const { ca } = settings.tls;
  return { ...settings, tls: { ...settings.tls, ca: ca === null ? null : Buffer.from(ca) } };
}

/** Opens one; the program's own connection stays open all the while. */
export const openReaderApart = (settings: DatabaseSettings): Promise<ApartReader> =>
  settings.kind === "file" ? readFile(settings.path) : readServer(settings);

async function readFile(path: string): Promise<ApartReader> {
  const sqlite = new DatabaseSync(path, { readOnly: true, timeout: PATIENCE_MS });
  return {
    async all<Row>(sql: string, ...values: SqlValue[]) {
      return sqlite.prepare(sql.replaceAll(/\$(\d+)/g, "?$1")).all(...values) as Row[];
    },
    close: async () => sqlite.close(),
  };
}

async function readServer(given: PostgresSettings): Promise<ApartReader> {
  // Whoever keeps all in a file needs no driver.
  const [{ createPrimaryFinder }, { newSessionName }, { queriesOn }] = await Promise.all([
    import("../postgres/primary.ts"),
    import("../postgres/options.ts"),
    import("../postgres/statements.ts"),
  ]);
  // What comes from another thread is plain bytes.
  const tls = given.tls && { ...given.tls, ca: given.tls.ca && Buffer.from(given.tls.ca) };
  const open = createPrimaryFinder({ ...given, tls });
  const openOne = async (): Promise<Client> => {
    const client = await open(newSessionName("tool"));
    try {
      // A plan for any numbers reads all events for each few of them.
      await client.query("SET plan_cache_mode = force_custom_plan");
      return client;
    } catch (error) {
      await client.end();
      throw error;
    }
  };
  const first = await openOne();
  const others = await Promise.allSettled(Array.from({ length: READING_SESSIONS - 1 }, openOne));
  const clients = [first, ...others.flatMap((other) => (other.status === "fulfilled" ? [other.value] : []))];
  const sessions = clients.map((client) => queriesOn(client));
  let turn = 0;
  return {
    all: (sql, ...values) => must(sessions[turn++ % sessions.length], "a session").all(sql, ...values),
    close: async () => void (await Promise.all(clients.map((client) => client.end()))),
  };
}
