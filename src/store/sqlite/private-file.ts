import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "./folder.ts";

/** What SQLite puts beside a database: it holds the same. It gets the database's own mode when it is made. */
const BESIDE = ["", "-wal", "-shm"];
const OTHERS = 0o077;

/**
 * Makes sure that a database is there and nobody but its owner may read or change it: it is made so, with its folder, and one
 * that was there before is made so.
 * @returns what was open to others, in words
 */
export function makePrivate(path: string): string[] {
  makeFolder(dirname(path));
  closeSync(openSync(path, "a", 0o600));
  // Windows has no such modes.
  if (process.platform === "win32") return [];
  return BESIDE.flatMap((end) => mend(path + end) ?? []);
}

function mend(path: string): string | null {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & OTHERS) === 0) return null;
  try {
    chmodSync(path, mode & ~OTHERS);
    return `${path} could be read by other users of this machine; it cannot any more`;
  } catch {
    return `${path} can be read by other users of this machine, and belongs to another user: chmod 600 is needed`;
  }
}
