import type { DiskUse } from "../store/disk.ts";
import type { DiskSpace } from "../store/history-size.ts";
import type { Level } from "../lib/status-line.ts";

/** What the database takes of its disk, in bytes. */
export interface Disk extends DiskUse {
  /** How much the history may take. */
  readonly maxBytes: number;
}

/** From so little on somebody should make room: a tenth, but of a large disk no more than this. */
const LOW = { share: 0.1, bytes: 1e9 };
/** From so little on the next flood may fill it. */
const NEARLY_FULL = { share: 0.03, bytes: 1e8 };

/** How much the room that is left should worry anybody. */
export function diskLevel({ freeBytes, totalBytes }: DiskSpace): Level {
  const isBelow = ({ share, bytes }: typeof LOW): boolean => freeBytes < Math.min(bytes, share * totalBytes);
  return isBelow(NEARLY_FULL) ? "error" : isBelow(LOW) ? "warning" : "ok";
}
