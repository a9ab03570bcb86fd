import type { Clock } from "../lib/time/clock.ts";

const JITTER = 0.2;

/** Waits a little more or less than is asked for, so that several processes do not step in time; one wait at a time. */
export class JitteredWait {
  readonly #clock: Pick<Clock, "after">;
  readonly #random: () => number;
  #cancel = (): void => undefined;

  constructor(clock: Pick<Clock, "after">, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Runs something about then, sooner or later. */
  about(ms: number, run: () => void): void {
    this.#cancel = this.#clock.after(ms * (1 + JITTER * (this.#random() - 0.5)), run);
  }

  /** Resolves then, or later; at once when it is ended. */
  atLeast(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#clock.after(ms * (1 + JITTER * this.#random()), resolve);
      this.#cancel = () => {
        stop();
        resolve();
      };
    });
  }

  /** Ends the wait under way. */
  end(): void {
    this.#cancel();
  }
}
