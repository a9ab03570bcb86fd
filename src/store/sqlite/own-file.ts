import { closeSync, openSync, readSync, renameSync, statSync, type BigIntStats } from "node:fs";
import { reasonOf } from "../sql/disk-reason.ts";
import { LostFileError } from "../sql/failure.ts";
import { headerIn, newMark, noteMarks } from "./file-mark.ts";

/** The file of a database, and whether it is still the one under its name. */
export interface OwnFile {
  /**
   * Looks what became of it; `null`: it is ours. Cheap enough for each commit.
   * @param withinMs a look that found it well so lately will do; ms
   */
  trouble(withinMs?: number): LostFileError | null;
  /** What the newest look found. */
  readonly lost: LostFileError | null;
  /** A mark that the next transaction is to write; `null`: not now. */
  nextMark(): number | null;
  /** That mark is committed. */
  marked(mark: number): void;
  /** To be called instead of closing a database that is lost: SQLite would write our changes into the file that stands there now. */
  abandon(): void;
  /** To be called when the database is closed, and not before: closing the file frees SQLite's locks on it (POSIX). */
  close(): void;
}

/** A copy that is older than this, page for page, is known from the file itself. It costs a page of the log each time. */
const MARK_MS = 60_000;
/** Its salts are new each time that the log begins anew: https://sqlite.org/fileformat2.html#walformat */
const WAL_HEADER_BYTES = 32;

/**
 * Watches the file of an open database. What is removed or renamed is known by its inode; what is copied over it by its header: by a number
 * there, which is another one each minute in which something is stored, and as `VACUUM INTO` makes files that have no log.
 * @param mark `user_version` as SQLite reads it: the log may hold another one than the file
 */
export function watchOwnFile(path: string, mark: number, elapsed: () => number = () => performance.now()): OwnFile {
  const file = openSync(path, "r");
  const own = identityOf(path);
  const log = `${path}-wal`;
  /** It is made with the first transaction, and stays for as long as the database is open. */
  let ownLog: OwnLog | null = null;
  /** How the log began when all was well. */
  let logHeader: Buffer | null = null;
  const { format } = headerIn(file);
  /** What stands in the file, and what may come there when SQLite next writes its log into it, the oldest first. */
  let [written, coming] = [headerIn(file).mark, [mark]];
  let markedAt = elapsed();
  let lost: LostFileError | null = null;
  let wellAt = -Infinity;

  /** What it bore before is another file's from now on. */
  const note = (...next: readonly number[]): boolean => noteMarks(path, [...new Set([written, ...coming, ...next])]);
  note();

  function find(): LostFileError | null {
    const now = identityOf(path);
    if (now === null) return new LostFileError("the database’s file was removed or renamed", true);
    if (!isSame(now, own)) return new LostFileError("another file was put in the place of the database", true);
    const nowLog = identityOf(log);
    if (ownLog === null && nowLog !== null) ownLog = { identity: nowLog, file: openSync(log, "r") };
    if (!isSame(nowLog, ownLog?.identity ?? null))
      return new LostFileError("the -wal file beside the database was removed", true);
    const found = headerIn(file);
    const at = coming.indexOf(found.mark);
    if (at !== -1) {
      [written, coming] = [found.mark, coming.slice(at + 1)];
      note();
    }
    if (found.mark !== written || found.format !== format)
      return new LostFileError("another database was copied over ours", false);
    logHeader = beginningOf(ownLog);
    return null;
  }

  return {
    trouble(withinMs = 0) {
      const now = elapsed();
      if (now - wellAt < withinMs) return null;
      try {
        lost = find();
      } catch (error) {
        lost = new LostFileError(`the database’s file cannot be looked at (${reasonOf(error)})`, true);
      }
      wellAt = lost ? -Infinity : now;
      return lost;
    },
    get lost() {
      return lost;
    },
    nextMark() {
      if (elapsed() - markedAt < MARK_MS) return null;
      const next = newMark();
      return note(next) ? next : null;
    },
    marked(next) {
      coming = [...coming, next];
      markedAt = elapsed();
    },
    abandon() {
      const isOursBeside = identityOf(path) !== null && ownLog !== null && isSame(identityOf(log), ownLog.identity);
      // The next start would write it into what stands there now.
      if (isOursBeside && logHeader !== null && beginningOf(ownLog)?.equals(logHeader)) renameSync(log, `${log}.old`);
    },
    close() {
      closeSync(file);
      if (ownLog) closeSync(ownLog.file);
    },
  };
}

/** A log that is kept open for reading. Nothing locks it, so it may be closed. */
interface OwnLog {
  readonly identity: Identity;
  readonly file: number;
}

/** By what a file is known; as big integers, since some file systems number theirs beyond what a number can tell apart. */
type Identity = Pick<BigIntStats, "dev" | "ino">;

/** `null`: there is no such file. */
const identityOf = (path: string): Identity | null => statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;

const isSame = (a: Identity | null, b: Identity | null): boolean => a?.ino === b?.ino && a?.dev === b?.dev;

function beginningOf(log: OwnLog | null): Buffer | null {
  if (log === null) return null;
  const bytes = Buffer.alloc(WAL_HEADER_BYTES);
  return bytes.subarray(0, readSync(log.file, bytes, 0, bytes.length, 0));
}
