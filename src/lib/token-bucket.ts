/** How much there is at once, and how quickly it comes back. */
export interface RefillRate {
  readonly burst: number;
  readonly msPerUnit: number;
}

/** Bounds how much is taken in a time: what was taken comes back little by little, up to the burst. */
export interface TokenBucket {
  /** How much there is now, fractions included. */
  units(): number;
  /** How long until there is so much; 0 if it is there. */
  waitMs(units: number): number;
  take(units: number): void;
}

/** Units come back in fractions: the last of them may be a rounding short of whole. */
const ROUNDING = 1e-9;

/**
 * @param elapsed ms of a clock that nobody sets
 * @param left how much there is at first; left out: all
 */
export function createTokenBucket(
  { burst, msPerUnit }: RefillRate,
  elapsed: () => number,
  left: number = burst,
): TokenBucket {
  let free = left;
  let filledAt = elapsed();

  function units(): number {
    const at = elapsed();
    free = Math.min(burst, free + (at - filledAt) / msPerUnit);
    filledAt = at;
    return free;
  }

  return {
    units,
    waitMs(wanted) {
      const missing = wanted - units();
      return missing < ROUNDING ? 0 : Math.ceil(missing * msPerUnit - ROUNDING);
    },
    take(taken) {
      free = units() - taken;
    },
  };
}
