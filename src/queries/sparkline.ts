import { envelopeOf } from "../measurements/envelope.ts";
import { findGaps } from "../measurements/gaps.ts";
import { heldUntil } from "../measurements/held.ts";
import { numberAt, type Series } from "../measurements/series.ts";
import type { Trace } from "../measurements/trace.ts";
import type { Period } from "./period.ts";

const BARS = "▁▂▃▄▅▆▇█";
/** As wide as a digit and no space to trim: a time without numbers keeps its place. */
const BLANK = "\u2007";
const WIDTH = 12;

/**
 * A series as a line of text, from its lowest mean (▁) to its highest (█), each sign a twelfth of the period. A series that does not move
 * is in the middle; the text is empty if there is no number.
 * @param series in order of time
 * @param known the gaps of the series in the period, and until when its entries hold, if that is worked out already
 */
export function sparklineOf(
  series: Series,
  period: Period,
  known: Pick<Trace, "gaps" | "until"> = knownOf(series, period),
): string {
  const { startAt, endAt } = period;
  const { times, mean } = envelopeOf(series, period, {
    count: WIDTH,
    gaps: known.gaps,
    until: known.until,
    isHeld: false,
  });
  const means = new Float64Array(WIDTH).fill(Number.NaN);
  for (const [i, at] of times.entries()) {
    const one = numberAt(mean, i);
    if (Number.isFinite(one)) means[Math.floor(((at - startAt) / (endAt - startAt)) * WIDTH)] = one;
  }
  const all = means.filter(Number.isFinite);
  if (all.length === 0) return "";
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const barOf = (one: number): string => {
    const share = high > low ? (one - low) / (high - low) : 0.5;
    return BARS.charAt(Math.round(share * (BARS.length - 1)));
  };
  return Array.from(means, (one) => (Number.isFinite(one) ? barOf(one) : BLANK)).join("");
}

function knownOf(series: Series, period: Period): Pick<Trace, "gaps" | "until"> {
  const gaps = findGaps(series, period);
  return { gaps, until: heldUntil(series, gaps, period.endAt) };
}
