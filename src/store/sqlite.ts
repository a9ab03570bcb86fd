import { DatabaseSync, type StatementSync } from "node:sqlite";
import { makePrivate } from "./private-file.ts";
import type { Database, Queries, SqlValue, Survives } from "./database.ts";

/** Bounds how long one commit keeps the rest of the program waiting. */
const MAX_TRANSACTIONS_PER_COMMIT = 200;

/** 4 MB. */
const COMPACT_PAGES = 1_000;

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
}

/**
 * Opens (or creates, readable by the owner only) an SQLite file.
 *
 * A commit that is to survive a power cut waits for the disk (`synchronous=FULL`), so transactions that are asked for while
 * one is under way share the next commit. Waiting for `setImmediate` costs nothing at low rates and groups by itself under
 * load. In WAL mode `synchronous=NORMAL` outlives the program as well, and takes a twentieth of the time.
 * @param path a file, or `:memory:`
 */
export function openSqlite(path: string, { onCommit, onOpenToOthers }: SqliteOptions = {}): Database {
  if (path !== ":memory:") for (const problem of makePrivate(path)) onOpenToOthers?.(problem);
  const sqlite = new DatabaseSync(path);
  // Only a database without tables takes the first; one of an older Valvomo reuses its free pages, but keeps its size.
  sqlite.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000;");

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
      return Number(prepare(sql).run(...values).changes);
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
    const synchronous = batch.every(({ survives }) => survives === "crash") ? "NORMAL" : "FULL";
    try {
      sqlite.exec(`PRAGMA synchronous = ${synchronous}`);
      sqlite.exec("BEGIN IMMEDIATE");
      for (const job of batch) reports.push(await attempt(job));
      sqlite.exec("COMMIT");
      if (synchronous === "FULL") onCommit?.((performance.now() - begunAt) / 1_000);
    } catch (error) {
      if (sqlite.isOpen && sqlite.isTransaction) sqlite.exec("ROLLBACK");
      for (const job of batch) job.reject(error);
      return;
    }
    for (const report of reports) report();
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
      while (commit) await commit;
      sqlite.exec(`PRAGMA incremental_vacuum(${COMPACT_PAGES})`);
    },
    async close() {
      while (commit) await commit;
      sqlite.close();
    },
  };
}
