import { closeSync, fdatasync, openSync } from "node:fs";
import { promisify } from "node:util";
import type { DatabaseSync } from "node:sqlite";
import { UnwrittenError } from "../sql/failure.ts";

/**
 * Brings what was committed to the disk, as `synchronous = FULL` does, on another thread: a disk takes from half a millisecond to a hundred,
 * and meanwhile the card is on its way and people are answered. SQLite itself waits for it only where it writes its log into the file.
 * Nothing locks the log, so it may be opened and closed (POSIX).
 */
export class LogSync {
  readonly #path: string;
  readonly #sqlite: DatabaseSync;
  readonly #writeOut: (file: number) => Promise<void>;
  #file: number | null = null;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  /** Something did not get there: the system takes it for written all the same, and would not try again. */
  #isDoubtful = false;

  /**
   * @param path of the log
   * @param writeOut resolves when what was written to an open file is on the disk
   */
  constructor(path: string, sqlite: DatabaseSync, writeOut: (file: number) => Promise<void> = promisify(fdatasync)) {
    this.#path = path;
    this.#sqlite = sqlite;
    this.#writeOut = writeOut;
  }

  /** Resolves when all that is in the log now is on the disk. Those who ask while it is being written share the next time. */
  sync(): Promise<void> {
    if (this.#running === null) return this.#begin();
    this.#next ??= this.#running.catch(() => undefined).then(() => this.#begin());
    return this.#next;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
  }

  #begin(): Promise<void> {
    this.#next = null;
    const running = this.#write().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #write(): Promise<void> {
    try {
      // It is there since the first commit, and for as long as the database is open.
      this.#file ??= openSync(this.#path, "r");
      if (this.#isDoubtful) this.#writeAnew();
      await this.#writeOut(this.#file);
      this.#isDoubtful = false;
    } catch (error) {
      this.#isDoubtful = true;
      throw new UnwrittenError(error);
    }
  }

  /** All that the log holds goes into the file, and is waited for there. */
  #writeAnew(): void {
    const { busy } = this.#sqlite.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() ?? {};
    if (busy !== 0) throw new Error("the log is read by another program");
  }
}
