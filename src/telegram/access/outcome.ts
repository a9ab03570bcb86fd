import type { Context } from "grammy";

const outcomes = new WeakMap<Context, string>();

/**
 * Says what came of what somebody wants, for the audit log, as soon as it is so: whether they can be told is another matter. Left
 * out: it was done, or failed if its handler throws. Words without names or secrets.
 */
export const noteOutcome = (ctx: Context, outcome: string): void => void outcomes.set(ctx, outcome);

/** What was noted so; `undefined`: nothing. */
export const outcomeOf = (ctx: Context): string | undefined => outcomes.get(ctx);
