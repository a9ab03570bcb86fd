import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";

/** What the database takes and what its disk still has, in bytes. */
export async function readDisk(databasePath: string): Promise<{ usedBytes: number; freeBytes: number }> {
  const { bavail, bsize } = await statfs(dirname(databasePath));
  const sizes = await Promise.all(["", "-wal", "-shm"].map((suffix) => sizeOf(databasePath + suffix)));
  return { usedBytes: sizes.reduce((sum, size) => sum + size, 0), freeBytes: bavail * bsize };
}

/** SQLite makes and removes its side files as it likes. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
