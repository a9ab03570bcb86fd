import { ConfigError } from "../lib/errors.ts";
import type { CommitOptions } from "./sqlite/commits.ts";
import type { Database } from "./sql/database.ts";
import { databaseTrouble, openDatabaseFile } from "./sqlite/database-file.ts";
import { readDisk, UNSEEN, type DiskUse } from "./disk.ts";
import type { DatabaseSettings, WritingRight } from "./sql/settings.ts";

/** The database of the program, for this process alone. */
export interface ProgramDatabase extends Database {
  /** Looks whether it can be used still, for the time in which nothing is stored; to be called each second. */
  readonly look: () => Promise<void>;
  /** What it takes of its disk, and what there is. */
  disk(): Promise<DiskUse>;
}

/** What is told of it. */
export interface DatabaseListeners extends Omit<CommitOptions, "lockPatienceMs"> {
  /** Others could read it, in words. */
  readonly onOpenToOthers?: (problem: string) => void;
  /** A log that was not the file's own was put aside, in words. */
  readonly onPutAside?: (problem: string) => void;
  /** It could not be written anew; it is as it was. */
  readonly onNotRebuilt?: (error: unknown) => void;
}

/**
 * Opens it where the settings say.
 * @param right of one of several processes; left out: nobody else may have it
 * @throws ConfigError in words, if that cannot be
 */
export async function openDatabase(
  settings: DatabaseSettings,
  listeners: DatabaseListeners = {},
  right: WritingRight | null = null,
): Promise<ProgramDatabase> {
  if (settings.kind === "file") {
    const file = openDatabaseFile(settings.path, listeners);
    return { ...file, look: async () => file.look(), disk: () => readDisk(settings.path) };
  }
  // Others start without its driver, and so a little sooner.
  const { openPostgres } = await import("./postgres/database.ts");
  const database = await openPostgres(settings, listeners, right);
  return { ...database, disk: async () => ({ ...UNSEEN, usedBytes: await database.fileBytes(), logBytes: 0 }) };
}

/**
 * What is to be told of an error at the start, if it is one of the database.
 * @returns any other as it is
 */
export async function troubleWith(settings: DatabaseSettings, error: unknown): Promise<unknown> {
  if (error instanceof ConfigError) return error;
  if (settings.kind === "file") return databaseTrouble(settings.path, error);
  const { serverTrouble } = await import("./postgres/database.ts");
  return serverTrouble(settings, error);
}
