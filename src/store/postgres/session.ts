import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "pg";
import { clean } from "../../alarms/text.ts";
import { AwayError, ofConnection } from "../sql/server-failure.ts";
import type { WritingRight } from "../sql/settings.ts";
import { isOfProcess } from "./options.ts";
import type { PrimaryFinder } from "./primary.ts";

/** So long for one that is just ending, as at a restart. */
const LOCK_PATIENCE_MS = 2_000;
const LOCK_AGAIN_MS = 50;
/** “valv”: of all advisory locks of a database ours is this one, for each schema. */
const LOCK = 0x7661_6c76;
/** For as long as the tables of the lease are made. */
export const LEASE_LOCK = LOCK + 1;

/**
 * Opens the one session that writes: on a server that is new enough and takes writes, and with the lock that stands for having
 * the database. It is held until the session ends, however it does. With a right to write it is taken from whoever had that before, and it is
 * nothing without that right.
 * @param database what people call it
 * @param right left out: for a tool, which takes it from nobody
 * @throws AwayError or pg.DatabaseError
 */
export async function openWritingSession(
  findPrimary: PrimaryFinder,
  database: string,
  name: string,
  right: WritingRight | null = null,
): Promise<Client> {
  const client = await findPrimary(name);
  try {
    await takeLock(client, database, name, right);
    // Whoever takes over from now on ends this session first.
    if (right !== null && !(await isOurs(client, right))) throw new AwayError("another process has taken over");
    await awaitStandby(client);
    return client;
  } catch (error) {
    void client.end().catch(() => undefined);
    throw ofConnection(error);
  }
}

/**
 * What the session before this one committed can be read here, and may not have reached the synchronous standby, if its end broke off
 * the wait for that: it is not to be taken for safe. A commit of our own has waited for all that came before it, if it wrote anything:
 * a note in the server's log that nobody reads.
 */
async function awaitStandby(client: Client): Promise<void> {
  await client.query("SELECT pg_logical_emit_message(true, 'valvomo', '')");
}

async function isOurs(client: Client, { holder, term }: WritingRight): Promise<boolean> {
  const sql = "SELECT 1 FROM leases WHERE role = 'active' AND holder = $1 AND term = $2";
  return (await client.query(sql, [holder, term])).rows.length > 0;
}

interface LockHolder {
  readonly pid: number;
  readonly name: string | null;
  readonly since: Date;
}

async function takeLock(client: Client, database: string, name: string, right: WritingRight | null): Promise<void> {
  for (const givenUpAt = performance.now() + LOCK_PATIENCE_MS; ; await delay(LOCK_AGAIN_MS)) {
    const { rows } = await client.query<{ is_taken: boolean }>(
      "SELECT pg_try_advisory_lock($1::int, hashtext(current_schema())) AS is_taken",
      [LOCK],
    );
    if (rows[0]?.is_taken) return;
    const holder = await holderOf(client);
    // The server has not noticed the end of the session before this one; or it is of one that stands still, whom we have replaced.
    const mayEnd = holder !== null && (holder.name === name || (right?.isHeld() === true && isOfProcess(holder.name)));
    if (mayEnd) await client.query("SELECT pg_terminate_backend($1)", [holder.pid]);
    if (performance.now() >= givenUpAt) throw mayEnd ? standsStill(holder) : heldBy(holder, database, right);
  }
}

async function holderOf(client: Client): Promise<LockHolder | null> {
  const { rows } = await client.query<LockHolder>(
    `SELECT pid, application_name AS name, backend_start AS since FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid::bigint = hashtext(current_schema())::bigint & 4294967295
       AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [LOCK],
  );
  return rows[0] ?? null;
}

/** It waits for its disk, say, and hears nobody. */
const standsStill = ({ pid }: LockHolder): AwayError =>
  new AwayError("PostgreSQL does not end a session of ours that broke off", {
    remedy: `Look at the server’s disk, and at its process ${pid}, which does not end`,
  });

function heldBy(holder: LockHolder | null, name: string, right: WritingRight | null): AwayError {
  const [, process, host] = /^valvomo \w+ \w+ (\d+) (.+)$/.exec(holder?.name ?? "") ?? [];
  const since = `${holder?.since.toISOString().slice(0, 16).replace("T", " ") ?? ""} UTC`;
  const who = process === undefined ? "" : ` (process ${process} on ${clean(host ?? "")}, since ${since})`;
  const remedy = "End it first, or give this one its own database and MQTT_CLIENT_ID";
  // Whoever takes over and does not get here before its lease is over has done nothing wrong: the next try decides.
  const mayPass = right !== null && isOfProcess(holder?.name ?? null);
  return new AwayError(`another Valvomo${who} uses ${name}`, { remedy, mayPass });
}
