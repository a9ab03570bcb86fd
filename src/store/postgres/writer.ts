import { setImmediate as nextTurn } from "node:timers/promises";
import type { Client, QueryResult } from "pg";
import type { CommitOptions } from "../sqlite/commits.ts";
import type { Queries, Survives } from "../sql/database.ts";
import { AwayError, endsSession, isOfServer, ofConnection } from "../sql/server-failure.ts";
import { WorkOff } from "../sql/work-off.ts";
import { queriesOn } from "./statements.ts";

/** A commit waits for the disk, so transactions that are asked for meanwhile share the next; so many of them. */
const MAX_TRANSACTIONS_PER_COMMIT = 200;
/** What has no limit of time is given up after this by who waits for its answer. */
const VERY_LONG_MS = 24 * 3_600_000;

interface Transaction {
  /** Does the work; returns how to report it once the commit is safe. */
  readonly run: (queries: Queries) => Promise<() => void>;
  readonly survives: Survives;
  /** Whether it may take minutes. */
  readonly isLong: boolean;
  readonly reject: (error: unknown) => void;
}

/** How many rows a batch changed. */
interface ChangeCount {
  count: number;
}

/**
 * Transactions, one after the other, on the one session that writes. What fails for want of a server fails all that waits, and the next
 * that is added tries anew: nothing is tried twice by itself, as nobody knows whether a commit was made whose answer was lost.
 */
export class Writer {
  readonly #openSession: () => Promise<Client>;
  readonly #options: Omit<CommitOptions, "lockPatienceMs">;
  readonly #work = new WorkOff(
    () => this.#workOff(),
    () => this.#waiting.length > 0,
  );
  #waiting: Transaction[] = [];
  #session: Client | null = null;
  /** Whether there was no session to be had, or none that lived, for the newest try: then one that is open again is the end of it. */
  #isAway = false;
  #isClosed = false;

  /** @param openSession opens one that has the database; see session.ts */
  constructor(openSession: () => Promise<Client>, options: Omit<CommitOptions, "lockPatienceMs">) {
    this.#openSession = openSession;
    this.#options = options;
  }

  add<T>(
    work: (queries: Queries) => Promise<T>,
    survives: Survives,
    { isLong = false, onVisible }: { readonly isLong?: boolean; readonly onVisible?: (result: T) => void } = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (queries: Queries): Promise<() => void> => {
        const result = await work(queries);
        return () => {
          onVisible?.(result);
          resolve(result);
        };
      };
      this.#push({ run, survives, isLong, reject });
    });
  }

  /** Opens the session if there is none, and asks it whether it lives. */
  ping(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#push({ run: async () => resolve, survives: "crash", isLong: false, reject });
    });
  }

  /** Resolves when all that was added is done. */
  finished(): Promise<void> {
    return this.#work.finished();
  }

  /** Ends the session and with it the lock. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#session?.end().catch(() => undefined);
  }

  #push(job: Transaction): void {
    this.#waiting.push(job);
    this.#work.start();
  }

  async #workOff(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn();
      // What may take minutes is alone.
      const long = this.#waiting.findIndex(({ isLong }) => isLong);
      const count =
        long === -1 ? MAX_TRANSACTIONS_PER_COMMIT : Math.min(Math.max(long, 1), MAX_TRANSACTIONS_PER_COMMIT);
      await this.#commit(this.#waiting.splice(0, count));
    }
  }

  async #open(): Promise<Client> {
    if (this.#isClosed) throw new AwayError("the database is closed");
    if (this.#session !== null) return this.#session;
    const opened = await this.#openSession();
    const forget = (): void => {
      if (this.#session === opened) this.#session = null;
    };
    // What ends while nothing is asked of it costs nothing but the opening of the next.
    opened.once("end", forget).once("error", forget);
    this.#session = opened;
    return opened;
  }

  #discard(): void {
    const ended = this.#session;
    this.#session = null;
    void ended?.end().catch(() => undefined);
  }

  async #commit(batch: readonly Transaction[]): Promise<void> {
    const begunAt = performance.now();
    const { onCommit, onStored } = this.#options;
    let reports: (() => void)[];
    let client: Client | null = null;
    const changes: ChangeCount = { count: 0 };
    try {
      client = await this.#open();
      reports = await this.#attemptAll(client, batch, changes);
    } catch (error) {
      await this.#undo(client, error);
      for (const job of batch) job.reject(error);
      return;
    }
    if (batch.some(({ survives }) => survives === "powerCut")) onCommit?.((performance.now() - begunAt) / 1_000);
    if (changes.count > 0 || this.#isAway) {
      this.#isAway = false;
      onStored?.();
    }
    for (const report of reports) report();
  }

  async #attemptAll(client: Client, batch: readonly Transaction[], changes: ChangeCount) {
    const reports: (() => void)[] = [];
    const isAlone = batch.length === 1;
    const isSoft = batch.every(({ survives }) => survives === "crash");
    send(client, `BEGIN${isSoft ? "; SET LOCAL synchronous_commit = off" : ""}`);
    if (batch[0]?.isLong) send(client, "SET LOCAL statement_timeout = 0");
    const queries = counting(queriesOn(client, batch[0]?.isLong ? VERY_LONG_MS : undefined), changes);
    for (const job of batch)
      reports.push(isAlone ? await job.run(queries) : await this.#attempt(client, job, queries, changes));
    const { command } = await ask(client, "COMMIT");
    // A transaction in which something failed is not committed, and that is not an error to PostgreSQL.
    if (command !== "COMMIT") throw new Error("a statement failed whose error was passed over: nothing was stored");
    return reports;
  }

  /** One that fails takes back its own changes, not those of the others in the batch. */
  async #attempt(client: Client, job: Transaction, queries: Queries, changes: ChangeCount): Promise<() => void> {
    const before = changes.count;
    send(client, "SAVEPOINT job");
    try {
      const report = await job.run(queries);
      send(client, "RELEASE job");
      return report;
    } catch (error) {
      if (endsSession(error)) throw error;
      changes.count = before;
      if (isOfServer(error)) this.#options.onFailure?.(error);
      await ask(client, "ROLLBACK TO job; RELEASE job");
      return () => job.reject(error);
    }
  }

  async #undo(client: Client | null, error: unknown): Promise<void> {
    this.#isAway ||= client === null || endsSession(error);
    if (isOfServer(error)) this.#options.onFailure?.(error);
    if (client === null) {
      // What waits for a server that is not there waits in vain.
      for (const job of this.#waiting.splice(0)) job.reject(error);
    } else if (endsSession(error)) this.#discard();
    else await ask(client, "ROLLBACK").catch(() => this.#discard());
  }
}

const counting = (queries: Queries, changes: ChangeCount): Queries => ({
  all: queries.all,
  async run(sql, ...values) {
    const rows = await queries.run(sql, ...values);
    changes.count += rows;
    return rows;
  },
});

const ask = (client: Client, sql: string): Promise<QueryResult> =>
  client.query(sql).catch((error: unknown) => {
    throw ofConnection(error);
  });

/** Sends a statement ahead of the next, whose answer tells of both: a transaction in which one failed takes none any more. */
function send(client: Client, sql: string): void {
  client.query(sql).catch(() => undefined);
}
