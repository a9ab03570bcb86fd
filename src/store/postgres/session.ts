import { hostname } from "node:os";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Client, types as usual, type ClientConfig, type CustomTypesConfig } from "pg";
import { clean } from "../../alarms/text.ts";
import { nameOf, type PostgresSettings, type PostgresTls } from "../settings.ts";
import { AwayError, ofConnection } from "./failure.ts";

/** The oldest that is looked after, and that the tests run on. */
const OLDEST_VERSION = 15;
const CONNECT_MS = 5_000;
/** No statement of ours takes so long on a server that is well. */
const STATEMENT_MS = 10_000;
/** A server that does not even say that it took too long is not there any more. */
const ANSWER_MS = 12_000;
/** Between two statements of a transaction nothing is waited for: so long is a program that stands still, and holds its locks. */
const IDLE_MS = 10_000;
/** So long for one that is just ending, as at a restart. */
const LOCK_PATIENCE_MS = 2_000;
const LOCK_AGAIN_MS = 50;
/** “valv”: of all advisory locks of a database ours is this one, for each schema. */
const LOCK = 0x7661_6c76;
const MAX_NAME_BYTES = 63;

/** https://www.postgresql.org/docs/current/catalog-pg-type.html */
const [INT8, NUMERIC] = [20, 1700];

/**
 * Whole numbers as numbers, as SQLite has them.
 * @throws Error for one that would become another
 */
function toNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond what a number holds exactly`);
  return value;
}

function parserOf(oid: number, format?: string): (value: string) => unknown {
  if (oid === INT8) return toNumber;
  if (oid === NUMERIC) return Number;
  return usual.getTypeParser(oid, format as "text");
}
const types = { getTypeParser: parserOf } as CustomTypesConfig;

/** A name by which sessions of one run are known, also those that the server still takes for alive. */
export const newSessionName = (): string =>
  `valvomo ${randomBytes(4).toString("hex")} ${process.pid} ${hostname()}`.slice(0, MAX_NAME_BYTES);

/**
 * How a session is opened.
 * @param name see `newSessionName`
 */
export function optionsOf(settings: PostgresSettings, purpose: "read" | "write", name: string): ClientConfig {
  const { host, port, user, database, password, tls } = settings;
  const parameters = {
    // What is dead is known in seconds, and frees the lock.
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 2,
    tcp_keepalives_count: 3,
    ...(purpose === "read" ? { default_transaction_read_only: "on" } : {}),
  };
  return {
    host,
    port,
    user,
    database,
    // A function, so that neither PGPASSWORD nor a .pgpass stands in for it.
    password: () => password ?? "",
    ssl: tls === null ? false : tlsOptions(tls),
    options: Object.entries(parameters)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(" "),
    application_name: name,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_MS,
    types,
    pipeline: purpose === "write",
  };
}

function tlsOptions({ ca, proves }: PostgresTls): ClientConfig["ssl"] {
  return {
    ...(ca === null ? {} : { ca: ca.toString() }),
    rejectUnauthorized: proves !== "nothing",
    ...(proves === "host" ? {} : { checkServerIdentity: () => undefined }),
  };
}

/**
 * Opens the one session that writes: on a server that is new enough and takes writes, and with the lock that stands for having
 * the database. It is held until the session ends, however it does.
 * @throws AwayError or pg.DatabaseError
 */
export async function openWritingSession(settings: PostgresSettings, name: string): Promise<Client> {
  const client = new Client(optionsOf(settings, "write", name));
  // Whoever waits for an answer is told; the end of an idle session shows at its next use.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await checkServer(client);
    await takeLock(client, nameOf(settings), name);
    return client;
  } catch (error) {
    void client.end().catch(() => undefined);
    throw ofConnection(error);
  }
}

async function checkServer(client: Client): Promise<void> {
  interface Server {
    readonly version: string;
    readonly encoding: string;
    readonly is_read_only: boolean;
    readonly schema: string | null;
  }
  const { rows } = await client.query<Server>(
    `SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
       current_setting('transaction_read_only') = 'on' AS is_read_only, current_schema() AS schema`,
  );
  const [server] = rows;
  if (!server) throw new AwayError("the server does not say what it is");
  const { version, encoding, is_read_only: isReadOnly, schema } = server;
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
    const remedy = `Let DATABASE_URL lead to the server that takes writes`;
    throw new AwayError("PostgreSQL is read-only, as a standby is", { remedy });
  }
}

interface Holder {
  readonly pid: number;
  readonly name: string | null;
  readonly since: Date;
}

async function takeLock(client: Client, database: string, name: string): Promise<void> {
  for (const givenUpAt = performance.now() + LOCK_PATIENCE_MS; ; await delay(LOCK_AGAIN_MS)) {
    const { rows } = await client.query<{ is_taken: boolean }>(
      "SELECT pg_try_advisory_lock($1::int, hashtext(current_schema())) AS is_taken",
      [LOCK],
    );
    if (rows[0]?.is_taken) return;
    const holder = await holderOf(client);
    const isOurs = holder?.name === name;
    // The server has not noticed the end of the session before this one.
    if (isOurs) await client.query("SELECT pg_terminate_backend($1)", [holder.pid]);
    if (performance.now() >= givenUpAt) throw isOurs ? standsStill(holder) : heldBy(holder, database);
  }
}

async function holderOf(client: Client): Promise<Holder | null> {
  const { rows } = await client.query<Holder>(
    `SELECT pid, application_name AS name, backend_start AS since FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid::bigint = hashtext(current_schema())::bigint & 4294967295
       AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [LOCK],
  );
  return rows[0] ?? null;
}

/** It waits for its disk, say, and hears nobody. */
const standsStill = ({ pid }: Holder): AwayError =>
  new AwayError("PostgreSQL does not end a session of ours that broke off", {
    remedy: `Look at the server’s disk, and at its process ${pid}, which does not end`,
  });

function heldBy(holder: Holder | null, name: string): AwayError {
  const [, process, host] = /^valvomo \w+ (\d+) (.+)$/.exec(holder?.name ?? "") ?? [];
  const since = `${holder?.since.toISOString().slice(0, 16).replace("T", " ") ?? ""} UTC`;
  const who = process === undefined ? "" : ` (process ${process} on ${clean(host ?? "")}, since ${since})`;
  const remedy = "End it first, or give this one its own database and MQTT_CLIENT_ID";
  return new AwayError(`another Valvomo${who} uses ${name}`, { remedy, mayPass: false });
}
