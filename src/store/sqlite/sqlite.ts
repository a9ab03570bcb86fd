import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { Commits, type CommitOptions } from "./commits.ts";
import { LOCK_AGAIN_MS, LOCK_PATIENCE_MS, OPEN_PATIENCE_MS } from "./lock-wait.ts";
import { isBusy } from "../sql/failure.ts";
import { forgetMarks, headerOf, newMark, noteMarks } from "./file-mark.ts";
import { LogSync } from "./log-sync.ts";
import { watchOwnFile, type OwnFile } from "./own-file.ts";
import { makePrivate } from "./private-file.ts";
import { MAX_WAL_BYTES, pragmaOf, SqliteSpace } from "./space.ts";
import { statementsOn } from "./statements.ts";
import type { Database, Queries, SqlValue, Survives } from "../sql/database.ts";

/**
 * Of a new file. An event changes a few bytes in each of some twenty pages, which are all written to the log: half of SQLite's usual size
 * halves that, at the same speed; a quarter would make files larger and slower.
 */
const PAGE_BYTES = 2_048;
/** 4 MB: then the log of changes is written into the file. */
const CHECKPOINT_PAGES = 2_000;
/** What is lost is not even to be closed by the collector of garbage; see own-file.ts. */
const abandoned: DatabaseSync[] = [];
const REBUILD = new URL("./rebuild-thread.ts", import.meta.url);

/** Only a database without tables takes the first; others need `rebuild`. */
const SETTINGS = `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON;
  PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
  PRAGMA journal_size_limit = ${MAX_WAL_BYTES};`;

/** What there is to say of a file. */
interface SqliteOptions extends CommitOptions {
  /** Others could read it, in words. */
  readonly onOpenToOthers?: (problem: string) => void;
  /** A log that was not the file's own was put aside, in words. */
  readonly onPutAside?: (problem: string) => void;
  /** The file could not be written anew; it is as it was. */
  readonly onNotRebuilt?: (error: unknown) => void;
  /** Whether it is this program's alone, so that what becomes of it is watched; see own-file.ts. */
  readonly isOwn?: boolean;
}

/** A database in a file. */
export interface DatabaseFile extends Database {
  /** Looks after the files, also for the time in which nothing is stored; to be called each second. */
  look(): void;
}

/**
 * Opens (or creates, readable by the owner only) an SQLite file.
 *
 * A commit that is to survive a power cut is brought to the disk beside all else; many share one wait. See commits.ts and log-sync.ts.
 * In WAL mode, `synchronous = NORMAL` outlives the program without that.
 *
 * SQLite itself waits for no lock, as it would keep all else waiting, too. What is deleted is overwritten (`secure_delete`): names and
 * secrets that are to go are not to be read in the file.
 * @param path a file, or `:memory:`
 */
export function openSqlite(path: string, options: SqliteOptions = {}): DatabaseFile {
  const { onFailure, onNotRebuilt } = options;
  const { sqlite, file, log } = openConnection(path, options);
  const queries = statementsOn(sqlite);
  const commits = new Commits(sqlite, queries, { file, log }, options);
  const space = new SqliteSpace(path, sqlite, commits, file);

  /** Reading needs no lock, but for the moments in which another program begins or empties the log. */
  async function read<Row>(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    for (const givenUpAt = performance.now() + LOCK_PATIENCE_MS; ; await delay(LOCK_AGAIN_MS)) {
      await commits.settled();
      if (file?.lost?.isReadable === false) throw file.lost;
      try {
        return await queries.all<Row>(sql, ...values);
      } catch (error) {
        if (!isBusy(error) || performance.now() >= givenUpAt) throw error;
      }
    }
  }

  return {
    all: <Row>(sql: string, ...values: SqlValue[]) => read<Row>(sql, values),
    transaction: <T>(
      work: (queries: Queries) => Promise<T>,
      survives: Survives = "powerCut",
      onVisible?: (result: T) => void,
    ) => commits.add(work, survives, onVisible),
    migration: (work) => commits.add(work, "powerCut"),
    compact: () => space.compact(),
    usedBytes: async () => space.usedBytes(),
    async rebuild(isOld) {
      if (path === ":memory:" || (!isOld && space.canShrink())) return;
      // It takes seconds for a gigabyte: another thread waits for the disk.
      const thread = new Worker(REBUILD, { workerData: path });
      await once(thread, "exit").catch((error: unknown) => onNotRebuilt?.(error));
    },
    look() {
      const lost = file?.trouble();
      if (lost) return onFailure?.(lost);
      // First, as the log begins anew with what it may keep where it is only written into the file.
      space.shrinkLog();
      space.spreadLog();
    },
    async close() {
      await commits.finished();
      log?.close();
      if (file?.trouble()) {
        abandoned.push(sqlite);
        return file.abandon();
      }
      sqlite.close();
      file?.close();
    },
  };
}

/** A connection with our settings, and what watches its file if that is this program's alone. */
function openConnection(
  path: string,
  { onOpenToOthers, isOwn = false }: SqliteOptions,
): { readonly sqlite: DatabaseSync; readonly file: OwnFile | null; readonly log: LogSync | null } {
  if (path !== ":memory:") for (const problem of makePrivate(path)) onOpenToOthers?.(problem);
  const mark = newMark();
  // Where that cannot be noted, nothing is known of the file, rather than something else.
  if (isOwn && !noteMarks(path, [headerOf(path).mark, mark])) forgetMarks(path);
  const sqlite = new DatabaseSync(path, { timeout: OPEN_PATIENCE_MS });
  sqlite.exec(SETTINGS);
  if (isOwn) sqlite.exec(`PRAGMA user_version = ${mark}; PRAGMA wal_checkpoint(TRUNCATE)`);
  const file = isOwn ? watchOwnFile(path, pragmaOf(sqlite, "user_version")) : null;
  // Where there can be no log, as in memory or on some network drives, SQLite waits for the disk itself.
  const isLogged = sqlite.prepare("PRAGMA journal_mode").get()?.["journal_mode"] === "wal";
  sqlite.exec(`PRAGMA busy_timeout = 0; PRAGMA synchronous = ${isLogged ? "NORMAL" : "FULL"}`);
  return { sqlite, file, log: isLogged ? new LogSync(`${path}-wal`, sqlite) : null };
}
