import type { Ends } from "./bounds.ts";

/** Marks at round numbers, and how far they are apart. */
export interface ValueTicks {
  readonly values: readonly number[];
  readonly step: number;
}

/** Steps that people like to count in; and one between, for where the next of these leaves one mark, which is no scale. */
const STEPS = [1, 2, 5, 10, 20, 50];
const BETWEEN = 2.5;

/** As many marks as have room, `most` at most, but two in any case; none between ends that are no numbers. */
export function valueTicks({ low, high }: Ends, most: number): ValueTicks {
  const span = high - low;
  if (!(span > 0 && Number.isFinite(span))) return { values: [], step: 1 };
  const power = 10 ** Math.floor(Math.log10(span / most));
  const marks = (step: number): number[] => {
    const [first, last] = [Math.ceil(low / step), Math.floor(high / step)];
    return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  };
  for (const digit of STEPS) {
    const step = digit * power;
    const values = marks(step);
    if (values.length > most) continue;
    if (values.length > 1) return { values, step };
    const between = marks((step / 5) * BETWEEN);
    return { values: [between[0]!, between.at(-1)!], step: (step / 5) * BETWEEN };
  }
  return { values: [], step: span };
}
