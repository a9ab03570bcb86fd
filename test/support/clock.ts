import type { Clock } from "../../src/lib/time/clock.ts";

/** A clock that only a test moves. */
export interface ManualClock extends Clock {
  /** Moves it on, running what falls due on the way, in order of time. */
  readonly advance: (ms: number) => void;
  /** Moves it on while nothing runs: what falls due on the way runs when it is moved on next. */
  freeze(ms: number): void;
  /** Sets it, also back; nothing is run. */
  set(at: number): void;
}

/** Creates a clock that stands still at `at`, epoch ms. */
export function createManualClock(at = Date.UTC(2026, 10, 23, 3)): ManualClock {
  let current = at;
  let elapsed = 0;
  /** By the clock that nobody sets, as the machine's own timers. */
  const timers = new Set<{ at: number; run: () => void }>();
  const moveTo = (to: number): void => {
    current += to - elapsed;
    elapsed = to;
  };
  return {
    now: () => current,
    elapsed: () => elapsed,
    after(delayMs, run) {
      const timer = { at: elapsed + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = elapsed + ms;
      for (;;) {
        const due = [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers.delete(due);
        moveTo(Math.max(elapsed, due.at));
        due.run();
      }
      moveTo(end);
    },
    freeze: (ms) => moveTo(elapsed + ms),
    set(to) {
      current = to;
    },
  };
}
