import { readFileSync } from "node:fs";

/** The broker's links, Telegram, the database, the log, a worker and what it reads: what alarms need, with room to spare. */
const RESERVED = 60;
const FEWEST = 4;

/** How many files and connections this program may have open; Infinity where nobody can tell. */
export function maxOpenFiles(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}

/** How many of `wanted` connections from outside leave enough to the way of alarms. */
export const spareConnections = (wanted: number, openFiles: number): number =>
  Math.max(FEWEST, Math.min(wanted, openFiles - RESERVED));
