import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import type { Queries, Survives } from "../sql/database.ts";
import { isBusy, isOfDisk } from "../sql/failure.ts";
import type { OwnFile } from "./own-file.ts";

/** Bounds how long one commit keeps the rest of the program waiting. */
const MAX_TRANSACTIONS_PER_COMMIT = 200;
/** Who holds the lock of the database longer than this is in the way; whoever pressed something still looks on. */
export const LOCK_PATIENCE_MS = 5_000;
/** Between two tries for the lock. */
export const LOCK_AGAIN_MS = 20;

interface Job {
  /** Does the work; returns how to report it once the commit is safe. */
  readonly run: () => Promise<() => void>;
  readonly survives: Survives;
  readonly reject: (error: unknown) => void;
  readonly since: number;
}

/** How it is committed, and what is told of it. */
export interface CommitOptions {
  /** How long anything waits for another program's lock. */
  readonly lockPatienceMs?: number;
  /** How long a commit took that waits for the disk; seconds. */
  readonly onCommit?: (seconds: number) => void;
  /** Something new is on the disk, as far as `survives` asks for it. */
  readonly onStored?: () => void;
  /** Something was not taken: by the disk, by whoever holds the lock, or as the file is not ours any more. */
  readonly onFailure?: (error: unknown) => void;
}

/** Transactions, some of which share a commit. */
export interface Commits {
  add<T>(work: (queries: Queries) => Promise<T>, survives: Survives): Promise<T>;
  /**
   * Resolves when no transaction is open, between two awaits of which its changes are visible on this connection, but not yet safe, and
   * those that were added before are done; those that wait for another program's lock are not waited for.
   */
  settled(): Promise<void>;
  /** Resolves when all that was added is done. */
  finished(): Promise<void>;
}

/**
 * Transactions that are added while one is under way share the next commit. While another program holds the lock, they wait without
 * keeping anything else from its turn, each for so long; after that none waits until the lock was free once.
 * @param queries those that run inside of a transaction; they return how many rows they changed
 * @param file what stands in the way where the file is not ours any more; `null`: nothing can
 */
export function createCommits(
  sqlite: DatabaseSync,
  queries: Queries,
  file: OwnFile | null,
  { onCommit, onStored, onFailure, lockPatienceMs = LOCK_PATIENCE_MS }: CommitOptions,
): Commits {
  let waiting: Job[] = [];
  /** How many jobs there ever were, and how many of them are over. */
  let [added, over] = [0, 0];
  let working: Promise<void> | null = null;
  let open: Promise<void> | null = null;
  /** Rows that the batch under way changed. */
  let changed = 0;
  /** Since when every try found the lock taken, and when the newest did; `null`: the newest did not. */
  let locked: { readonly since: number; readonly at: number } | null = null;

  const counted: Queries = {
    all: queries.all,
    async run(sql, ...values) {
      const rows = await queries.run(sql, ...values);
      changed += rows;
      return rows;
    },
  };

  function start(): void {
    working ??= workOff().finally(() => {
      working = null;
      if (waiting.length > 0) start();
    });
  }

  async function workOff(): Promise<void> {
    while (waiting.length > 0) {
      // Waiting for the event loop to come round costs nothing at low rates, and groups by itself under load.
      await nextTurn();
      if (begin(waiting.slice(0, MAX_TRANSACTIONS_PER_COMMIT))) await open;
      else await delay(LOCK_AGAIN_MS);
    }
  }

  /** @returns whether the lock was to be had; of what failed otherwise nothing waits any more */
  function begin(batch: readonly Job[]): boolean {
    const begunAt = performance.now();
    const synchronous = batch.every(({ survives }) => survives === "crash") ? "NORMAL" : "FULL";
    try {
      ensureOurs();
      sqlite.exec(`PRAGMA synchronous = ${synchronous}; BEGIN IMMEDIATE`);
    } catch (error) {
      if (isBusy(error)) giveUpLate(error, begunAt);
      else drop(batch, error);
      return !isBusy(error);
    }
    locked = null;
    waiting = waiting.slice(batch.length);
    const onDone = (): void => {
      if (synchronous === "FULL") onCommit?.((performance.now() - begunAt) / 1_000);
    };
    open = commit(batch, synchronous === "FULL", onDone).finally(() => {
      open = null;
      over += batch.length;
    });
    return true;
  }

  /** Gives up those who waited for the lock long enough, or know that others did in vain. */
  function giveUpLate(error: unknown, now: number): void {
    const since = locked !== null && now - locked.at < lockPatienceMs ? locked.since : now;
    locked = { since, at: now };
    const isHopeless = now - since >= lockPatienceMs;
    const late = waiting.filter((job) => isHopeless || now - job.since >= lockPatienceMs);
    if (late.length > 0) drop(late, error);
  }

  function drop(jobs: readonly Job[], error: unknown): void {
    noteFailure(error);
    waiting = waiting.filter((job) => !jobs.includes(job));
    over += jobs.length;
    for (const job of jobs) job.reject(error);
  }

  /** @param isSafe whether it is to be on the disk; what may rather be done twice than waited for is not worth another look at the file */
  async function commit(batch: readonly Job[], isSafe: boolean, onDone: () => void): Promise<void> {
    const reports: (() => void)[] = [];
    changed = 0;
    try {
      for (const job of batch) reports.push(await attempt(job));
      const mark = changed > 0 ? (file?.nextMark() ?? null) : null;
      if (mark !== null) sqlite.exec(`PRAGMA user_version = ${mark}`);
      if (isSafe) ensureOurs();
      sqlite.exec("COMMIT");
      if (mark !== null) file?.marked(mark);
      // What went into a file that is gone is not kept.
      if (isSafe) ensureOurs();
      onDone();
      if (changed > 0) onStored?.();
    } catch (error) {
      noteFailure(error);
      if (sqlite.isOpen && sqlite.isTransaction) sqlite.exec("ROLLBACK");
      for (const job of batch) job.reject(error);
      return;
    }
    for (const report of reports) report();
  }

  /** One that fails takes back its own changes, not those of the others in the batch. */
  async function attempt(job: Job): Promise<() => void> {
    const before = changed;
    sqlite.exec("SAVEPOINT job");
    try {
      const report = await job.run();
      sqlite.exec("RELEASE job");
      return report;
    } catch (error) {
      // A full disk may have rolled back everything already: then the whole batch failed.
      if (!sqlite.isTransaction) throw error;
      changed = before;
      noteFailure(error);
      sqlite.exec("ROLLBACK TO job; RELEASE job");
      return () => job.reject(error);
    }
  }

  function ensureOurs(): void {
    const trouble = file?.trouble();
    if (trouble) throw trouble;
  }

  function noteFailure(error: unknown): void {
    if (isOfDisk(error) || isBusy(error)) onFailure?.(error);
  }

  return {
    add: (work, survives) =>
      new Promise((resolve, reject) => {
        added += 1;
        waiting.push({
          survives,
          reject,
          since: performance.now(),
          run: async () => {
            const result = await work(counted);
            return () => resolve(result);
          },
        });
        start();
      }),
    async settled() {
      for (const before = added; open || (over < before && locked === null);) await (open ?? nextTurn());
    },
    async finished() {
      while (working) await working;
    },
  };
}
