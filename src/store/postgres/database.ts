import { Pool } from "pg";
import { withDeadline } from "../../lib/time/deadline.ts";
import { ConfigError } from "../../lib/errors.ts";
import type { CommitOptions } from "../sqlite/commits.ts";
import type { Database, SqlValue } from "../sql/database.ts";
import { nameOfDatabase, type PostgresServer, type PostgresSettings, type WritingRight } from "../sql/settings.ts";
import { AwayError, mayPass, ofConnection, reasonOfServer } from "../sql/server-failure.ts";
import { newSessionName, optionsOf } from "./options.ts";
import { createPrimaryFinder } from "./primary.ts";
import { openWritingSession } from "./session.ts";
import { fileBytes, usedBytes } from "./size.ts";
import { queriesOn } from "./statements.ts";
import { Writer } from "./writer.ts";

/** Sessions that read; one more writes. */
const READERS = 4;
/** A server that cannot be heard does not say that a session is over. */
const CLOSE_MS = 2_000;

/** A database on a server. */
export interface PostgresDatabase extends Database {
  /** Looks whether the server is there, for the time in which nothing is stored. */
  look(): Promise<void>;
  /** What its files take of the server's disk. */
  fileBytes(): Promise<number>;
}

/**
 * Opens the program's database on a PostgreSQL server, for this process alone.
 * @param right left out: for a tool, which nobody takes it from
 * @throws ConfigError in words, if that cannot be
 */
export async function openPostgres(
  settings: PostgresSettings,
  options: Omit<CommitOptions, "lockPatienceMs"> = {},
  right: WritingRight | null = null,
): Promise<PostgresDatabase> {
  const name = right?.holder ?? newSessionName("tool");
  const findPrimary = createPrimaryFinder(settings);
  let pool = openPool(settings, settings.servers[0], name);
  const writer = new Writer(async () => {
    const session = await openWritingSession(findPrimary, nameOfDatabase(settings), name, right);
    // After a fail-over those who read are not to go on at the server that was.
    retire(pool);
    pool = openPool(settings, session, name);
    return session;
  }, options);

  async function close(): Promise<void> {
    const late = () => new Error(`not closed after ${CLOSE_MS} ms`);
    await writer.finished();
    await withDeadline(Promise.all([writer.close(), pool.end()]), CLOSE_MS, late).catch(() => undefined);
  }
  try {
    await writer.ping();
  } catch (error) {
    await close();
    throw serverTrouble(settings, error);
  }

  return {
    all: <Row>(sql: string, ...values: SqlValue[]) => queriesOn(pool).all<Row>(sql, ...values),
    // Its server tells of a commit when it is as safe as it is to be.
    transaction: (work, survives = "powerCut", onVisible) => writer.add(work, survives, onVisible && { onVisible }),
    migration: (work) => writer.add(work, "powerCut", { isLong: true }),
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

function openPool(settings: PostgresSettings, server: PostgresServer, name: string): Pool {
  const pool = new Pool({ ...optionsOf(settings, server, "read", name), max: READERS });
  // A session that ends while nobody uses it is replaced by the next.
  pool.on("error", () => undefined);
  return pool;
}

/** Ends a pool as soon as all have read who wait for it: one that is ending leaves them waiting. */
function retire(pool: Pool): void {
  if (pool.waitingCount === 0) void pool.end();
  else pool.once("release", () => retire(pool));
}

function rethrown(error: unknown): never {
  throw ofConnection(error);
}

/**
 * What is to be told of an error at the start, if it is one of the server.
 * @returns any other as it is
 */
export function serverTrouble(settings: PostgresSettings, error: unknown): unknown {
  const reason = reasonOfServer(error);
  if (reason === null) return error;
  const remedy = error instanceof AwayError && error.remedy !== null ? `: ${error.remedy}` : "";
  return new ConfigError([`DATABASE_URL: ${nameOfDatabase(settings)} cannot be used (${reason})${remedy}.`], {
    mayPass: mayPass(error),
  });
}
