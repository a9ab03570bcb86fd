import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { DiskSpace } from "../store/history-size.ts";
import type { Level } from "./line.ts";

/** What the database takes of its disk, in bytes. */
export interface Disk extends DiskSpace {
  /** All its files. */
  readonly usedBytes: number;
  /** How much the history may take. */
  readonly maxBytes: number;
}

/** From so little on somebody should make room: a tenth, but of a large disk no more than this. */
const LOW = { share: 0.1, bytes: 1e9 };
/** From so little on the next flood may fill it. */
const NEARLY_FULL = { share: 0.03, bytes: 1e8 };

/** The disk of a database, and what the files of the database take. */
export async function readDisk(databasePath: string): Promise<Omit<Disk, "maxBytes">> {
  const { bavail, blocks, bsize } = await statfs(dirname(databasePath));
  const sizes = await Promise.all(["", "-wal", "-shm"].map((suffix) => sizeOf(databasePath + suffix)));
  return {
    usedBytes: sizes.reduce((sum, size) => sum + size, 0),
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
  };
}

/** How much the room that is left should worry anybody. */
export function diskLevel({ freeBytes, totalBytes }: DiskSpace): Level {
  const isBelow = ({ share, bytes }: typeof LOW): boolean => freeBytes < Math.min(bytes, share * totalBytes);
  return isBelow(NEARLY_FULL) ? "error" : isBelow(LOW) ? "warning" : "ok";
}

/** SQLite makes and removes its side files as it likes. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
