import type { Series, Span } from "./series.ts";

/**
 * What a measurement was at each moment, as far as anybody knows: each number holds until the next one, the last one until the end of
 * the period; within a gap nothing is known.
 * @param series in order of time
 * @param gaps of the series within the period, in order
 * @returns until when each entry holds; its own time where it holds for none
 */
export function heldUntil({ times, values }: Series, gaps: readonly Span[], endAt: number): Float64Array {
  const until = new Float64Array(times.length);
  let gap = gaps.length - 1;
  let next = endAt;
  for (let i = times.length - 1; i >= 0; i--) {
    const at = times[i]!;
    until[i] = at;
    if (!Number.isFinite(values[i]!)) continue;
    while (gap >= 0 && gaps[gap]!.startAt > at) gap--;
    // Gaps reach from one number to the next.
    if (next > at && (gap < 0 || gaps[gap]!.startAt !== at)) until[i] = next;
    next = at;
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

/** As a power of two it costs no digit. All weights together stay below its reciprocal: a thousand years in ms. */
const PART = 2 ** -45;

/**
 * A mean that adds up how far each number is from the first, so that of a constant it is that constant, to the last digit; and parts
 * of that, so that it never overflows.
 */
export const createMean = (): Mean => new RunningMean();

/** Its numbers are fields: as variables of closures, each step would make new ones, which for a million takes longer than all else. */
class RunningMean implements Mean {
  #first = 0;
  #sum = 0;
  #weights = 0;

  add(value: number, weight: number): void {
    if (weight <= 0) return;
    if (this.#weights === 0) this.#first = value;
    this.#weights += weight;
    // The distance of two huge numbers is none any more, half of it is.
    this.#sum += (value / 2 - this.#first / 2) * (weight * PART);
  }

  value(): number | null {
    if (this.#weights === 0) return null;
    const half = this.#sum / (this.#weights * PART);
    return this.#first + half + half;
  }
}
