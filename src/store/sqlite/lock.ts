import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { clean, shorten } from "../../alarms/text.ts";
import { codesOf } from "../sql/error-codes.ts";

/** How every SQLite file begins: https://sqlite.org/fileformat2.html#magic_header_string */
export const MAGIC = "SQLite format 3\0";

/** Who has a lock. */
export interface Holder {
  readonly process: number;
  readonly host: string;
  /** As people read it. */
  readonly since: string;
}

/** Either the lock is ours until `release`, or somebody else's; `null`: nobody can tell whose. */
export type Lock = { readonly release: () => void } | { readonly heldBy: Holder | null };

/** So long for one that is just ending, as at a restart. */
const PATIENCE_MS = 1_000;
/** https://sqlite.org/rescode.html */
const BUSY = 5;
const DAMAGED: ReadonlySet<unknown> = new Set([11, 26]);

/**
 * Takes the lock that a file stands for, until it is released or this program is gone, however it went: the operating system holds it
 * as a lock of SQLite on an open file. What the file says is for people only, so neither a copy of it nor the same number of a
 * process in another container means anything.
 *
 * Nobody may open the file by other means in the program that holds it: closing it again would free the lock (POSIX).
 * @param path made if it is not there
 * @throws Error of node:fs or node:sqlite, also when there is another file in its place
 */
export function takeLock(path: string): Lock {
  try {
    return tryLock(path);
  } catch (error) {
    // A power cut may have left half of it. Nobody holds what nobody can open.
    if (!DAMAGED.has(codesOf(error).errcode) || !isSqlite(path)) throw error;
    rmSync(path);
    return tryLock(path);
  }
}

function tryLock(path: string): Lock {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  const file = new DatabaseSync(path, { timeout: PATIENCE_MS });
  try {
    // What it says must be committed to be read by others, and it is held by a transaction; who comes between has it.
    file.exec("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (process INTEGER, host TEXT, since TEXT)");
    const since = `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
    file.exec("DELETE FROM holder");
    file.prepare("INSERT INTO holder VALUES (?, ?, ?)").run(process.pid, hostname(), since);
    file.exec("COMMIT; BEGIN IMMEDIATE");
    return { release: () => file.close() };
  } catch (error) {
    const isBusy = codesOf(error).errcode === BUSY;
    const heldBy = isBusy ? holderIn(file) : null;
    file.close();
    if (!isBusy) throw error;
    return { heldBy };
  }
}

function holderIn(file: DatabaseSync): Holder | null {
  try {
    const row = file.prepare("SELECT process, host, since FROM holder").get();
    if (row === undefined) return null;
    return { process: Number(row["process"]), host: text(row["host"]), since: text(row["since"]) };
  } catch {
    // It is just being written, or was never.
    return null;
  }
}

const text = (value: unknown): string => shorten(clean(String(value)), 64);

const isSqlite = (path: string): boolean => readFileSync(path).toString("latin1", 0, MAGIC.length) === MAGIC;
