import type { Clock } from "./clock.ts";

const LOOK_MS = 10_000;
/** So late is no machine that is only busy. */
const ASLEEP_MS = 20_000;

/** Notices that this program did not run for a while: it was stopped, its machine slept, or the clock was put forward, which looks the same. */
export interface WakeWatch {
  /** Since when it has run without a break, as far as it knows; epoch ms, 0: since it began to look. */
  readonly awakeSince: () => number;
  readonly stop: () => void;
}

/**
 * Begins to look.
 * @param onWake for how long it did not run; ms
 */
export function createWakeWatch(clock: Clock, onWake: (ms: number) => void): WakeWatch {
  let [seenAt, seenElapsed] = [clock.now(), clock.elapsed()];
  let awakeSince = 0;
  let cancel = clock.after(LOOK_MS, again);

  function look(): void {
    // A machine that sleeps stops the one, a program that is stopped neither.
    const gapMs = Math.max(clock.now() - seenAt, clock.elapsed() - seenElapsed);
    [seenAt, seenElapsed] = [clock.now(), clock.elapsed()];
    if (gapMs < ASLEEP_MS) return;
    awakeSince = seenAt;
    onWake(gapMs);
  }

  function again(): void {
    look();
    cancel = clock.after(LOOK_MS, again);
  }

  return {
    awakeSince() {
      // On waking, others may come first.
      look();
      return awakeSince;
    },
    stop: () => cancel(),
  };
}
