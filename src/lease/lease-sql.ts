import type { Me } from "./types.ts";

/** The tables of the lease. How far those of alarms are is written by who brings them there: store/schema.ts. */
export const MAKE = `
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

/** That a process is there. */
export const MARK_SEEN = `
  INSERT INTO processes (id, host, pid, version, schema, is_active, started_at, seen_at)
  VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET is_active = excluded.is_active, seen_at = excluded.seen_at`;

/** Who has the lease, by the server’s clock. */
export const LEASE = `
  SELECT EXTRACT(EPOCH FROM t.now) * 1000 AS now, holder_host AS host, holder_pid AS pid, settings, ${SCHEMA} AS schema,
    EXTRACT(EPOCH FROM expires_at - t.now) * 1000 AS remaining_ms
  FROM (SELECT clock_timestamp() AS now) AS t LEFT JOIN leases ON role = 'active'`;

/** Who was there lately, the one that asks first. */
export const PROCESSES = `
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
export const CLAIM = `
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

/** The lease for one more time, if it is still theirs. */
export const RENEW = `
  UPDATE leases SET heard_at = clock_timestamp(), expires_at = clock_timestamp() + $3 * INTERVAL '1 millisecond',
    is_alone = ${aloneAmong("$4")}
  WHERE role = 'active' AND holder = $1 AND term = $2
  RETURNING is_alone`;

/** The lease is over at once. */
export const RELEASE = `
  UPDATE leases SET heard_at = clock_timestamp(), is_released = true, expires_at = clock_timestamp()
  WHERE role = 'active' AND holder = $1 AND term = $2`;

/** What `LEASE` finds. All but the time is `null` while there is no lease. */
export interface LeaseRow {
  readonly now: number;
  readonly host: string | null;
  readonly pid: number;
  readonly settings: string;
  readonly schema: number;
  readonly remaining_ms: number;
}

/** A row of what `PROCESSES` finds. */
export interface ProcessRow extends Omit<Me, "settings"> {
  readonly is_active: boolean;
  readonly seen_at: number;
  readonly is_heard: boolean;
  readonly is_replaced: boolean;
}

/** What a claim that was taken returns. */
export interface ClaimRow {
  readonly term: number;
  readonly at: number;
  readonly host: string | null;
  readonly pid: number | null;
  readonly heard_at: number | null;
  readonly is_released: boolean | null;
  readonly is_alone: boolean | null;
}
