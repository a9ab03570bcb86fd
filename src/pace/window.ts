import type { Claim, Limiter } from "./bucket.ts";

/** What calls of one claim may use: so many at once, and the rest spread over the window; with all others never more than the limit. */
interface Share {
  readonly burst: number;
  readonly limit: number;
}

export interface Spent {
  readonly endedAt: number;
  readonly claim: Claim;
}

/** A sliding window. The burst of what is for nobody in particular counts all calls, that of the others only their own. */
export interface WindowOptions {
  readonly periodMs: number;
  readonly shares: Readonly<Record<Claim, Share>>;
}

/** A limiter whose calls are known by their ends. */
export interface Window extends Limiter {
  /** The calls that still count, those under way as if they ended now. */
  calls(): readonly Spent[];
}

/** All places are taken by calls under way: their ends tell more. */
const LOOK_AGAIN_MS = 1_000;

/**
 * A place is free again one period after its call has ended: whenever the other side counted it, no period sees more.
 * @param elapsed ms of a clock that nobody sets
 * @param past the calls of an earlier run, in the order in which they ended
 */
export function createWindow(
  { periodMs, shares }: WindowOptions,
  elapsed: () => number,
  past: readonly Spent[] = [],
): Window {
  /** The calls that still count, in the order in which they ended. */
  let spent: readonly Spent[] = past;
  let reserved = 0;

  const present = (): readonly Spent[] => (spent = spent.filter(({ endedAt }) => endedAt > elapsed() - periodMs));

  return {
    waitMs(places, claim) {
      const { burst, limit } = shares[claim];
      const at = elapsed();
      const used = present().length + reserved;
      const excess = used + places - limit;
      if (excess > 0) {
        const last = spent[excess - 1];
        return last === undefined ? LOOK_AGAIN_MS : Math.ceil(last.endedAt + periodMs - at);
      }
      const alike = claim === "other" ? used : spent.filter((one) => one.claim === claim).length;
      if (alike + places <= burst) return 0;
      // What is left is spread evenly until the oldest is free again: a long gap would follow otherwise.
      const last = reserved > 0 ? at : (spent.at(-1)?.endedAt ?? at);
      const even = ((spent[0]?.endedAt ?? at) + periodMs - last) / (limit - used + 1);
      // Nor is a burst to come back, a period later, as another one.
      const spacing = Math.max(even, claim === "urgent" ? 0 : periodMs / limit);
      return Math.max(0, Math.ceil(last + spacing - at));
    },
    calls: () => [
      ...present(),
      ...Array.from({ length: reserved }, (): Spent => ({ endedAt: elapsed(), claim: "other" })),
    ],
    reserve(places) {
      reserved += places;
    },
    release(places, isSpent, claim) {
      reserved -= places;
      const endedAt = elapsed();
      if (isSpent) spent = [...spent, ...Array.from({ length: places }, () => ({ endedAt, claim }))];
    },
  };
}
