import type { Clock } from "./clock.ts";
import { createFormerClock, type FormerClock } from "./former-clock.ts";

/** Clocks are set by less all the time, and nothing here is so exact. */
export const SET_BACK_MS = 30_000;

/** Notices that our clock was set back. What was noted before lies ahead then, and counts as of when that was noticed. */
export interface ClockWatch {
  /** The clock as it was before it was set back since the last time that this was asked; `null`: it was not. */
  setBack(): FormerClock | null;
  /** An instant as it counts: itself, unless it lies ahead. Epoch ms. */
  readonly present: (at: number) => number;
}

/** Begins to watch; what lies ahead now was noted by an earlier run. */
export function createClockWatch(clock: Pick<Clock, "now" | "elapsed">): ClockWatch {
  const beganAt = clock.elapsed();
  /** How far the clock was ahead of the one that nobody sets, at the newest look. */
  let ahead = clock.now() - beganAt;
  let noticedAt = clock.now();
  let former: FormerClock | null = null;

  function look(): void {
    const before = ahead;
    ahead = clock.now() - clock.elapsed();
    if (ahead >= before - SET_BACK_MS) return;
    noticedAt = clock.now();
    const aheadMs = before - ahead + (former?.aheadMs ?? 0);
    former = createFormerClock(clock.now, { aheadMs, since: beganAt + ahead + aheadMs });
  }

  return {
    setBack() {
      look();
      const was = former;
      former = null;
      return was;
    },
    present(at) {
      look();
      return at > clock.now() + SET_BACK_MS ? noticedAt : at;
    },
  };
}
