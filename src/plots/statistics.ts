import { expectedEntries, summarize, type Series, type Summary } from "../charts/series.ts";
import type { Period } from "./period.ts";

/** What the numbers of one field over a period come to; everything but the counts is `null` where there is no number. */
export interface FieldStatistics extends Summary {
  readonly median: number | null;
  /** Standard deviation of a sample; `null` for fewer than two numbers, and where some are means, which hide what they deviate from. */
  readonly deviation: number | null;
  /** Entries if none had been missed; `null` where no cadence can be told. */
  readonly expected: number | null;
}

/**
 * Counts, extremes, averages and completeness of a series in order of time. A million entries take about a tenth of a second,
 * most of it for the median.
 */
export function statisticsOf(series: Series, { startAt, endAt }: Period): FieldStatistics {
  const summary = summarize(series);
  const numbers = numbersOf(series.values, summary.numbers);
  return {
    ...summary,
    deviation: summary.mean === null || series.spread ? null : deviationOf(numbers, summary.mean),
    median: medianOf(numbers),
    expected: expectedEntries(series, startAt, endAt),
  };
}

/** In a plain loop: over a million entries half of what `filter` takes. */
function numbersOf(values: Float64Array, count: number): Float64Array {
  const numbers = new Float64Array(count);
  let found = 0;
  for (const value of values) if (Number.isFinite(value)) numbers[found++] = value;
  return numbers;
}

/** The middle of some numbers, between two of them if they are even in count; `null` of none. They are put in order. */
export function medianOf(numbers: Float64Array): number | null {
  if (numbers.length === 0) return null;
  numbers.sort();
  const middle = numbers.length >> 1;
  return numbers.length % 2 === 1 ? numbers[middle]! : (numbers[middle - 1]! + numbers[middle]!) / 2;
}

/** From the mean and not in one pass: sums of squares lose what large numbers differ by. */
function deviationOf(numbers: Float64Array, mean: number): number | null {
  if (numbers.length < 2) return null;
  let squares = 0;
  for (const number of numbers) squares += (number - mean) ** 2;
  return Math.sqrt(squares / (numbers.length - 1));
}
