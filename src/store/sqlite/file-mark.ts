import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { randomInt } from "node:crypto";
import { z } from "zod";

/** By what the file of a database is known: a number in its header, and beside it, which numbers that may be while the log there is its own. */

/** Parts of the header: https://sqlite.org/fileformat2.html#the_database_header */
const [FORMAT_AT, USER_VERSION_AT, HEADER_BYTES] = [18, 60, 64];
/** Of a file that has a log. What `VACUUM INTO` makes has none. */
const LOGGED = 0x02_02;
const MAX_MARK = 2 ** 31 - 1;
const marksSchema = z.array(z.int());

/** What a file says of itself; zeros, which are no mark, if it was emptied. */
export interface FileHeader {
  readonly mark: number;
  readonly format: number;
}

/** A number by which a file is known, to be written as `user_version`. */
export const newMark = (): number => randomInt(1, MAX_MARK);

/** Reads it from an open file. */
export function headerIn(file: number): FileHeader {
  const bytes = Buffer.alloc(HEADER_BYTES);
  readSync(file, bytes, 0, bytes.length, 0);
  return { mark: bytes.readInt32BE(USER_VERSION_AT), format: bytes.readUInt16BE(FORMAT_AT) };
}

/** The same of a file that nobody in this program has open: closing it would free SQLite's locks on it (POSIX). */
export function headerOf(path: string): FileHeader {
  const file = openSync(path, "r");
  try {
    return headerIn(file);
  } finally {
    closeSync(file);
  }
}

/** Where the file itself is, as its log is. */
const besideOf = (path: string): string => `${existsSync(path) ? realpathSync(path) : path}.mark`;

/**
 * Notes which marks the file may bear from now on, so that it survives a power cut; to be done before one of them is written.
 * @returns whether it could
 */
export function noteMarks(path: string, marks: readonly number[]): boolean {
  try {
    const draft = `${besideOf(path)}.new`;
    const file = openSync(draft, "w", 0o600);
    try {
      writeSync(file, JSON.stringify(marks));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, besideOf(path));
    const folder = openSync(dirname(besideOf(path)), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    return true;
  } catch {
    return false;
  }
}

/** Forgets them: nothing is known of the file then. */
export const forgetMarks = (path: string): void => rmSync(besideOf(path), { force: true });

function knownMarks(path: string): readonly number[] | null {
  try {
    return marksSchema.parse(JSON.parse(readFileSync(besideOf(path), "utf8")));
  } catch {
    return null;
  }
}

/**
 * Whether a log stands beside a file that is not its own, as after a crash and a copy over the file: SQLite would write the log's changes into the
 * copy, whatever that is.
 */
export function hasStrangeLog(path: string): boolean {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  const file = statSync(path, { throwIfNoEntry: false });
  if (!log?.size || !file?.size) return false;
  const { mark, format } = headerOf(path);
  return format !== LOGGED || knownMarks(path)?.includes(mark) === false;
}

/** Puts such a log aside. */
export function putLogAside(path: string): void {
  renameSync(`${path}-wal`, `${path}-wal.old`);
  rmSync(`${path}-shm`, { force: true });
}
