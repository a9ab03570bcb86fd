import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import type { Queries, Survives } from "../sql/database.ts";
import { isBusy, isOfDisk } from "../sql/failure.ts";
import { WorkOff } from "../sql/work-off.ts";
import type { LogSync } from "./log-sync.ts";
import { LockWait, LOCK_AGAIN_MS, LOCK_PATIENCE_MS } from "./lock-wait.ts";
import type { OwnFile } from "./own-file.ts";

/** Bounds how long one commit keeps the rest of the program waiting. */
const MAX_TRANSACTIONS_PER_COMMIT = 200;
/** Before SQLite reads or writes the file, a look so old will do: what is promised gets one of its own. */
const LOOK_MS = 5;

interface Transaction {
  /** Does the work; returns how to report it. */
  readonly run: () => Promise<Progress>;
  readonly survives: Survives;
  readonly reject: (error: unknown) => void;
  readonly since: number;
}

/** Tells whoever asked for a transaction how far it is: what others see of it is committed, what is safe outlives what it is to. */
type Progress = Readonly<Record<"visible" | "safe", () => void>>;

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

/**
 * Transactions, some of which share a commit: those that are added while one is under way share the next. While another program holds the
 * lock, they wait without keeping anything else from its turn; see lock-wait.ts. So they do while the disk writes what is to survive a power
 * cut; see log-sync.ts.
 */
export class Commits {
  readonly #sqlite: DatabaseSync;
  /** Counts what they change. */
  readonly #queries: Queries;
  readonly #file: OwnFile | null;
  readonly #log: LogSync | null;
  readonly #options: CommitOptions;
  readonly #lock: LockWait;
  readonly #work = new WorkOff(
    () => this.#workOff(),
    () => this.#waiting.length > 0,
  );
  #waiting: Transaction[] = [];
  /** How many jobs there ever were, and how many of them are over. */
  #added = 0;
  #over = 0;
  #open: Promise<void> | null = null;
  /** The newest that is to be on the disk: those before it are there sooner. */
  #syncing: Promise<void> | null = null;
  /** Rows that the batch under way changed. */
  #changed = 0;

  /**
   * @param queries those that run inside of a transaction; they return how many rows they changed
   * @param file what stands in the way where the file is not ours any more; `null`: nothing can
   * @param log what brings a commit to the disk; `null`: SQLite itself does
   */
  constructor(
    sqlite: DatabaseSync,
    queries: Queries,
    { file, log }: { readonly file: OwnFile | null; readonly log: LogSync | null },
    options: CommitOptions,
  ) {
    this.#sqlite = sqlite;
    this.#file = file;
    this.#log = log;
    this.#options = options;
    this.#lock = new LockWait(options.lockPatienceMs ?? LOCK_PATIENCE_MS);
    this.#queries = {
      all: queries.all,
      run: async (sql, ...values) => {
        const rows = await queries.run(sql, ...values);
        this.#changed += rows;
        return rows;
      },
    };
  }

  add<T>(work: (queries: Queries) => Promise<T>, survives: Survives, onVisible?: (result: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<Progress> => {
        const result = await work(this.#queries);
        return { visible: () => onVisible?.(result), safe: () => resolve(result) };
      };
      this.#added += 1;
      this.#waiting.push({ survives, reject, since: performance.now(), run });
      this.#work.start();
    });
  }

  /**
   * Resolves when no transaction is open, between two awaits of which its changes are visible on this connection, but not yet safe, and
   * those that were added before are done; those that wait for another program's lock are not waited for.
   */
  async settled(): Promise<void> {
    for (const before = this.#added; this.#open || (this.#over < before && !this.#lock.isLocked);)
      await (this.#open ?? nextTurn());
  }

  /** Resolves when all that was added is done. */
  async finished(): Promise<void> {
    await this.#work.finished();
    while (this.#syncing) await this.#syncing;
  }

  async #workOff(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Waiting for the event loop to come round costs nothing at low rates, and groups by itself under load.
      await nextTurn();
      if (this.#begin(this.#waiting.slice(0, MAX_TRANSACTIONS_PER_COMMIT))) await this.#open;
      else await delay(LOCK_AGAIN_MS);
    }
  }

  /** @returns whether the lock was to be had; of what failed otherwise nothing waits any more */
  #begin(batch: readonly Transaction[]): boolean {
    const begunAt = performance.now();
    try {
      this.#ensureOurs(LOOK_MS);
      this.#sqlite.exec("BEGIN IMMEDIATE");
    } catch (error) {
      if (!isBusy(error)) {
        this.#drop(batch, error);
        return true;
      }
      const late = this.#lock.wasTaken(this.#waiting, begunAt);
      if (late.length > 0) this.#drop(late, error);
      return false;
    }
    this.#lock.wasFree();
    this.#waiting = this.#waiting.slice(batch.length);
    this.#open = this.#commit(batch, begunAt).finally(() => {
      this.#open = null;
      this.#over += batch.length;
    });
    return true;
  }

  #drop(jobs: readonly Transaction[], error: unknown): void {
    const failure = this.#noted(error);
    this.#waiting = this.#waiting.filter((job) => !jobs.includes(job));
    this.#over += jobs.length;
    for (const job of jobs) job.reject(failure);
  }

  async #commit(batch: readonly Transaction[], begunAt: number): Promise<void> {
    const reports: { readonly job: Transaction; readonly report: Progress }[] = [];
    const isSafe = batch.some(isToBeSafe);
    this.#changed = 0;
    try {
      for (const job of batch) reports.push({ job, report: await this.#attempt(job) });
      this.#commitOpen();
    } catch (error) {
      const failure = this.#noted(error);
      if (this.#sqlite.isOpen && this.#sqlite.isTransaction) this.#sqlite.exec("ROLLBACK");
      for (const job of batch) job.reject(failure);
      return;
    }
    const onSafe = this.#changed > 0 ? this.#options.onStored : undefined;
    if (!isSafe) onSafe?.();
    for (const { report } of reports) report.visible();
    for (const { job, report } of reports) if (!isToBeSafe(job)) report.safe();
    const toBeSafe = reports.filter(({ job }) => isToBeSafe(job));
    if (isSafe) this.#makeSafe(toBeSafe, begunAt, onSafe);
  }

  #commitOpen(): void {
    const mark = this.#changed > 0 ? (this.#file?.nextMark() ?? null) : null;
    if (mark !== null) this.#sqlite.exec(`PRAGMA user_version = ${mark}`);
    // It may write the log into the file.
    this.#ensureOurs(LOOK_MS);
    this.#sqlite.exec("COMMIT");
    if (mark !== null) this.#file?.marked(mark);
  }

  /** Waits for the disk, beside all that is asked for meanwhile. */
  #makeSafe(
    reports: readonly { readonly job: Transaction; readonly report: Progress }[],
    begunAt: number,
    onSafe: (() => void) | undefined,
  ): void {
    const wait = async (): Promise<void> => {
      try {
        // Handing it to another thread takes as long as a tenth of a card: what others see now goes its way first.
        await nextTurn();
        await this.#log?.sync();
        // What went into a file that is gone is not kept.
        this.#ensureOurs(0);
      } catch (error) {
        const failure = this.#noted(error);
        for (const { job } of reports) job.reject(failure);
        return;
      }
      this.#options.onCommit?.((performance.now() - begunAt) / 1_000);
      onSafe?.();
      for (const { report } of reports) report.safe();
    };
    const syncing = wait().finally(() => {
      if (this.#syncing === syncing) this.#syncing = null;
    });
    this.#syncing = syncing;
  }

  /** One that fails takes back its own changes, not those of the others in the batch. */
  async #attempt(job: Transaction): Promise<Progress> {
    const before = this.#changed;
    this.#sqlite.exec("SAVEPOINT job");
    try {
      const report = await job.run();
      this.#sqlite.exec("RELEASE job");
      return report;
    } catch (error) {
      // A full disk may have rolled back everything already: then the whole batch failed.
      if (!this.#sqlite.isTransaction) throw error;
      this.#changed = before;
      const failure = this.#noted(error);
      this.#sqlite.exec("ROLLBACK TO job; RELEASE job");
      return { visible: () => job.reject(failure), safe: () => undefined };
    }
  }

  #ensureOurs(withinMs: number): void {
    const trouble = this.#file?.trouble(withinMs);
    if (trouble) throw trouble;
  }

  /** Tells of a failure of the database. Returns why it is one: what SQLite says of a file that is lost may mislead. */
  #noted(error: unknown): unknown {
    const failure = isOfDisk(error) ? (this.#file?.trouble() ?? error) : error;
    if (isOfDisk(failure) || isBusy(failure)) this.#options.onFailure?.(failure);
    return failure;
  }
}

const isToBeSafe = ({ survives }: Transaction): boolean => survives === "powerCut";
