import type { Clock } from "../lib/time/clock.ts";

/** The database's clock, by which all processes go. */
export interface ServerClock extends Clock {
  /**
   * Takes what the server said of its time.
   * @param serverNow epoch ms
   * @param begunAt when it was asked, by `elapsed`; it answered just now
   */
  readonly sync: (serverNow: number, begunAt: number) => void;
  /** How far this machine's own clock is ahead of it, in ms. */
  aheadMs(): number;
}

/** The way there and back makes as much; what is less apart is the same. */
const SAME_MS = 500;

/**
 * Until the server has said something it is the machine's own. After that it goes on by the clock that nobody sets, so that
 * nothing happens early or late where hosts differ, or one is set.
 */
export function createServerClock(own: Clock): ServerClock {
  let base: { readonly now: number; readonly elapsed: number } | null = null;
  const now = (): number => (base === null ? own.now() : Math.round(base.now + own.elapsed() - base.elapsed));
  return {
    now,
    elapsed: own.elapsed,
    after: own.after,
    sync(serverNow, begunAt) {
      const elapsed = own.elapsed();
      const server = serverNow + (elapsed - begunAt) / 2;
      // The first answer tells whether the own clock is right; it goes on without a step then.
      if (base === null && Math.abs(server - own.now()) <= SAME_MS) base = { now: own.now(), elapsed };
      else if (base === null || Math.abs(server - now()) > SAME_MS) base = { now: server, elapsed };
    },
    aheadMs: () => own.now() - now(),
  };
}
