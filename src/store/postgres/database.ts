import { Pool } from "pg";
import { ConfigError } from "../../errors.ts";
import type { CommitOptions } from "../commits.ts";
import type { Database, SqlValue } from "../database.ts";
import { nameOf, type PostgresSettings } from "../settings.ts";
import { AwayError, ofConnection, reasonOfServer, sqlStateOf } from "./failure.ts";
import { newSessionName, openWritingSession, optionsOf } from "./session.ts";
import { fileBytes, usedBytes } from "./size.ts";
import { queriesOn } from "./statements.ts";
import { createWriter } from "./writer.ts";

/** Sessions that read; one more writes. */
const READERS = 4;
/** Nobody waits for an answer longer than for a new session. */
const READER_MS = 5_000;

/** A database on a server. */
export interface PostgresDatabase extends Database {
  /** Looks whether the server is there, for the time in which nothing is stored. */
  look(): Promise<void>;
  /** What its files take of the server's disk. */
  fileBytes(): Promise<number>;
}

/**
 * Opens the program's database on a PostgreSQL server, for this process alone.
 * @throws ConfigError in words, if that cannot be
 */
export async function openPostgres(
  settings: PostgresSettings,
  options: Omit<CommitOptions, "lockPatienceMs"> = {},
): Promise<PostgresDatabase> {
  const name = newSessionName();
  const pool = new Pool({ ...optionsOf(settings, "read", name), max: READERS, connectionTimeoutMillis: READER_MS });
  // A session that ends while nobody uses it is replaced by the next.
  pool.on("error", () => undefined);
  const writer = createWriter(() => openWritingSession(settings, name), options);
  const readers = queriesOn(pool);

  async function close(): Promise<void> {
    await writer.close();
    await pool.end();
  }
  try {
    await writer.ping();
  } catch (error) {
    await close();
    throw serverTrouble(settings, error);
  }

  return {
    all: <Row>(sql: string, ...values: SqlValue[]) => readers.all<Row>(sql, ...values),
    transaction: (work, survives = "powerCut") => writer.add(work, survives),
    migration: (work) => writer.add(work, "powerCut", true),
    // Its autovacuum sees to it.
    compact: async () => undefined,
    async usedBytes() {
      // The server counts what was deleted up to now.
      await writer.add(({ all }) => all("SELECT pg_stat_force_next_flush()"), "crash");
      return usedBytes(pool).catch(rethrown);
    },
    fileBytes: () => fileBytes(pool).catch(rethrown),
    rebuild: async () => undefined,
    // The failure is told by `onFailure`.
    look: () => writer.ping().catch(() => undefined),
    close,
  };
}

function rethrown(error: unknown): never {
  throw ofConnection(error);
}

/** What only a person can mend: login, the name of the database, rights, and what a person set otherwise. */
const IS_FOR_PERSON = /^(28|3D|3F|42)/;

/**
 * What is to be told of an error at the start, if it is one of the server.
 * @returns any other as it is
 */
export function serverTrouble(settings: PostgresSettings, error: unknown): unknown {
  const reason = reasonOfServer(error);
  if (reason === null) return error;
  const mayPass = error instanceof AwayError ? error.mayPass : !IS_FOR_PERSON.test(sqlStateOf(error) ?? "");
  const remedy = error instanceof AwayError && error.remedy !== null ? `: ${error.remedy}` : "";
  return new ConfigError([`DATABASE_URL: ${nameOf(settings)} cannot be used (${reason})${remedy}.`], { mayPass });
}
