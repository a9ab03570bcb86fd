import { isBusy, LostFileError, UnwrittenError } from "./failure.ts";
import { nameOfDatabase, type DatabaseSettings } from "./settings.ts";
import { reasonOfServer, remedyAtServer } from "./server-failure.ts";
import { codesOf, saidBy } from "./error-codes.ts";

/** https://sqlite.org/rescode.html, the primary codes. */
const SQLITE_REASONS: Readonly<Record<number, string | undefined>> = {
  5: "another program holds its lock",
  8: "it cannot be written",
  10: "the disk fails, or cannot lock files",
  11: "it is damaged: restore a backup",
  13: "the disk is full",
  14: "it, or a file beside it, cannot be made or written",
  26: "it, or the .lock beside it, is not a database, or is damaged: restore a backup",
};
const FILE_REASONS: Readonly<Record<string, string | undefined>> = {
  EACCES: "the user that runs Valvomo may not",
  EPERM: "the user that runs Valvomo may not",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk is full",
  ENOTDIR: "something above it is a file",
  ENOENT: "something above it cannot be made",
};

/** What somebody can do so that the database can be written again; a sentence without its end. */
export function remedyOf(error: unknown, database: DatabaseSettings): string {
  const path = nameOfDatabase(database);
  if (database.kind === "postgres") return remedyAtServer(error, path);
  if (error instanceof LostFileError)
    return `Put ${path} back as it was; or stop Valvomo, put the right database there, and start it again`;
  if (isBusy(error)) return `End the program that holds ${path}, such as a backup or an sqlite3 that was left open`;
  return `Make room on the disk of ${path}, or mend it`;
}

/** Why a file or a database is not as it should be, in words that follow “since”. */
export function reasonOf(error: unknown): string {
  if (error instanceof LostFileError || error instanceof UnwrittenError) return error.message;
  const ofServer = reasonOfServer(error);
  if (ofServer !== null) return ofServer;
  const { code = "unknown error", errcode } = codesOf(error);
  const words = errcode === undefined ? FILE_REASONS[code] : SQLITE_REASONS[errcode & 0xff];
  return words ?? (errcode === undefined ? code : saidBy(error));
}
