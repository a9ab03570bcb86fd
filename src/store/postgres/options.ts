import { hostname } from "node:os";
import { randomBytes } from "node:crypto";
import { types as usual, type ClientConfig, type CustomTypesConfig } from "pg";
import type { PostgresServer, PostgresSettings, PostgresTls } from "../sql/settings.ts";

/** How long a session waits for the server. */
export interface SessionDeadlines {
  readonly connectMs: number;
  /** By the server's clock: no statement of ours takes so long on one that is well. */
  readonly statementMs: number;
  /** By ours: a server that does not even say that it took too long is not there any more. */
  readonly answerMs: number;
}
const LIMITS: SessionDeadlines = { connectMs: 5_000, statementMs: 10_000, answerMs: 12_000 };
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

/** How the sessions of those are called who stand by for each other. */
const PROCESS = "valvomo process";

/**
 * A name by which sessions of one run are known, also those that the server still takes for alive.
 * @param kind a tool has the database for itself, and nobody takes it over
 */
export const newSessionName = (kind: "process" | "tool"): string =>
  `valvomo ${kind} ${randomBytes(4).toString("hex")} ${process.pid} ${hostname()}`.slice(0, MAX_NAME_BYTES);

/** Whether a session is of one that others may stand by for. */
export const isOfProcess = (name: string | null): boolean => name?.startsWith(PROCESS) === true;

/**
 * How a session is opened.
 * @param name see `newSessionName`
 */
export function optionsOf(
  settings: PostgresSettings,
  { host, port }: PostgresServer,
  purpose: "read" | "write",
  name: string,
  { connectMs, statementMs, answerMs } = LIMITS,
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
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: answerMs,
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
