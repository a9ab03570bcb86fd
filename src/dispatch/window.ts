import type { Limiter } from "./bucket.ts";

/** What calls of one urgency may use: so many of them at once, and the rest spread over the window; with all others never more than the limit. */
interface Share {
  readonly burst: number;
  readonly limit: number;
}

interface Spent {
  readonly endedAt: number;
  readonly isUrgent: boolean;
}

/** A sliding window, of which a part is kept free for what is urgent. */
export interface WindowOptions {
  readonly periodMs: number;
  readonly urgent: Share;
  readonly other: Share;
}

/** All places are taken by calls under way: their ends tell more. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Creates it, empty. A place is free again one period after its call has ended: whenever the other side counted it, no period sees more.
 * @param elapsed ms of a clock that nobody sets
 */
export function createWindow({ periodMs, urgent, other }: WindowOptions, elapsed: () => number): Limiter {
  /** The calls that still count, in the order in which they ended. */
  let spent: Spent[] = [];
  let reserved = 0;

  return {
    waitMs(places, isUrgent) {
      const { burst, limit } = isUrgent ? urgent : other;
      const at = elapsed();
      spent = spent.filter(({ endedAt }) => endedAt > at - periodMs);
      const used = spent.length + reserved;
      const excess = used + places - limit;
      if (excess > 0) {
        const last = spent[excess - 1];
        return last === undefined ? LOOK_AGAIN_MS : Math.ceil(last.endedAt + periodMs - at);
      }
      const alike = isUrgent ? spent.filter((one) => one.isUrgent).length : used;
      if (alike + places <= burst) return 0;
      // What is left is spread evenly until the oldest is free again: a long gap would follow otherwise.
      const last = reserved > 0 ? at : (spent.at(-1)?.endedAt ?? at);
      const even = ((spent[0]?.endedAt ?? at) + periodMs - last) / (limit - used + 1);
      // Nor is a burst to come back, a period later, as another one.
      const spacing = Math.max(even, isUrgent ? 0 : periodMs / limit);
      return Math.max(0, Math.ceil(last + spacing - at));
    },
    reserve(places) {
      reserved += places;
    },
    release(places, isSpent, isUrgent) {
      reserved -= places;
      const endedAt = elapsed();
      if (isSpent) spent.push(...Array.from({ length: places }, () => ({ endedAt, isUrgent })));
    },
  };
}
