import { statSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "../sql/failure.ts";
import type { Commits } from "./commits.ts";
import type { OwnFile } from "./own-file.ts";

/** A step that nobody notices. */
const COMPACT_BYTES = 1_000_000;
/** What is free is used again soon. */
const MAX_FREE_BYTES = 400_000;
/** What the log may keep of the disk once it is written into the file. */
export const MAX_WAL_BYTES = 16_000_000;
/** So much of the log waits to be written into the file: half of what a commit leaves there. */
const SPREAD_PAGES = 1_000;
/** SQLite before 3.51, as in Node.js 24, takes `NOOP` for `PASSIVE`, and would write all each time: there commits do, as ever. */
const CAN_TELL = Number(process.versions["sqlite"]?.split(".")[1]) >= 51;
/** A log that somebody reads is looked through each time. */
const SHRINK_MS = 10_000;
/** What SQLite says of a file that was made with `auto_vacuum = INCREMENTAL`. */
const SHRINKS = 2;

/** What a setting of the connection, or a number of its file, is. */
export const pragmaOf = (sqlite: DatabaseSync, name: string): number =>
  Number(Object.values(sqlite.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

/** What a database and its log take of the disk, and how it is given back. */
export class SqliteSpace {
  readonly #path: string;
  readonly #sqlite: DatabaseSync;
  readonly #commits: Commits;
  readonly #file: OwnFile | null;
  #triedAt = -Infinity;

  /** @param file what tells that it is not ours any more, and is to be left alone; `null`: nothing does */
  constructor(path: string, sqlite: DatabaseSync, commits: Commits, file: OwnFile | null) {
    this.#path = path;
    this.#sqlite = sqlite;
    this.#commits = commits;
    this.#file = file;
  }

  usedBytes(): number {
    return (this.#pragma("page_count") - this.#pragma("freelist_count")) * this.#pragma("page_size");
  }

  /** Whether it was made so that it can give back a part of itself. */
  canShrink(): boolean {
    return this.#pragma("auto_vacuum") === SHRINKS;
  }

  /** Gives back what nothing uses any more. */
  async compact(): Promise<void> {
    let isChanged = false;
    try {
      while (await this.#compactStep()) isChanged = true;
    } catch (error) {
      // There is another time.
      if (!isBusy(error)) throw error;
    }
    // The file itself gets shorter when the log is written into it.
    if (isChanged && this.#sqlite.isOpen) this.#sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  /** @returns whether there is more to give back */
  async #compactStep(): Promise<boolean> {
    await this.#commits.settled();
    if (!this.#sqlite.isOpen || !this.canShrink() || this.#file?.trouble()) return false;
    const pageBytes = this.#pragma("page_size");
    if (this.#pragma("freelist_count") * pageBytes <= MAX_FREE_BYTES) return false;
    this.#sqlite.exec(`PRAGMA incremental_vacuum(${Math.ceil(COMPACT_BYTES / pageBytes)})`);
    await nextTurn();
    return true;
  }

  /**
   * Writes the log into the file where nobody waits for it, before a commit has to: it takes two waits for the disk. Whoever writes next begins the
   * log anew, and waits once more: that is done here, too.
   */
  spreadLog(): void {
    if (!CAN_TELL || this.#sqlite.isTransaction) return;
    try {
      if (this.#unwrittenPages("NOOP") <= SPREAD_PAGES || this.#unwrittenPages("PASSIVE") > 0) return;
      this.#sqlite.exec(`PRAGMA user_version = ${this.#pragma("user_version")}`);
    } catch {
      // It is all in the log still, and a disk that fails is told of by whoever commits.
    }
  }

  /** Gives back what a log took that grew beside somebody who read; until they end, it stays as it is. */
  shrinkLog(): void {
    const { size } = statSync(`${this.#path}-wal`, { throwIfNoEntry: false }) ?? { size: 0 };
    if (size <= MAX_WAL_BYTES || this.#sqlite.isTransaction || performance.now() - this.#triedAt < SHRINK_MS) return;
    this.#triedAt = performance.now();
    this.#sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  /** @returns how many pages of the log are not in the file after a checkpoint; somebody may read the log */
  #unwrittenPages(checkpoint: "NOOP" | "PASSIVE"): number {
    const { log, checkpointed } = this.#sqlite.prepare(`PRAGMA wal_checkpoint(${checkpoint})`).get() ?? {};
    return Number(log) - Number(checkpointed);
  }

  #pragma(name: string): number {
    return pragmaOf(this.#sqlite, name);
  }
}
