import { numberAt, type Series, type Span } from "./series.ts";

/**
 * What a measurement was at each moment, as far as anybody knows: each number holds until the next one, the last one until the end of
 * the period; within a gap nothing is known.
 * @param series in order of time
 * @param gaps of the series within the period, in order
 * @param visit is given each number that holds for a time, with its place in the series
 */
export function walkHeld(
  { times, values }: Series,
  gaps: readonly Span[],
  endAt: number,
  visit: (i: number, fromAt: number, toAt: number) => void,
): void {
  let gap = 0;
  let [before, beforeAt] = [-1, Number.NaN];
  const hold = (toAt: number): void => {
    if (before < 0 || toAt <= beforeAt) return;
    while ((gaps[gap]?.endAt ?? Infinity) <= beforeAt) gap++;
    // Gaps reach from one number to the next.
    if (gaps[gap]?.startAt !== beforeAt) visit(before, beforeAt, toAt);
  };
  for (let i = 0; i < times.length; i++) {
    if (!Number.isFinite(values[i]!)) continue;
    hold(times[i]!);
    [before, beforeAt] = [i, times[i]!];
  }
  hold(endAt);
}

/** A value that may be passed, to one side. */
interface Bound {
  readonly value: number;
  readonly side: "above" | "below";
}

/**
 * The mean over time of a series in order, and for how long it was beyond each of some bounds, ms. `null`: it has no number. What holds
 * for no time at all counts by the entry.
 */
export function overTime(
  series: Series,
  gaps: readonly Span[],
  endAt: number,
  bounds: readonly Bound[],
): { readonly mean: number | null; readonly beyondMs: readonly number[] } {
  const mean = createMean();
  const beyondMs = bounds.map(() => 0);
  walkHeld(series, gaps, endAt, (i, fromAt, toAt) => {
    const value = numberAt(series.values, i);
    const ms = toAt - fromAt;
    mean.add(value, ms);
    for (let n = 0; n < bounds.length; n++) {
      const bound = bounds[n]!;
      if (bound.side === "above" ? value > bound.value : value < bound.value) beyondMs[n]! += ms;
    }
  });
  return { mean: mean.value() ?? meanOf(series.values), beyondMs };
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
export function createMean(): Mean {
  let [mean, weights] = [0, 0];
  return {
    add(value, weight) {
      if (weight <= 0) return;
      weights += weight;
      const share = weight / weights;
      const step = (value - mean) * share;
      // The distance of two huge numbers is none any more, half of it is.
      const half = (value / 2 - mean / 2) * share;
      mean = Number.isFinite(step) ? mean + step : mean + half + half;
    },
    value: () => (weights > 0 ? mean : null),
  };
}
