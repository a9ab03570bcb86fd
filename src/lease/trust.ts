import type { Clock } from "../lib/time/clock.ts";

/** For how long the lease is given; what the others wait for when its holder says nothing any more. */
export const TTL_MS = 3_000;
/** The holder stops so much earlier: its clock and the server’s do not run quite alike. */
const MARGIN_MS = 500;
/** So long before the lease is over that cannot be renewed, last words are said: after it nothing may be. */
const LAST_WORDS_MS = 700;

/** An instant by both clocks. */
export interface Instant {
  readonly elapsed: number;
  readonly now: number;
}

/**
 * For how long a holder trusts the lease: until some time after it *began* to ask for it, by a clock that nobody sets, and by the other as
 * well, as the first stands still while a machine sleeps.
 */
export class Trust {
  readonly #clock: Clock;
  readonly #onLapsing: () => void;
  #until: Instant = { elapsed: Number.NEGATIVE_INFINITY, now: Number.NEGATIVE_INFINITY };
  #cancelLastWords = (): void => undefined;

  /** @param onLapsing it was not renewed and is nearly over */
  constructor(clock: Clock, onLapsing: () => void) {
    this.#clock = clock;
    this.#onLapsing = onLapsing;
  }

  get holds(): boolean {
    return this.#clock.elapsed() < this.#until.elapsed && this.#clock.now() < this.#until.now;
  }

  /** @param begun when the server was asked, who gave it */
  renew(begun: Instant): void {
    const validMs = TTL_MS - MARGIN_MS;
    this.#until = { elapsed: begun.elapsed + validMs, now: begun.now + validMs };
    this.#cancelLastWords();
    this.#cancelLastWords = this.#clock.after(validMs - LAST_WORDS_MS, this.#onLapsing);
  }

  /** Says no last words. */
  end(): void {
    this.#cancelLastWords();
  }
}
