import { rhythmOf, type Rhythm } from "./cadence.ts";
import { meanOf, overTime } from "./held.ts";
import { numberAt, type Span, type Summary } from "./series.ts";
import type { Trace } from "./trace.ts";
import type { MeasuredLimit, Measurement } from "./measurement.ts";

/** What a caption says of a series over a period; what is of numbers is `null` where there is none. */
export interface SeriesFacts extends Summary, Rhythm {
  /** Over time: each number holds until the next one, and gaps are left out. */
  readonly mean: number | null;
  /** How long the numbers were beyond each limit, if they were, ms. */
  readonly beyond: readonly { readonly limit: MeasuredLimit; readonly ms: number }[];
  /** Whether it is sent when it changes, and holds in between. */
  readonly isOnChange: boolean;
}

/** What the numbers of one field over a period come to, at length. Median and deviation are of the entries, whenever these came. */
export interface FieldStatistics extends SeriesFacts {
  readonly median: number | null;
  /** Standard deviation of a sample; `null` for fewer than two numbers, and where some are means, which hide what they deviate from. */
  readonly deviation: number | null;
}

/** What a measurement is known to be like. */
type KnownMeasurement = Pick<Measurement, "limits" | "everyMs">;

/** What a caption says of a series over a period, as it was worked out. */
export function factsOf(
  { series, summary, until, pauses, clear, isHeld }: Trace,
  period: Span,
  { limits, everyMs }: KnownMeasurement,
): SeriesFacts {
  const { mean, beyondMs } = overTime(series, until, limits);
  const beyond = limits.map((limit, i) => ({ limit, ms: beyondMs[i] ?? 0 })).filter(({ ms }) => ms > 0);
  // One with a cadence is not sent when it changes.
  return { ...summary, ...rhythmOf(series, period, everyMs, pauses, clear), mean, beyond, isOnChange: isHeld };
}

/** The same at length. A million entries take a third of a second, a third of it for the median. */
export function statisticsOf(trace: Trace, period: Span, known: KnownMeasurement): FieldStatistics {
  const { series } = trace;
  const facts = factsOf(trace, period, known);
  const numbers = numbersOf(series.values, facts.numbers);
  return { ...facts, deviation: series.spread ? null : deviationOf(numbers), median: medianOf(numbers) };
}

/** In a plain loop: over a million entries half of what `filter` takes. */
function numbersOf(values: Float64Array, count: number): Float64Array {
  const numbers = new Float64Array(count);
  let found = 0;
  for (const value of values) if (Number.isFinite(value)) numbers[found++] = value;
  return numbers;
}

/** The middle of some numbers, between two of them if they are even in count; `null` of none. They are put in order. */
export const medianOf = (numbers: Float64Array): number | null => middleOf(numbers.sort());

/** The same of numbers in order. */
export function middleOf(numbers: Float64Array): number | null {
  if (numbers.length === 0) return null;
  const middle = numbers.length >> 1;
  if (numbers.length % 2 === 1) return numberAt(numbers, middle);
  const [below, above] = [numberAt(numbers, middle - 1), numberAt(numbers, middle)];
  const median = (below + above) / 2;
  return Number.isFinite(median) ? median : below / 2 + above / 2;
}

/**
 * From the mean and not in one pass: sums of squares lose what large numbers differ by. Of powers of two, so that squares neither
 * overflow nor come to nothing, and no digit is lost.
 */
function deviationOf(numbers: Float64Array): number | null {
  if (numbers.length < 2) return null;
  let largest = 0;
  for (const number of numbers) largest = Math.max(largest, Math.abs(number));
  const unit = largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
  const scaled = numbers.map((number) => number / unit);
  const mean = meanOf(scaled) ?? 0;
  let squares = 0;
  for (const number of scaled) squares += (number - mean) ** 2;
  const deviation = Math.sqrt(squares / (numbers.length - 1)) * unit;
  return Number.isFinite(deviation) ? deviation : null;
}
