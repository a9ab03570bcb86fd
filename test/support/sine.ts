/** What a sampled sine is: from its zero crossings and its extremes. */
interface Sine {
  /** In the unit of `xs`. */
  readonly period: number;
  readonly amplitude: number;
}

/** Measures a sine of some periods. @param xs rising */
export function measureSine(xs: readonly number[], ys: readonly number[]): Sine {
  const highest = Math.max(...ys);
  const lowest = Math.min(...ys);
  const middle = (highest + lowest) / 2;
  const crossings = ys.flatMap((y, i) => {
    const before = ys[i - 1];
    if (before === undefined || before >= middle || y < middle) return [];
    return [xs[i - 1]! + ((middle - before) / (y - before)) * (xs[i]! - xs[i - 1]!)];
  });
  if (crossings.length < 3) throw new Error("fewer than two periods");
  return {
    period: (crossings.at(-1)! - crossings[0]!) / (crossings.length - 1),
    amplitude: (highest - lowest) / 2,
  };
}
