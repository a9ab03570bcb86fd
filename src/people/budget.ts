import { createTokenBucket, type RefillRate, type TokenBucket } from "../lib/token-bucket.ts";

/** Limits how much one person can ask for, so that the others are answered. */
export interface Budgets {
  /**
   * Takes what something costs from a person's budget.
   * @returns `null`: go on; else nothing was taken, and the person has to wait
   */
  take(userId: number, cost: number): Shortage | null;
  /** When the budgets that are not full will be, epoch ms, for the next run. */
  kept(): KeptBudgets;
}

/** By Telegram's number of each person. */
export type KeptBudgets = readonly (readonly [userId: number, fullAt: number])[];

/** What keeps somebody from going on. */
interface Shortage {
  readonly waitMs: number;
  /** Whether it is the first since something went through: that one is told, or the telling would take the others' time. */
  readonly isNew: boolean;
}

/** A dozen plots in a row go through at once; after that, a person gets one command a second, or one plot in three. */
export const EACH: RefillRate = { burst: 40, msPerUnit: 1_000 };
/** A group gets 20 messages a minute in all (pace/rate-limits.ts), and its alarms need some. */
export const IN_GROUPS: RefillRate = { burst: 8, msPerUnit: 10_000 };
/** Of more than so many, those that are full again are dropped, since a new one is as good: once a second, as it takes a while. */
const MAX_BUCKETS = 1_000;
const SWEEP_MS = 1_000;

interface Budget {
  readonly bucket: TokenBucket;
  /** Whether somebody had to wait, and nothing has gone through since. */
  isShort: boolean;
}

/**
 * One bucket a person.
 * @param options.elapsed ms of a clock that nobody sets
 * @param options.past what an earlier run kept
 */
export function createBudgets(
  options: RefillRate & { readonly past?: KeptBudgets; readonly now: () => number; readonly elapsed: () => number },
): Budgets {
  const { burst, msPerUnit, past = [], now, elapsed } = options;
  const open = (left = burst): Budget => ({ bucket: createTokenBucket(options, elapsed, left), isShort: false });
  const budgets = new Map<number, Budget>(
    past.map(([userId, fullAt]) => {
      // None takes longer: if it seems so, the clock was set back.
      const missing = Math.min(burst, Math.max(0, fullAt - now()) / msPerUnit);
      return [userId, open(burst - missing)];
    }),
  );
  let sweptAt = 0;

  function sweep(at: number): void {
    sweptAt = at;
    for (const [userId, { bucket }] of budgets) if (bucket.units() >= burst) budgets.delete(userId);
  }

  return {
    kept: () =>
      [...budgets].flatMap(([userId, { bucket }]) => {
        const missing = burst - bucket.units();
        return missing > 0 ? [[userId, Math.round(now() + missing * msPerUnit)] as const] : [];
      }),
    take(userId, cost) {
      const at = elapsed();
      if (budgets.size > MAX_BUCKETS && at - sweptAt >= SWEEP_MS) sweep(at);
      const budget = budgets.get(userId) ?? open();
      budgets.set(userId, budget);
      const waitMs = budget.bucket.waitMs(cost);
      const isNew = waitMs > 0 && !budget.isShort;
      budget.isShort = waitMs > 0;
      if (waitMs > 0) return { waitMs, isNew };
      budget.bucket.take(cost);
      return null;
    },
  };
}
