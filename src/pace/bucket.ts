import { createTokenBucket, type RefillRate } from "../lib/token-bucket.ts";

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
export function createBucket(rate: RefillRate, elapsed: () => number): Limiter {
  const bucket = createTokenBucket(rate, elapsed);
  let reserved = 0;
  return {
    waitMs: (places) => bucket.waitMs(Math.min(rate.burst, places) + reserved),
    reserve(places) {
      reserved += places;
    },
    release(places, isSpent) {
      reserved -= places;
      if (isSpent) bucket.take(places);
    },
  };
}
