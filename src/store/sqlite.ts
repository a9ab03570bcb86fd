import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { makePrivate } from "./private-file.ts";
import type { Database, Queries, SqlValue, Survives } from "./database.ts";

/** Bounds how long one commit keeps the rest of the program waiting. */
const MAX_TRANSACTIONS_PER_COMMIT = 200;

/** 1 MB: a step that nobody notices. */
const COMPACT_PAGES = 250;
/** 0.4 MB: what is free is used again soon. */
const MAX_FREE_PAGES = 100;
/** What the log of changes may keep of the disk once it is written into the file. */
const MAX_WAL_BYTES = 16_000_000;
/** What SQLite says of a file that was made with `auto_vacuum = INCREMENTAL`. */
const SHRINKS = 2;
/** Primary result codes that are about the disk, whatever was asked: read-only, I/O error, damaged, full, cannot open. */
const DISK_CODES: ReadonlySet<number> = new Set([8, 10, 11, 13, 14]);
const REBUILD = new URL("./rebuild-thread.ts", import.meta.url);

interface Job {
  /** Does the work; returns how to report it once the commit is safe. */
  readonly run: () => Promise<() => void>;
  readonly survives: Survives;
  readonly reject: (error: unknown) => void;
}

/** What there is to say of a file. */
interface SqliteOptions {
  /** How long a commit took that waits for the disk; seconds. */
  readonly onCommit?: (seconds: number) => void;
  /** Others could read it, in words. */
  readonly onOpenToOthers?: (problem: string) => void;
  /** Something new is on the disk, as far as `survives` asks for it. */
  readonly onStored?: () => void;
  /** The disk did not take something. */
  readonly onFailure?: (error: unknown) => void;
  /** The file could not be written anew; it is as it was. */
  readonly onNotRebuilt?: (error: unknown) => void;
}

/**
 * Opens (or creates, readable by the owner only) an SQLite file.
 *
 * A commit that is to survive a power cut waits for the disk (`synchronous=FULL`), so transactions that are asked for while
 * one is under way share the next commit. Waiting for `setImmediate` costs nothing at low rates and groups by itself under
 * load. In WAL mode `synchronous=NORMAL` outlives the program as well, and takes a twentieth of the time.
 *
 * What is deleted is overwritten (`secure_delete`): names and secrets that are to go are not to be read in the file.
 * @param path a file, or `:memory:`
 */
export function openSqlite(path: string, options: SqliteOptions = {}): Database {
  const { onCommit, onOpenToOthers, onStored, onFailure, onNotRebuilt } = options;
  if (path !== ":memory:") for (const problem of makePrivate(path)) onOpenToOthers?.(problem);
  const sqlite = new DatabaseSync(path);
  // Only a database without tables takes the first; others need `rebuild`.
  sqlite.exec(
    `PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON;
     PRAGMA journal_size_limit = ${MAX_WAL_BYTES};`,
  );
  const pragma = (name: string): number => Number(Object.values(sqlite.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  /** Rows that the batch under way changed. */
  let changed = 0;

  const statements = new Map<string, StatementSync>();
  function prepare(sql: string): StatementSync {
    let statement = statements.get(sql);
    if (!statement) {
      // SQLite numbers its parameters with `?1` where PostgreSQL writes `$1`.
      statement = sqlite.prepare(sql.replace(/\$(\d+)/g, "?$1"));
      statements.set(sql, statement);
    }
    return statement;
  }

  /** An error of a statement is the promise's, as with a database behind a socket. */
  const queries: Queries = {
    async all<Row>(sql: string, ...values: SqlValue[]) {
      return prepare(sql).all(...values) as Row[];
    },
    async run(sql, ...values) {
      const { changes } = prepare(sql).run(...values);
      changed += Number(changes);
      return Number(changes);
    },
  };

  let waiting: Job[] = [];
  let commit: Promise<void> | null = null;

  function schedule(): void {
    commit ??= new Promise<void>((resolve) => setImmediate(resolve)).then(commitBatch).finally(() => {
      commit = null;
      if (waiting.length > 0) schedule();
    });
  }

  async function commitBatch(): Promise<void> {
    const batch = waiting.slice(0, MAX_TRANSACTIONS_PER_COMMIT);
    waiting = waiting.slice(batch.length);
    const reports: (() => void)[] = [];
    const begunAt = performance.now();
    changed = 0;
    const synchronous = batch.every(({ survives }) => survives === "crash") ? "NORMAL" : "FULL";
    try {
      sqlite.exec(`PRAGMA synchronous = ${synchronous}`);
      sqlite.exec("BEGIN IMMEDIATE");
      for (const job of batch) reports.push(await attempt(job));
      sqlite.exec("COMMIT");
      if (synchronous === "FULL") onCommit?.((performance.now() - begunAt) / 1_000);
      if (changed > 0) onStored?.();
    } catch (error) {
      noteFailure(error);
      if (sqlite.isOpen && sqlite.isTransaction) sqlite.exec("ROLLBACK");
      for (const job of batch) job.reject(error);
      return;
    }
    for (const report of reports) report();
  }

  function noteFailure(error: unknown): void {
    const { errcode } = error as { errcode?: number };
    if (errcode !== undefined && DISK_CODES.has(errcode & 0xff)) onFailure?.(error);
  }

  /** One that fails takes back its own changes, not those of the others in the batch. */
  async function attempt(job: Job): Promise<() => void> {
    sqlite.exec("SAVEPOINT job");
    try {
      const report = await job.run();
      sqlite.exec("RELEASE job");
      return report;
    } catch (error) {
      // A full disk may have rolled back everything already: then the whole batch failed.
      if (!sqlite.isTransaction) throw error;
      noteFailure(error);
      sqlite.exec("ROLLBACK TO job; RELEASE job");
      return () => job.reject(error);
    }
  }

  return {
    async all<Row>(sql: string, ...values: SqlValue[]) {
      // Between two awaits of a batch its changes are visible on this connection, but not yet safe.
      while (commit) await commit;
      return queries.all<Row>(sql, ...values);
    },
    transaction<T>(work: (queries: Queries) => Promise<T>, survives: Survives = "powerCut"): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        waiting.push({
          survives,
          reject,
          run: async () => {
            const result = await work(queries);
            return () => resolve(result);
          },
        });
        schedule();
      });
    },
    async compact() {
      let isChanged = false;
      for (;;) {
        while (commit) await commit;
        if (!sqlite.isOpen || pragma("auto_vacuum") !== SHRINKS || pragma("freelist_count") <= MAX_FREE_PAGES) break;
        sqlite.exec(`PRAGMA incremental_vacuum(${COMPACT_PAGES})`);
        isChanged = true;
        await nextTurn();
      }
      // The file itself gets shorter when the log is written into it.
      if (isChanged && sqlite.isOpen) sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    },
    async usedBytes() {
      return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
    },
    async rebuild(isOld) {
      if (path === ":memory:" || (!isOld && pragma("auto_vacuum") === SHRINKS)) return;
      // It takes seconds for a gigabyte: another thread waits for the disk.
      const thread = new Worker(REBUILD, { workerData: path });
      await once(thread, "exit").catch((error: unknown) => onNotRebuilt?.(error));
    },
    async close() {
      while (commit) await commit;
      sqlite.close();
    },
  };
}

/** SQLite's own codes for a statement that could never work: an error in it, and what constraints and types refuse. */
const REFUSED_CODES: ReadonlySet<number> = new Set([1, 18, 19, 20, 25]);

/**
 * Whether the database failed, as with a full disk, and not what was asked of it: then the same will work when it does again.
 * @see https://sqlite.org/rescode.html
 */
export function isStorageFailure(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  if (!("errcode" in error) || typeof error.errcode !== "number")
    return String(error.code).startsWith("ERR_INVALID_STATE");
  return !REFUSED_CODES.has(error.errcode & 0xff);
}
