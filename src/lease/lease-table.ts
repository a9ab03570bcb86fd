import type { Client, QueryResult } from "pg";
import type { PostgresSettings } from "../store/sql/settings.ts";
import { AwayError, ofConnection } from "../store/sql/server-failure.ts";
import { createPrimaryFinder } from "../store/postgres/primary.ts";
import { LEASE_LOCK } from "../store/postgres/session.ts";
import {
  CLAIM,
  LEASE,
  MAKE,
  PROCESSES,
  RELEASE,
  RENEW,
  MARK_SEEN,
  type ClaimRow,
  type LeaseRow,
  type ProcessRow,
} from "./lease-sql.ts";
import type { LeaseTable, Me, Process, Standing, TakeOver } from "./types.ts";

/** A server that takes longer is as good as away: there are three seconds for all. */
const LIMITS = { connectMs: 1_500, statementMs: 1_000, answerMs: 1_200 };
/** That we are there is written so often. */
const SEEN_EVERY_MS = 1_000;
/** Who is there says so each second. */
const HEARD_MS = 5_000;
/** So long one that fell silent is told of. */
const REMEMBERED_MS = 3_600_000;

/** Keeps the lease in PostgreSQL. Each statement is a transaction: one whose sender stands still holds no lock. */
export class PostgresLeaseTable implements LeaseTable {
  readonly #findPrimary: (name: string) => Promise<Client>;
  readonly #name: string;
  readonly #ttlMs: number;
  #session: Promise<Client> | null = null;
  #isMade = false;
  #seenAt = Number.NEGATIVE_INFINITY;

  constructor(settings: PostgresSettings, name: string, ttlMs: number) {
    this.#findPrimary = createPrimaryFinder(settings, LIMITS);
    this.#name = name;
    this.#ttlMs = ttlMs;
  }

  async look(me: Me, as: "active" | "standby"): Promise<Standing> {
    await this.#see(me, as === "active");
    const [leases, processes] = await Promise.all([
      this.#ask<LeaseRow>(LEASE, []),
      this.#ask<ProcessRow>(PROCESSES, [me.id, HEARD_MS, REMEMBERED_MS]),
    ]);
    const [row] = leases.rows;
    if (row === undefined) throw new AwayError("the server does not say its time");
    return { now: row.now, lease: leaseOf(row), processes: processes.rows.map(processOf) };
  }

  async claim(me: Me): Promise<{ readonly term: number; readonly takeOver: TakeOver } | null> {
    const values = [me.id, me.host, me.pid, me.settings, me.schema, this.#ttlMs, HEARD_MS];
    const { rows } = await this.#ask<ClaimRow>(CLAIM, values);
    const [row] = rows;
    if (row === undefined) return null;
    this.#seenAt = Number.NEGATIVE_INFINITY;
    return { term: row.term, takeOver: takeOverOf(row) };
  }

  async renew(me: Me, term: number): Promise<{ readonly isAlone: boolean } | null> {
    const { rows } = await this.#ask<{ is_alone: boolean }>(RENEW, [me.id, term, this.#ttlMs, HEARD_MS]);
    return rows[0] === undefined ? null : { isAlone: rows[0].is_alone };
  }

  async leave(me: Me, term: number | null): Promise<void> {
    if (term !== null) await this.#ask(RELEASE, [me.id, term]);
    await this.#ask("DELETE FROM processes WHERE id = $1", [me.id]);
  }

  async close(): Promise<void> {
    await this.#session?.then((client) => client.end()).catch(() => undefined);
  }

  async #see(me: Me, isActive: boolean): Promise<void> {
    if (performance.now() - this.#seenAt < SEEN_EVERY_MS) return;
    await this.#ask(MARK_SEEN, [me.id, me.host, me.pid, me.version, me.schema, isActive]);
    this.#seenAt = performance.now();
  }

  async #ask<Row extends object>(sql: string, values: readonly unknown[]): Promise<QueryResult<Row>> {
    this.#session ??= this.#open();
    const opening = this.#session;
    try {
      return await (await opening).query<Row>(sql, [...values]);
    } catch (error) {
      // Whatever it was: there is no time to find out.
      if (this.#session === opening) this.#session = null;
      void opening.then((client) => client.end()).catch(() => undefined);
      throw ofConnection(error);
    }
  }

  async #open(): Promise<Client> {
    const client = await this.#findPrimary(this.#name);
    if (!this.#isMade) await make(client);
    this.#isMade = true;
    return client;
  }
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

const takeOverOf = ({ host, pid, ...row }: ClaimRow): TakeOver => ({
  at: row.at,
  from: host === null || pid === null ? null : { host, pid },
  heardAt: row.heard_at,
  isHandedOver: row.is_released === true,
  wasAlone: row.is_alone !== false,
});

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
