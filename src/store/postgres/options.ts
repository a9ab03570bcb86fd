import { hostname } from "node:os";
import { randomBytes } from "node:crypto";
import { types as usual, type ClientConfig, type CustomTypesConfig } from "pg";
import type { PostgresServer, PostgresSettings, PostgresTls } from "../settings.ts";

const CONNECT_MS = 5_000;
/** No statement of ours takes so long on a server that is well. */
const STATEMENT_MS = 10_000;
/** A server that does not even say that it took too long is not there any more. */
const ANSWER_MS = 12_000;
/** Between two statements of a transaction nothing is waited for: so long is a program that stands still, and holds its locks. */
const IDLE_MS = 10_000;
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
export function optionsOf(
  settings: PostgresSettings,
  { host, port }: PostgresServer,
  purpose: "read" | "write",
  name: string,
): ClientConfig {
  const { user, database, password, tls } = settings;
  const parameters = {
    // What is dead is known in seconds, and frees the lock.
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 2,
    tcp_keepalives_count: 3,
    // Each statement of ours has its index. What is prepared while a table is empty is planned to read all of it, and stays so for a minute
    // and more, until the server has looked at the table anew; and none is worth compiling.
    enable_seqscan: "off",
    jit: "off",
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
