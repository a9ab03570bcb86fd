import { envelopeOf } from "../measurements/envelope.ts";
import { findGaps } from "../measurements/gaps.ts";
import { numberAt, type Series, type Span } from "../measurements/series.ts";
import type { Period } from "./period.ts";

const BARS = "▁▂▃▄▅▆▇█";
/** As wide as a digit and no space to trim: a time without numbers keeps its place. */
const BLANK = "\u2007";
const WIDTH = 12;

/**
 * A series as a line of text, from its lowest mean (▁) to its highest (█), each sign a twelfth of the period. A series that does not move
 * is in the middle; the text is empty if there is no number.
 * @param series in order of time
 * @param gaps of the series in the period, if they are known
 */
export function sparklineOf(series: Series, period: Period, gaps: readonly Span[] = findGaps(series, period)): string {
  const { startAt, endAt } = period;
  const { times, mean } = envelopeOf(series, period, { count: WIDTH, gaps, isHeld: false });
  const means = new Float64Array(WIDTH).fill(Number.NaN);
  for (const [i, at] of times.entries()) {
    const known = numberAt(mean, i);
    if (Number.isFinite(known)) means[Math.floor(((at - startAt) / (endAt - startAt)) * WIDTH)] = known;
  }
  const known = means.filter(Number.isFinite);
  if (known.length === 0) return "";
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const barOf = (one: number): string => {
    const share = high > low ? (one - low) / (high - low) : 0.5;
    return BARS.charAt(Math.round(share * (BARS.length - 1)));
  };
  return Array.from(means, (one) => (Number.isFinite(one) ? barOf(one) : BLANK)).join("");
}
