/** Sees to it that no person takes the others' time. */
export interface Budgets {
  /**
   * Takes what something costs from a person's budget.
   * @returns 0: go on; else for how long the person has to wait, in ms, and nothing was taken
   */
  take(userId: number, cost: number): number;
}

/** A person's hurry, a dozen plots in a row, goes through; what lasts gets a command a second, or a plot in three. */
const BURST = 40;
const MS_PER_UNIT = 1_000;

/**
 * One bucket a person.
 * @param options.elapsed ms of a clock that nobody sets
 */
export function createBudgets(options: { readonly elapsed: () => number }): Budgets {
  const buckets = new Map<number, { units: number; readonly filledAt: number }>();

  return {
    take(userId, cost) {
      const at = options.elapsed();
      const before = buckets.get(userId) ?? { units: BURST, filledAt: at };
      const units = Math.min(BURST, before.units + (at - before.filledAt) / MS_PER_UNIT);
      if (units < cost) return Math.ceil((cost - units) * MS_PER_UNIT);
      buckets.set(userId, { units: units - cost, filledAt: at });
      return 0;
    },
  };
}
