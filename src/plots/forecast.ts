import { firstFrom, type Series } from "../charts/series.ts";
import { formatDuration } from "../time.ts";
import { formatValue, type Limit, type Measurement } from "./measurement.ts";
import { medianOf } from "./statistics.ts";

/** Where a measurement goes, if it goes somewhere. */
export interface Forecast {
  /** Units of the measurement. */
  readonly slopePerHour: number;
  /** The limit that it reaches first; `null`: none before as much time has passed as was looked at. */
  readonly reaches: { readonly limit: Limit; readonly inMs: number } | null;
}

const HOUR = 3_600_000;
const MAX_BUCKETS = 150;
const MIN_BUCKETS = 20;
/** Of these so many must hold numbers, which is also the least share of any count of buckets. */
const MIN_FILLED = 12;
const NUMBERS_PER_BUCKET = 3;
const MIN_TAU = 0.8;
/** The change over the window, in medians of what is off the line. */
const MIN_CHANGE = 4;
const MAX_LAST_OFF = 3;
/** What is off by less than this share of the change is on the line, however even the rest is. */
const ON_LINE = 0.01;
/** How much the slope of the last third may differ from the whole: what bends is not going where a line goes. */
const MAX_BEND = 0.2;

interface Points {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/**
 * A robust line through the numbers from the first of them until now, and when it reaches a limit. Theil and Sen's slope over
 * medians of equal times bears a tenth of outliers. Silent (`null`) unless the numbers keep to the line: noise, steps, waves and
 * what levels off say nothing.
 * @param series in order of time
 * @param now epoch ms
 */
export function forecast(series: Series, limits: readonly Limit[], now: number): Forecast | null {
  const points = toPoints(series, now);
  const line = points && fitLine(points);
  if (!points || !line) return null;
  const { slope, tau, valueAt, off } = line;
  const spanMs = now - series.times[0]!;
  const change = Math.abs(slope) * spanMs;
  const last = points.values.at(-1)!;
  const isOnLine = Math.abs(last - valueAt(points.times.at(-1)!)) <= MAX_LAST_OFF * off + ON_LINE * change;
  if (Math.abs(tau) < MIN_TAU || change < MIN_CHANGE * off || !isOnLine) return null;
  const recent = fitLine(lastThird(points));
  if (recent === null || Math.abs(recent.slope / slope - 1) > MAX_BEND) return null;
  return { slopePerHour: slope * HOUR, reaches: firstReached(limits, slope, [last, valueAt(now)], spanMs) };
}

/** Medians of equal times of the window; `null` if they are too few, too far apart, or not of now. */
function toPoints({ times, values }: Series, now: number): Points | null {
  const startAt = times[0];
  if (startAt === undefined || now <= startAt) return null;
  const numbers = values.reduce((count, value) => count + (Number.isFinite(value) ? 1 : 0), 0);
  const count = Math.min(MAX_BUCKETS, Math.max(MIN_BUCKETS, Math.floor(numbers / NUMBERS_PER_BUCKET)));
  const edges = Array.from({ length: count }, (_, i) => firstFrom(times, startAt + ((now - startAt) * i) / count));
  edges.push(firstFrom(times, now + 1));
  const buckets = Array.from({ length: count }, (_, i) => {
    const isNumber = (_: number, at: number): boolean => Number.isFinite(values[edges[i]! + at]!);
    const part = [edges[i], edges[i + 1]] as const;
    return { times: times.subarray(...part).filter(isNumber), values: values.subarray(...part).filter(isNumber) };
  });
  const filled = buckets.filter(({ times }) => times.length > 0);
  const isOfNow = buckets.slice(-2).some(({ times }) => times.length > 0);
  if (filled.length < MIN_FILLED || filled.length < (count * MIN_FILLED) / MIN_BUCKETS || !isOfNow) return null;
  return {
    times: Float64Array.from(filled, ({ times }) => medianOf(times)!),
    values: Float64Array.from(filled, ({ values }) => medianOf(values)!),
  };
}

/** Theil and Sen's line, Kendall's tau, and the median distance of the points from the line. `null`: one point only. */
function fitLine({ times, values }: Points): {
  readonly slope: number;
  readonly tau: number;
  readonly off: number;
  readonly valueAt: (at: number) => number;
} | null {
  const slopes = new Float64Array((times.length * (times.length - 1)) / 2);
  let pair = 0;
  let order = 0;
  for (let j = 1; j < times.length; j++) {
    for (let i = 0; i < j; i++) {
      const rise = values[j]! - values[i]!;
      order += Math.sign(rise);
      slopes[pair++] = rise / (times[j]! - times[i]!);
    }
  }
  const slope = medianOf(slopes);
  if (slope === null) return null;
  // From the first point on, as epoch milliseconds would cost digits.
  const level = medianOf(values.map((value, i) => value - slope * (times[i]! - times[0]!)))!;
  const valueAt = (at: number): number => level + slope * (at - times[0]!);
  return {
    slope,
    tau: order / pair,
    off: medianOf(values.map((value, i) => Math.abs(value - valueAt(times[i]!))))!,
    valueAt,
  };
}

function lastThird({ times, values }: Points): Points {
  const from = times.findIndex((at) => at >= times[0]! + ((times.at(-1)! - times[0]!) * 2) / 3);
  return { times: times.slice(from), values: values.slice(from) };
}

/** @param levels what is measured now, and what the line says; a limit that either has passed is not ahead */
function firstReached(
  limits: readonly Limit[],
  slope: number,
  levels: readonly [number, number],
  withinMs: number,
): Forecast["reaches"] {
  const ahead = limits.flatMap((limit) => {
    const isTowards = slope > 0 === (limit.side === "above");
    const isPassed = levels.some((level) => (limit.side === "above" ? level >= limit.value : level <= limit.value));
    const inMs = (limit.value - levels[1]) / slope;
    return isTowards && !isPassed && inMs <= withinMs ? [{ limit, inMs }] : [];
  });
  return ahead.toSorted((a, b) => a.inMs - b.inMs)[0] ?? null;
}

/** `At this rate it reaches 80 °C in 3 h 20 min.`; `null` if it reaches nothing. */
export function forecastSentence(forecast: Forecast | null, measurement: Measurement): string | null {
  if (!forecast?.reaches) return null;
  const { limit, inMs } = forecast.reaches;
  return `At this rate it reaches ${formatValue(limit.value, measurement)} in ${formatDuration(inMs)}.`;
}
