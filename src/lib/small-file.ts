import { systemCodeOf } from "./errors.ts";
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";

/** Far more than settings, keys and certificates need. */
const MAX_BYTES = 1_000_000;

/** A file that was named in the settings. */
export interface SmallFile {
  readonly content: Buffer;
  /** Whether any other user of this machine may read it. */
  readonly isOpenToOthers: boolean;
}

/** Where container platforms mount secrets, readable for all of a container, in which there is nobody else. */
const MOUNTED = "/run/secrets/";

/**
 * Reads a file of 1 MB at most.
 * @throws Error whose message says why, to stand in brackets
 */
export function readSmallFile(path: string): SmallFile {
  return withFile(path, (file, { size, mode }) => {
    if (size > MAX_BYTES) throw new Error("it is larger than 1 MB");
    // Windows has no such modes.
    const isOpenToOthers = process.platform !== "win32" && (mode & 0o004) !== 0 && !path.startsWith(MOUNTED);
    return { content: readFileSync(file), isOpenToOthers };
  });
}

/**
 * Sees whether a file can be read.
 * @throws as `readSmallFile` does
 */
export function checkFile(path: string): void {
  withFile(path, () => undefined);
}

/** What else a path may lead to is refused: a pipe without a writer would keep the program waiting for ever. */
function withFile<T>(path: string, use: (file: number, stat: Stats) => T): T {
  const file = open(path);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new Error("it is a folder");
    if (!stat.isFile()) throw new Error("it is not a regular file");
    return use(file, stat);
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    // Without waiting for the other end of a pipe.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw new Error(systemCodeOf(error) ?? "unknown error", { cause: error });
  }
}
