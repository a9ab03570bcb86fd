import type { Logger } from "./log.ts";

/** That nothing else could be done for a while. */
interface Stall {
  readonly ms: number;
  /** The handler that took most of it; `null`: none did in one go. */
  readonly by: string | null;
  /** All that was under way in that second: it was one of these, or none, such as the collection of garbage. */
  readonly underWay: readonly string[];
}

/** Tells the log of stalls. */
export interface Stalls {
  /** To be called each second, with how long the thread stood still in it, and what was seen to hold it, each for so long; ms. */
  note(ms: number, held: ReadonlyMap<string, number>): void;
  /** Tells what is not told yet. */
  end(): void;
}

/** Somebody who presses a button notices that. */
export const STALL_MS = 100;
/** Seconds: a machine that has too much to do is to fill no disk with that. */
const TOLD_EVERY = 60;
/** More under way at once tells nothing. */
const MAX_TOLD = 8;

/** Creates what tells of a stall at once, and of those that follow once a minute, by the worst of them. */
export function createStalls(log: Pick<Logger, "warn">): Stalls {
  let worst: Stall | null = null;
  let times = 0;
  let sinceTold = TOLD_EVERY;

  function tell(): void {
    if (worst === null) return;
    const { ms, by, underWay } = worst;
    if (by === null) log.warn({ ms, underWay, times }, "the main thread stood still");
    else log.warn({ ms, by, times }, "the main thread was held up by one handler");
    [worst, times, sinceTold] = [null, 0, 0];
  }

  return {
    note(ms, held) {
      sinceTold += 1;
      if (ms >= STALL_MS) {
        times += 1;
        if (worst === null || ms > worst.ms) worst = stallOf(ms, held);
      }
      if (sinceTold >= TOLD_EVERY) tell();
    },
    end: tell,
  };
}

/** Of handlers within each other, the innermost took it. */
function stallOf(ms: number, held: ReadonlyMap<string, number>): Stall {
  const long = [...held].filter(([, itsMs]) => itsMs >= ms / 2).toSorted(([, a], [, b]) => a - b);
  const told = [...held].toSorted(([, a], [, b]) => b - a).slice(0, MAX_TOLD);
  return { ms: Math.round(ms), by: long[0]?.[0] ?? null, underWay: told.map(([what]) => what) };
}
