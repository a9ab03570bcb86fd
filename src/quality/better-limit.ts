import type { AlarmRule } from "../alarms/lifecycle/alarm-rule.ts";

/** One time that an alarm stood: the values that it had. */
export interface StoodRange {
  readonly isTrue: boolean;
  readonly first: number;
  readonly least: number;
  readonly most: number;
}

/** What is known of an alarm's values. */
interface KnownValues {
  /** Of each time that it stood; `null`: it had none. */
  readonly ranges: readonly (StoodRange | null)[];
  /** Whether each of those that were true had values. */
  readonly isTold: boolean;
  readonly limit: number | null;
  /** The middle of the values with which it ended; `null`: there were none. */
  readonly endValue: number | null;
}

const MAX_DIGITS = 12;

/**
 * The limit that each true alarm passed, and as many as can be of the others did not: in the middle between the mildest of those that were
 * true and the worst of those that were milder, in as few digits as can be.
 * @returns or why there is none, in a few words
 */
export function betterLimit(values: KnownValues): NonNullable<AlarmRule["limit"]> | { readonly why: string } {
  const ranges = values.ranges.filter((range) => range !== null);
  const side = sideOf(ranges, values);
  if (side === null) return { why: "it is not known whether it comes above or below its limit" };
  const sign = side === "above" ? 1 : -1;
  const worst = ({ least, most }: StoodRange): number => sign * (side === "above" ? most : least);
  const trueOnes = ranges.filter(({ isTrue }) => isTrue).map(worst);
  if (trueOnes.length === 0) return { why: "no true alarm says where it should be" };
  if (!values.isTold) return { why: "not each true alarm told its value" };
  const mildest = trueOnes.reduce((least, value) => Math.min(least, value));
  const milder = ranges.map(worst).filter((value) => value < mildest);
  if (milder.length === 0) return { why: "true alarms begin at the limit that it has" };
  const before = milder.reduce((most, value) => Math.max(most, value));
  return { side, value: sign * between(before, mildest) };
}

/** Where its values lie when it comes: by its limit, or by the values with which it ends. */
function sideOf(ranges: readonly StoodRange[], { limit, endValue }: KnownValues): "above" | "below" | null {
  const reference = limit ?? endValue;
  if (reference === null) return null;
  const above = ranges.filter(({ first }) => first > reference).length;
  const below = ranges.filter(({ first }) => first < reference).length;
  return above === below ? null : above > below ? "above" : "below";
}

/** A number in the middle half between two others. */
function between(low: number, high: number): number {
  const middle = (low + high) / 2;
  for (let digits = 1; digits <= MAX_DIGITS; digits++) {
    const rounded = Number(middle.toPrecision(digits));
    if (Math.abs(rounded - middle) * 4 < high - low) return rounded;
  }
  return low;
}
