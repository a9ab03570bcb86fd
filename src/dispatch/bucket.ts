/** How much may go at once, and how quickly that comes back. */
export interface RateLimit {
  readonly burst: number;
  readonly perMinute: number;
}

/** For whom a place is: a critical alarm, a person who waits for an answer, or anything else. */
export type Claim = "urgent" | "answer" | "other";

/** Bounds how many calls are made in a time. No delay on the way outwits it. */
export interface Limiter {
  /** How long until so many places may be taken; 0 if they may now. */
  waitMs(places: number, claim: Claim): number;
  /** Reserves places for a call that begins now. */
  reserve(places: number): void;
  /** The call is over; what it was given comes back at once if nothing came of it. */
  release(places: number, isSpent: boolean, claim: Claim): void;
}

/**
 * Creates a token bucket, full. It knows no claims. A place is reserved when its call begins and spent when that has ended: whenever in
 * between the other side counted it, no stretch of time sees more than the burst and what came back in it.
 * @param elapsed ms of a clock that nobody sets
 */
export function createBucket({ burst, perMinute }: RateLimit, elapsed: () => number): Limiter {
  const msPerPlace = 60_000 / perMinute;
  let free = burst;
  let filledAt = elapsed();
  let reserved = 0;

  function fill(): void {
    const at = elapsed();
    free = Math.min(burst, free + (at - filledAt) / msPerPlace);
    filledAt = at;
  }

  return {
    waitMs(places) {
      fill();
      const missing = Math.min(burst, places) - (free - reserved);
      // Places come back in fractions: the last of them may be a rounding short of whole.
      return missing < 1e-9 ? 0 : Math.ceil(missing * msPerPlace);
    },
    reserve(places) {
      reserved += places;
    },
    release(places, isSpent) {
      fill();
      reserved -= places;
      if (isSpent) free -= places;
    },
  };
}
