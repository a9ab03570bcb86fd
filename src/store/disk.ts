import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { DiskSpace } from "./history-size.ts";

/** A disk, and what the database takes of it; in bytes. */
export interface DiskUse extends DiskSpace {
  /** All its files. */
  readonly usedBytes: number;
  /** What of them is the log of changes that are not in the file yet, or were. */
  readonly logBytes: number;
}

/** A disk on another machine, which has no end that can be seen from here. */
export const UNSEEN: DiskSpace = { totalBytes: Infinity, freeBytes: Infinity };

/** The disk of a database, and what the files of the database take. */
export async function readDisk(databasePath: string): Promise<DiskUse> {
  const { bavail, blocks, bsize } = await statfs(dirname(databasePath));
  const [file = 0, logBytes = 0, index = 0] = await Promise.all(
    ["", "-wal", "-shm"].map((suffix) => sizeOf(databasePath + suffix)),
  );
  return {
    usedBytes: file + logBytes + index,
    logBytes,
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
  };
}

/** SQLite makes and removes its side files as it likes. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
