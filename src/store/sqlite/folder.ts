import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { codesOf } from "../sql/error-codes.ts";

/**
 * Makes a folder and those above it, for their owner only, as far as they are not there. Step by step: where a file system
 * says of what cannot be made that it is not there, as /proc does, Node.js' own way turns in a circle for ever.
 * @throws Error of node:fs
 */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (codesOf(error).code !== "EEXIST") throw error;
  }
}
