import type { Series, Span } from "./series.ts";

/**
 * What a measurement was at each moment, as far as anybody knows: each number holds until the next one, the last one until the end of
 * the period; within a gap nothing is known.
 * @param series in order of time
 * @param gaps of the series within the period, in order
 * @returns until when each entry holds; its own time where it holds for none
 */
export function heldUntil({ times, values }: Series, gaps: readonly Span[], endAt: number): Float64Array {
  const until = times.slice();
  let gap = 0;
  let before = -1;
  for (let i = 0; i <= times.length; i++) {
    const isEnd = i === times.length;
    if (!isEnd && !Number.isFinite(values[i]!)) continue;
    const toAt = isEnd ? endAt : times[i]!;
    const beforeAt = before === -1 ? toAt : times[before]!;
    if (toAt > beforeAt) {
      while (gap < gaps.length && gaps[gap]!.endAt <= beforeAt) gap++;
      // Gaps reach from one number to the next.
      if (gap === gaps.length || gaps[gap]!.startAt !== beforeAt) until[before] = toAt;
    }
    before = i;
  }
  return until;
}

/** A value that may be passed, to one side. */
interface Bound {
  readonly value: number;
  readonly side: "above" | "below";
}

/**
 * The mean over time of a series in order, and for how long it was beyond each of some bounds, ms. `null`: it has no number. What holds
 * for no time at all counts by the entry.
 * @param until see `heldUntil`
 */
export function overTime(
  { times, values }: Series,
  until: Float64Array,
  bounds: readonly Bound[],
): { readonly mean: number | null; readonly beyondMs: readonly number[] } {
  const mean = createMean();
  const beyondMs = new Float64Array(bounds.length);
  for (let i = 0; i < times.length; i++) {
    const ms = until[i]! - times[i]!;
    if (ms === 0) continue;
    const value = values[i]!;
    mean.add(value, ms);
    for (let n = 0; n < bounds.length; n++) {
      const bound = bounds[n]!;
      if (bound.side === "above" ? value > bound.value : value < bound.value) beyondMs[n]! += ms;
    }
  }
  return { mean: mean.value() ?? meanOf(values), beyondMs: [...beyondMs] };
}

/** The mean of all that are numbers; `null`: none is. */
export function meanOf(values: Float64Array): number | null {
  const mean = createMean();
  for (const value of values) if (Number.isFinite(value)) mean.add(value, 1);
  return mean.value();
}

/** A mean that grows number by number. */
export interface Mean {
  /** @param weight 0 or more */
  add(value: number, weight: number): void;
  /** `null`: nothing has any weight. */
  value(): number | null;
}

/**
 * A running mean (Welford): no sum of large numbers is ever made, so none overflows, and the mean of a constant is that constant,
 * to the last digit.
 */
export const createMean = (): Mean => new RunningMean();

/** Its numbers are fields: as variables of closures, each step would make new ones, which for a million takes longer than all else. */
class RunningMean implements Mean {
  #mean = 0;
  #weights = 0;

  add(value: number, weight: number): void {
    if (weight <= 0) return;
    this.#weights += weight;
    const share = weight / this.#weights;
    const step = (value - this.#mean) * share;
    // The distance of two huge numbers is none any more, half of it is.
    const half = (value / 2 - this.#mean / 2) * share;
    this.#mean = Number.isFinite(step) ? this.#mean + step : this.#mean + half + half;
  }

  value(): number | null {
    return this.#weights > 0 ? this.#mean : null;
  }
}
