import type { Client } from "pg";
import type { PostgresSettings } from "../store/sql/settings.ts";
import { AwayError, ofConnection } from "../store/sql/server-failure.ts";
import { createPrimaryFinder } from "../store/postgres/primary.ts";
import { LEASE_LOCK } from "../store/postgres/session.ts";
import type { LeaseTable, Me, Process, Standing } from "./types.ts";

/** A server that takes longer is as good as away: there are three seconds for all. */
const LIMITS = { connectMs: 1_500, statementMs: 1_000, answerMs: 1_200 };
/** That we are there is written so often. */
const SEEN_EVERY_MS = 1_000;
/** Who is there says so each second. */
const HEARD_MS = 5_000;
/** So long one that fell silent is told of. */
const REMEMBERED_MS = 3_600_000;

/** How far the tables of alarms are is written by who brings them there: store/schema.ts. */
const MAKE = `
  CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS leases (
    role TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    holder_host TEXT NOT NULL,
    holder_pid INTEGER NOT NULL,
    term BIGINT NOT NULL,
    settings TEXT NOT NULL,
    is_alone BOOLEAN NOT NULL,
    is_released BOOLEAN NOT NULL,
    taken_at TIMESTAMPTZ NOT NULL,
    heard_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    former_host TEXT,
    former_pid INTEGER,
    former_heard_at TIMESTAMPTZ,
    former_released BOOLEAN,
    former_alone BOOLEAN
  );
  CREATE TABLE IF NOT EXISTS processes (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    version TEXT NOT NULL,
    schema INTEGER NOT NULL,
    is_active BOOLEAN NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
  )`;

/** Of the tables as they are: one that could not bring them to its own version leaves them to those who know them. */
const SCHEMA = "COALESCE((SELECT MAX(version) FROM schema_version), 0)";

const SEEN = `
  INSERT INTO processes (id, host, pid, version, schema, is_active, started_at, seen_at)
  VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET is_active = excluded.is_active, seen_at = excluded.seen_at`;

const LEASE = `
  SELECT EXTRACT(EPOCH FROM t.now) * 1000 AS now, holder_host AS host, holder_pid AS pid, settings, ${SCHEMA} AS schema,
    EXTRACT(EPOCH FROM expires_at - t.now) * 1000 AS remaining_ms
  FROM (SELECT clock_timestamp() AS now) AS t LEFT JOIN leases ON role = 'active'`;

const PROCESSES = `
  SELECT id, host, pid, version, schema, is_active,
    EXTRACT(EPOCH FROM seen_at) * 1000 AS seen_at,
    seen_at > clock_timestamp() - $2 * INTERVAL '1 millisecond' AS is_heard,
    EXISTS (SELECT 1 FROM processes AS later WHERE later.started_at > p.seen_at) AS is_replaced
  FROM processes AS p WHERE seen_at > clock_timestamp() - $3 * INTERVAL '1 millisecond'
  ORDER BY id <> $1, is_active DESC, host, pid`;

/** Whether nobody stands by. One that was active stands by only after a new start. */
const aloneAmong = (heardMs: string): string => `NOT EXISTS (
      SELECT 1 FROM processes
      WHERE id <> $1 AND NOT is_active AND seen_at > clock_timestamp() - ${heardMs} * INTERVAL '1 millisecond'
    )`;

/** Whoever had it is kept beside who has it; and whoever takes it stands by no more, however soon they end. */
const CLAIM = `
  WITH claimed AS (INSERT INTO leases AS l (role, holder, holder_host, holder_pid, term, settings, is_alone, is_released, taken_at,
    heard_at, expires_at)
  VALUES ('active', $1, $2, $3, 1, $4, ${aloneAmong("$7")}, false, clock_timestamp(), clock_timestamp(),
    clock_timestamp() + $6 * INTERVAL '1 millisecond')
  ON CONFLICT (role) DO UPDATE SET holder = excluded.holder, holder_host = excluded.holder_host,
    holder_pid = excluded.holder_pid, term = l.term + 1, settings = excluded.settings,
    is_alone = excluded.is_alone, is_released = false, taken_at = excluded.taken_at, heard_at = excluded.heard_at,
    expires_at = excluded.expires_at, former_host = l.holder_host, former_pid = l.holder_pid,
    former_heard_at = l.heard_at, former_released = l.is_released, former_alone = l.is_alone
  WHERE l.expires_at <= clock_timestamp() AND ${SCHEMA} <= $5
  RETURNING term, EXTRACT(EPOCH FROM taken_at) * 1000 AS at, former_host AS host, former_pid AS pid,
    EXTRACT(EPOCH FROM former_heard_at) * 1000 AS heard_at, former_released AS is_released, former_alone AS is_alone),
  noted AS (UPDATE processes SET is_active = true WHERE id = $1 AND EXISTS (SELECT 1 FROM claimed))
  SELECT * FROM claimed`;

const RENEW = `
  UPDATE leases SET heard_at = clock_timestamp(), expires_at = clock_timestamp() + $3 * INTERVAL '1 millisecond',
    is_alone = ${aloneAmong("$4")}
  WHERE role = 'active' AND holder = $1 AND term = $2
  RETURNING is_alone`;

const RELEASE = `
  UPDATE leases SET heard_at = clock_timestamp(), is_released = true, expires_at = clock_timestamp()
  WHERE role = 'active' AND holder = $1 AND term = $2`;

/** All but the time is `null` while there is no lease. */
interface LeaseRow {
  readonly now: number;
  readonly host: string | null;
  readonly pid: number;
  readonly settings: string;
  readonly schema: number;
  readonly remaining_ms: number;
}

interface ProcessRow extends Omit<Me, "settings"> {
  readonly is_active: boolean;
  readonly seen_at: number;
  readonly is_heard: boolean;
  readonly is_replaced: boolean;
}

interface ClaimRow {
  readonly term: number;
  readonly at: number;
  readonly host: string | null;
  readonly pid: number | null;
  readonly heard_at: number | null;
  readonly is_released: boolean | null;
  readonly is_alone: boolean | null;
}

/** Keeps the lease in PostgreSQL. Each statement is a transaction: one whose sender stands still holds no lock. */
export function createLeaseTable(settings: PostgresSettings, name: string, ttlMs: number): LeaseTable {
  const findPrimary = createPrimaryFinder(settings, LIMITS);
  let session: Promise<Client> | null = null;
  let isMade = false;
  let seenAt = Number.NEGATIVE_INFINITY;

  async function open(): Promise<Client> {
    const client = await findPrimary(name);
    if (!isMade) await make(client);
    isMade = true;
    return client;
  }

  async function ask<Row extends object>(sql: string, values: readonly unknown[]) {
    session ??= open();
    const opening = session;
    try {
      return await (await opening).query<Row>(sql, [...values]);
    } catch (error) {
      // Whatever it was: there is no time to find out.
      if (session === opening) session = null;
      void opening.then((client) => client.end()).catch(() => undefined);
      throw ofConnection(error);
    }
  }

  async function see(me: Me, isActive: boolean): Promise<void> {
    if (performance.now() - seenAt < SEEN_EVERY_MS) return;
    await ask(SEEN, [me.id, me.host, me.pid, me.version, me.schema, isActive]);
    seenAt = performance.now();
  }

  return {
    async look(me, as): Promise<Standing> {
      await see(me, as === "active");
      const [leases, processes] = await Promise.all([
        ask<LeaseRow>(LEASE, []),
        ask<ProcessRow>(PROCESSES, [me.id, HEARD_MS, REMEMBERED_MS]),
      ]);
      const [row] = leases.rows;
      if (row === undefined) throw new AwayError("the server does not say its time");
      return { now: row.now, lease: leaseOf(row), processes: processes.rows.map(processOf) };
    },
    async claim(me) {
      const { rows } = await ask<ClaimRow>(CLAIM, [me.id, me.host, me.pid, me.settings, me.schema, ttlMs, HEARD_MS]);
      const [row] = rows;
      if (row === undefined) return null;
      seenAt = Number.NEGATIVE_INFINITY;
      const { host, pid } = row;
      return {
        term: row.term,
        takeOver: {
          at: row.at,
          from: host === null || pid === null ? null : { host, pid },
          heardAt: row.heard_at,
          isHandedOver: row.is_released === true,
          wasAlone: row.is_alone !== false,
        },
      };
    },
    async renew(me, term) {
      const { rows } = await ask<{ is_alone: boolean }>(RENEW, [me.id, term, ttlMs, HEARD_MS]);
      return rows[0] === undefined ? null : { isAlone: rows[0].is_alone };
    },
    async leave(me, term) {
      if (term !== null) await ask(RELEASE, [me.id, term]);
      await ask("DELETE FROM processes WHERE id = $1", [me.id]);
    },
    async close() {
      await session?.then((client) => client.end()).catch(() => undefined);
    },
  };
}

/** Two that start at once would make the tables twice. */
async function make(client: Client): Promise<void> {
  await client.query("BEGIN");
  await client.query("SELECT pg_advisory_xact_lock($1::int, hashtext(current_schema()))", [LEASE_LOCK]);
  await client.query(MAKE);
  await client.query("DELETE FROM processes WHERE seen_at < clock_timestamp() - $1 * INTERVAL '1 millisecond'", [
    REMEMBERED_MS,
  ]);
  await client.query("COMMIT");
}

const leaseOf = ({ host, pid, settings, schema, remaining_ms: remainingMs }: LeaseRow): Standing["lease"] =>
  host === null ? null : { holder: `process ${pid} on ${host}`, remainingMs, settings, schema };

const processOf = ({ id, host, pid, version, schema, ...row }: ProcessRow): Process => ({
  id,
  host,
  pid,
  version,
  schema,
  isActive: row.is_active,
  seenAt: row.seen_at,
  isHeard: row.is_heard,
  isReplaced: row.is_replaced,
});
