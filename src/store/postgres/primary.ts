import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { addressOf, type PostgresServer, type PostgresSettings } from "../sql/settings.ts";
import { AwayError, mayPass, ofConnection, reasonOfServer } from "../sql/server-failure.ts";
import { optionsOf, type SessionDeadlines } from "./options.ts";

/** The oldest that is looked after, and that the tests run on. */
const OLDEST_VERSION = 15;
/** So long the others may take to answer once one has said that it takes writes. */
const OTHERS_MS = 2_000;
/** Counts the promotions that led to what a server holds; the names of its log's files begin with it. */
const TIMELINE =
  "CASE WHEN pg_is_in_recovery() THEN 0 ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END";

/** Opens a session on the server that takes writes, under a name (see `newSessionName`). */
export type PrimaryFinder = (name: string) => Promise<Client>;

interface Opened {
  readonly client: Client;
  readonly server: PostgresServer;
  readonly timeline: number;
}

/**
 * Of several servers that take writes, as when a primary comes back that was lost, it is the one that was promoted last; of
 * those alike the first. Once one was found, none that was left behind by its promotion is taken, also while it does not answer itself.
 * @param limits left out: the usual ones
 */
export function createPrimaryFinder(settings: PostgresSettings, limits?: SessionDeadlines): PrimaryFinder {
  let newest = 0;
  return async (name) => {
    const openings = settings.servers.map((server) => openOn(settings, server, name, limits));
    const chosen = await choose(openings, settings.servers);
    const isBehind = chosen.timeline < newest;
    for (const opening of openings) {
      const end = ({ client }: Opened) => {
        if (isBehind || client !== chosen.client) void client.end().catch(() => undefined);
      };
      void opening.then(end, () => undefined);
    }
    if (isBehind) throw leftBehind(chosen.server);
    newest = chosen.timeline;
    return chosen.client;
  };
}

/** @throws AwayError or pg.DatabaseError, if none takes writes */
async function choose(openings: readonly Promise<Opened>[], servers: readonly PostgresServer[]): Promise<Opened> {
  const opened: Opened[] = [];
  const arrivals = openings.map(async (opening, i) => {
    opened[i] = await opening;
  });
  const all = Promise.allSettled(arrivals);
  const isFound = await Promise.any(arrivals).then(
    () => true,
    () => false,
  );
  if (isFound) await Promise.race([all, delay(OTHERS_MS, undefined, { ref: false })]);
  const [best] = Object.values(opened).sort((a, b) => b.timeline - a.timeline);
  if (best) return best;
  const reasons = (await all).flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
  throw noneOf(servers, reasons);
}

async function openOn(
  settings: PostgresSettings,
  server: PostgresServer,
  name: string,
  limits?: SessionDeadlines,
): Promise<Opened> {
  const client = new Client(optionsOf(settings, server, "write", name, limits));
  // Whoever waits for an answer is told; the end of an idle session shows at its next use.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return { client, server, timeline: await checkServer(client, settings.servers.length > 1) };
  } catch (error) {
    void client.end().catch(() => undefined);
    throw ofConnection(error);
  }
}

/** @returns its timeline */
async function checkServer(client: Client, isOneOfSeveral: boolean): Promise<number> {
  interface Server {
    readonly version: string;
    readonly encoding: string;
    readonly is_read_only: boolean;
    readonly schema: string | null;
    readonly timeline: number;
  }
  const { rows } = await client.query<Server>(
    `SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
       current_setting('transaction_read_only') = 'on' AS is_read_only, current_schema() AS schema,
       ${isOneOfSeveral ? TIMELINE : 0} AS timeline`,
  );
  const [server] = rows;
  if (!server) throw new AwayError("the server does not say what it is");
  const { version, encoding, is_read_only: isReadOnly, schema, timeline } = server;
  if (Number.parseInt(version, 10) < OLDEST_VERSION) {
    throw new AwayError(`it is PostgreSQL ${version}, and Valvomo needs ${OLDEST_VERSION} or newer`, {
      mayPass: false,
    });
  }
  if (encoding !== "UTF8") {
    const remedy = "Make it with ENCODING 'UTF8' TEMPLATE template0";
    throw new AwayError(`the database’s encoding is ${encoding}, not UTF8`, { remedy, mayPass: false });
  }
  if (schema === null) throw new AwayError("the search_path of this user names no schema", { mayPass: false });
  if (isReadOnly) {
    const remedy = "Let DATABASE_URL lead to the server that takes writes";
    throw new AwayError("PostgreSQL is read-only, as a standby is", { remedy });
  }
  return timeline;
}

/** What is in the way at each of several servers, in one sentence. */
function noneOf(servers: readonly PostgresServer[], errors: readonly unknown[]): unknown {
  const reasons = errors.map((error) => reasonOfServer(error));
  if (servers.length === 1 || reasons.includes(null)) return errors[reasons.indexOf(null)] ?? errors[0];
  return new AwayError(servers.map((server, i) => `${addressOf(server)}: ${reasons[i]}`).join("; "), {
    mayPass: errors.some(mayPass),
  });
}

const leftBehind = (server: PostgresServer): AwayError =>
  new AwayError(`${addressOf(server)} takes writes, and lacks what was stored since another was promoted`, {
    remedy: "See to the one that was promoted, and let this one follow it (pg_rewind)",
  });
