import type { Clock } from "./clock.ts";

/** Clocks are set by less all the time, and nothing here is so exact. */
export const SET_BACK_MS = 30_000;

/** Notices that our clock was set back. What was noted before lies ahead then, and counts as of when that was noticed. */
export interface ClockWatch {
  /** Whether the clock was set back since the last time that this was asked. */
  wasSetBack(): boolean;
  /** An instant as it counts: itself, unless it lies ahead. Epoch ms. */
  present(at: number): number;
}

/** Begins to watch; what lies ahead now was noted by an earlier run. */
export function createClockWatch(clock: Pick<Clock, "now" | "elapsed">): ClockWatch {
  /** How far the clock was ahead of the one that nobody sets, at the newest look. */
  let ahead = clock.now() - clock.elapsed();
  let noticedAt = clock.now();
  let isUntold = false;

  function look(): void {
    const before = ahead;
    ahead = clock.now() - clock.elapsed();
    if (ahead >= before - SET_BACK_MS) return;
    noticedAt = clock.now();
    isUntold = true;
  }

  return {
    wasSetBack() {
      look();
      const was = isUntold;
      isUntold = false;
      return was;
    },
    present(at) {
      look();
      return at > clock.now() + SET_BACK_MS ? noticedAt : at;
    },
  };
}
