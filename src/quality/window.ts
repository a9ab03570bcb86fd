/** Instants that came lately, oldest first: in order, but for a clock that was set. */
export class LatelyWindow {
  readonly #lengthMs: number;
  #times: number[] = [];
  #first = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  get size(): number {
    return this.#times.length - this.#first;
  }

  /** Takes one more, and drops what is as old as the window is long. */
  add(at: number): void {
    this.#times.push(at);
    while ((this.#times[this.#first] ?? at) <= at - this.#lengthMs) this.#first += 1;
    if (this.#first > 1_000 && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
  }

  /** When no more than `count` will be left of those that are in it, if nothing comes; `null`: there are no more than that now. */
  fallsTo(count: number): number | null {
    const last = this.#times[this.#times.length - 1 - count];
    return this.size > count && last !== undefined ? last + this.#lengthMs : null;
  }
}
