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
  const outermost = (step: number): ValueTicks => {
    const all = marks(step);
    return { values: [...all.slice(0, 1), ...all.slice(-1)], step };
  };
  // Two alone are not to cover each other.
  const isApart = ({ values: [first = 0, last = first] }: ValueTicks): boolean => last - first >= span / most;
  let finer = power / 2;
  for (const digit of STEPS) {
    const step = digit * power;
    const values = marks(step);
    if (values.length > most) {
      finer = step;
      continue;
    }
    if (values.length > 2 || isApart({ values, step })) return { values, step };
    return [(step / 5) * BETWEEN, finer].map(outermost).find(isApart) ?? outermost(finer);
  }
  return { values: [], step: span };
}
