/** The codes that an error of Node.js, of a file or of SQLite bears; `undefined`: it has none. */
export interface ErrorCodes {
  /** Of Node.js, such as `ENOSPC`. */
  readonly code: string | undefined;
  /** SQLite's: https://sqlite.org/rescode.html */
  readonly errcode: number | undefined;
}

/** Reads them from whatever was thrown. */
export function codesOf(error: unknown): ErrorCodes {
  if (typeof error !== "object" || error === null) return { code: undefined, errcode: undefined };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const errcode = "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined;
  return { code, errcode };
}

/** What an error says. */
export const saidBy = (error: unknown): string => (error instanceof Error ? error.message : String(error));
