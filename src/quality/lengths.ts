import type { Lengths } from "./types.ts";

/** What a share of the lengths is within: the smallest of them of which that holds. */
export function lengthsOf(unsorted: readonly number[]): Lengths {
  const sorted = Float64Array.from(unsorted).sort();
  const within = (share: number): number | null => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  return { p50: within(0.5), p95: within(0.95), p99: within(0.99) };
}
