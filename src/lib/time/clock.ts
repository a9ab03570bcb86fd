/** The one source of time for parts that wait or compare: tests pass one that they move. */
export interface Clock {
  /** Epoch milliseconds UTC. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets: for how long, not when. */
  readonly elapsed: () => number;
  /** Calls `run` once after `delayMs`; returns what cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/** Node's timers hold 31 bits; a longer wait fires at once instead. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. Its timers keep the process alive only as long as something else does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_TIMER_MS)).unref();
    return () => clearTimeout(timer);
  },
};
