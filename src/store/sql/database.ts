/** What a column can hold. Booleans are stored as 0 and 1, instants as epoch milliseconds. */
export type SqlValue = string | number | null | Uint8Array;

/** Statements with `$1`, `$2`, … for the values, in SQL that SQLite and PostgreSQL both take as it is. */
export interface Queries {
  readonly all: <Row>(sql: string, ...values: SqlValue[]) => Promise<Row[]>;
  /** @returns the number of rows that it changed */
  readonly run: (sql: string, ...values: SqlValue[]) => Promise<number>;
}

/**
 * What a commit outlives. `crash`, for what may rather be done twice than waited for, is the end of this program; after a
 * power cut the newest commits of that kind may be missing.
 */
export type Survives = "powerCut" | "crash";

/** The one contract between the store and a database. */
export interface Database {
  all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]>;
  /**
   * Runs `work` in a transaction; resolves when it is safe, by default on disk, and rejects (and changes nothing) if it
   * throws or the commit fails. `work` must await nothing but its queries: others wait for it.
   * @param onVisible is told what came of it once others read that and a crash does not undo it, which may be before it is on disk: in
   *   the end it may be rejected all the same, by a disk that fails
   */
  transaction<T>(
    work: (queries: Queries) => Promise<T>,
    survives?: Survives,
    onVisible?: (result: T) => void,
  ): Promise<T>;
  /** As `transaction`, for what is changed of the tables themselves: it may take minutes, and is before all else. */
  migration<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Gives the space that nothing uses any more back to the file system, in steps between which all else goes on. */
  compact(): Promise<void>;
  /** How much space is in use. */
  usedBytes(): Promise<number>;
  /**
   * Writes all anew if an older version wrote it, or if it could not be compacted: nothing stays of what was deleted. To be called
   * before anything else is asked for. What is in the way is told, and is not an error.
   */
  rebuild(isOld: boolean): Promise<void>;
  /** Finishes what was asked for, then closes. */
  close(): Promise<void>;
}
