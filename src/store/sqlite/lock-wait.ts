/** Who holds the lock of the database longer than this is in the way; whoever pressed something still looks on. */
export const LOCK_PATIENCE_MS = 5_000;
/** So long in SQLite itself, while nothing else goes on: as a file is opened. */
export const OPEN_PATIENCE_MS = 5_000;
/** Between two tries for the lock. */
export const LOCK_AGAIN_MS = 20;

/** How long another program's lock is waited for: each for so long; after that nobody waits until the lock was free once. */
export class LockWait {
  readonly #patienceMs: number;
  /** Since when every try found the lock taken, and when the newest did; `null`: the newest did not. */
  #locked: { readonly since: number; readonly at: number } | null = null;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Whether the newest try found the lock taken. */
  get isLocked(): boolean {
    return this.#locked !== null;
  }

  /** The lock was free. */
  wasFree(): void {
    this.#locked = null;
  }

  /**
   * The lock was taken.
   * @param now of a clock that nobody sets; ms
   * @returns those who waited for it long enough, or know that others did in vain
   */
  wasTaken<T extends { readonly since: number }>(waiting: readonly T[], now: number): readonly T[] {
    const isNew = this.#locked === null || now - this.#locked.at >= this.#patienceMs;
    const since = isNew || this.#locked === null ? now : this.#locked.since;
    this.#locked = { since, at: now };
    const isHopeless = now - since >= this.#patienceMs;
    return waiting.filter((job) => isHopeless || now - job.since >= this.#patienceMs);
  }
}
