/** How long to wait before another try: the first time so long, twice as long after each failure, and never longer than the most. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** For what is worth trying again soon: 1 s, 2 s, 4 s … a minute. */
export const SOON: Backoff = { firstMs: 1_000, mostMs: 60_000 };

/** @param failures how often in a row it failed before this time */
export const backoffMs = (failures: number, { firstMs, mostMs }: Backoff = SOON): number =>
  Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30));
