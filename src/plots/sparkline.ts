import type { Series } from "../charts/series.ts";
import type { Period } from "./period.ts";

const BARS = "▁▂▃▄▅▆▇█";
/** As wide as a digit and no space to trim: a time without numbers keeps its place. */
const BLANK = "\u2007";
const WIDTH = 12;

/**
 * A series as a line of text, from its lowest mean (▁) to its highest (█), each sign a twelfth of the period. What does not move is
 * in the middle; empty if there is no number.
 */
export function sparklineOf({ times, values }: Series, { startAt, endAt }: Period): string {
  const sums = new Float64Array(WIDTH);
  const counts = new Float64Array(WIDTH);
  for (let i = 0; i < times.length; i++) {
    const [at, value] = [times[i]!, values[i]!];
    if (!Number.isFinite(value) || at < startAt || at >= endAt) continue;
    const bucket = Math.floor(((at - startAt) / (endAt - startAt)) * WIDTH);
    sums[bucket]! += value;
    counts[bucket]! += 1;
  }
  const means = sums.map((sum, i) => sum / counts[i]!);
  const known = means.filter(Number.isFinite);
  if (known.length === 0) return "";
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const barOf = (mean: number): string => {
    const share = high > low ? (mean - low) / (high - low) : 0.5;
    return BARS[Math.round(share * (BARS.length - 1))]!;
  };
  return Array.from(means, (mean) => (Number.isFinite(mean) ? barOf(mean) : BLANK)).join("");
}
