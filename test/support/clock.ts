import type { Clock } from "../../src/clock.ts";

/** A clock that only a test moves. */
export interface ManualClock extends Clock {
  /** Moves it on, running what falls due on the way, in order of time. */
  advance(ms: number): void;
  /** Sets it, also back; nothing is run. */
  set(at: number): void;
}

/** Creates a clock that stands still at `at`, epoch ms. */
export function createManualClock(at = Date.UTC(2026, 10, 23, 3)): ManualClock {
  let current = at;
  let elapsed = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => current,
    elapsed: () => elapsed,
    after(delayMs, run) {
      const timer = { at: current + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = current + ms;
      for (;;) {
        const due = [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers.delete(due);
        elapsed += due.at - current;
        current = due.at;
        due.run();
      }
      elapsed += end - current;
      current = end;
    },
    set(to) {
      current = to;
    },
  };
}
