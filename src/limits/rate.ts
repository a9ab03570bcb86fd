/** How far a measurement has moved within a time. */
export interface RateOfChange {
  /** Takes a value; times go on. @returns by how much it has risen, or fallen, within the time; 0: it has not, or nobody knows */
  take(at: number, value: number): number;
}

interface RatePiece {
  readonly startAt: number;
  lastAt: number;
  /** The lowest, or for what falls the highest, and when. */
  extreme: number;
  extremeAt: number;
}

/** Of the time, so many parts are told apart: a value costs the same however quick they come. */
const PARTS = 30;
/** A pause of so many times the time says nothing of a rate. */
const MAX_PAUSE = 10;

/**
 * Watches it.
 * @param options.withinMs the time
 * @param options.isFall whether it is to fall
 */
export function createRateOfChange({
  withinMs,
  isFall,
}: {
  readonly withinMs: number;
  readonly isFall: boolean;
}): RateOfChange {
  const pieces: RatePiece[] = [];
  const partMs = withinMs / PARTS;

  return {
    take(at, given) {
      const value = isFall ? -given : given;
      // Of what is too old, the last piece stays: between two values that are further apart, the change is spread evenly.
      while ((pieces[1]?.startAt ?? Infinity) <= at - withinMs) pieces.shift();
      const oldest = pieces[0];
      if (oldest && (at - oldest.lastAt > withinMs * MAX_PAUSE || at < oldest.startAt)) pieces.length = 0;
      let most = 0;
      for (const { extreme, extremeAt } of pieces)
        most = Math.max(most, (value - extreme) * Math.min(1, withinMs / (at - extremeAt || 1)));
      const last = pieces.at(-1);
      if (last && at - last.startAt < partMs) {
        last.lastAt = at;
        if (value <= last.extreme) [last.extreme, last.extremeAt] = [value, at];
      } else pieces.push({ startAt: at, lastAt: at, extreme: value, extremeAt: at });
      return most;
    },
  };
}
