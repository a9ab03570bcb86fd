import { isOfServer } from "./server-failure.ts";
import { codesOf } from "./error-codes.ts";

/** What is written would go into a file that nobody finds again, or that holds another database by now. */
export class LostFileError extends Error {
  /** Whether what we read is what we wrote. */
  readonly isReadable: boolean;

  /** @param reason words that follow “since” */
  constructor(reason: string, isReadable: boolean) {
    super(reason);
    this.isReadable = isReadable;
  }
}

/** What was committed is not on the disk, or nobody knows whether it is. */
export class UnwrittenError extends Error {
  constructor(cause: unknown) {
    super("the disk fails", { cause });
  }
}

/** Primary result codes, here and below: https://sqlite.org/rescode.html */
const BUSY = 5;
/** About the disk, whatever was asked: read-only, I/O error, damaged, full, cannot open. */
const DISK_CODES: ReadonlySet<number> = new Set([8, 10, 11, 13, 14]);
/** A statement that could never work: an error in it, and what constraints and types refuse. */
const REFUSED_CODES: ReadonlySet<number> = new Set([1, 18, 19, 20, 25]);

/** What SQLite says of it; `null`: it is not an error of SQLite. */
function codeOf(error: unknown): number | null {
  const { errcode } = codesOf(error);
  return errcode === undefined ? null : errcode & 0xff;
}

/** Whether another program holds the lock. */
export const isBusy = (error: unknown): boolean => codeOf(error) === BUSY;

/** Whether the disk, or what stands there, is in the way of everything that is to be stored. */
export const isOfDisk = (error: unknown): boolean =>
  error instanceof LostFileError || error instanceof UnwrittenError || DISK_CODES.has(codeOf(error) ?? 0);

/** Whether the database failed, as with a full disk, and not what was asked of it: then the same will work when it does again. */
export function isStorageFailure(error: unknown): boolean {
  if (error instanceof LostFileError || error instanceof UnwrittenError || isOfServer(error)) return true;
  const code = codeOf(error);
  if (code !== null) return !REFUSED_CODES.has(code);
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_INVALID_STATE");
}
