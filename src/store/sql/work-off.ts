/** Works off what waits, one round after the other: whatever is added while a round is under way is for the next. */
export class WorkOff {
  readonly #work: () => Promise<void>;
  readonly #hasMore: () => boolean;
  #working: Promise<void> | null = null;

  /** @param work works until nothing waits */
  constructor(work: () => Promise<void>, hasMore: () => boolean) {
    this.#work = work;
    this.#hasMore = hasMore;
  }

  /** Begins, unless it is at work already. */
  start(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      if (this.#hasMore()) this.start();
    });
  }

  /** Resolves when nothing is under way any more. */
  async finished(): Promise<void> {
    while (this.#working) await this.#working;
  }
}
