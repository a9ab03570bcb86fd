import { numberAt, firstFrom, type Series } from "./series.ts";
import { formatDuration, formatRange } from "../lib/time/time.ts";
import { formatValue, type MeasuredLimit, type Measurement } from "./measurement.ts";
import { noiseAround, passageOf, type Passage } from "./passage.ts";
import { medianOf, middleOf } from "./statistics.ts";

/** Where a measurement goes, if it goes somewhere. */
export interface Forecast {
  /** Units of the measurement. */
  readonly slopePerHour: number;
  /** The limit that it reaches first; `null`: none before as much time has passed as was looked at, or nobody can tell when. */
  readonly reaches: Reaching | null;
}

/** Which limit is reached, and when. */
export interface Reaching extends Passage {
  readonly limit: MeasuredLimit;
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

/** A range that is wider is told as one. */
const NARROW = 1.25;

/**
 * A robust line through the numbers from the first of them until now, and when it reaches a limit. Theil and Sen's slope over
 * medians of equal times bears a tenth of outliers. Silent (`null`) unless the numbers keep to the line: noise, steps, waves and
 * what levels off say nothing. What speeds up is told by the line of its last third.
 * @param series in order of time
 * @param now epoch ms
 * @param isWarning where noise is there so much sooner that nobody can tell when, a plot says nothing, and a warning so much
 */
export function forecast(
  series: Series,
  limits: readonly MeasuredLimit[],
  now: number,
  isWarning = false,
): Forecast | null {
  const points = toPoints(series, now);
  const line = points && fitLine(points);
  if (!points || !line || Math.abs(line.tau) < MIN_TAU) return null;
  const spanMs = now - numberAt(series.times, 0);
  const thirds = [0, 1, 2].map((third) => fitLine(partOf(points, third, 3)));
  const recent = thirds[2];
  if (!recent) return null;
  const last = numberAt(points.values, points.values.length - 1);
  const isSteady = Math.abs(recent.slope / line.slope - 1) <= MAX_BEND;
  const fit = isSteady ? line : recent;
  const fitMs = isSteady ? spanMs : spanMs / 3;
  const change = Math.abs(fit.slope) * fitMs;
  // Towards where it goes.
  const lastOff = (last - fit.valueAt(numberAt(points.times, points.times.length - 1))) * Math.sign(fit.slope);
  const mayBeOff = MAX_LAST_OFF * fit.off + ON_LINE * change;
  if (Math.abs(fit.tau) < MIN_TAU || change < MIN_CHANGE * fit.off || lastOff < -mayBeOff) return null;
  if (isSteady ? lastOff > mayBeOff : !isSpeedingUp(thirds, line)) return null;
  const level = isSteady ? fit.valueAt(now) : last;
  const noise = isSteady ? noiseAround(series, fit) : null;
  const when = (distance: number): Passage | null => {
    const inMs = distance / Math.abs(fit.slope);
    const sooner = { inMs, soonestMs: inMs, latestMs: inMs, isSpeedingUp: true };
    if (!noise) return sooner;
    return passageOf(distance, fit, noise, series.times.length / spanMs) ?? (isWarning ? sooner : null);
  };
  return { slopePerHour: fit.slope * HOUR, reaches: firstReached(limits, fit.slope, [last, level], spanMs, when) };
}

/** Whether each third goes quicker than the one before, and the last much. */
function isSpeedingUp(thirds: readonly (Line | null)[], { slope }: Line): boolean {
  const towards = thirds.map((third) => (third?.slope ?? Number.NaN) * Math.sign(slope));
  const [early = Number.NaN, middle = Number.NaN, recent = Number.NaN] = towards;
  return early >= 0 && middle > early && recent > middle * (1 + MAX_BEND);
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
    const isNumber = (_: number, at: number): boolean => Number.isFinite(values[(edges[i] ?? 0) + at]);
    const part = [edges[i], edges[i + 1]] as const;
    return { times: times.subarray(...part).filter(isNumber), values: values.subarray(...part).filter(isNumber) };
  });
  const filled = buckets.filter(({ times }) => times.length > 0);
  const isOfNow = buckets.slice(-2).some(({ times }) => times.length > 0);
  if (filled.length < MIN_FILLED || filled.length < (count * MIN_FILLED) / MIN_BUCKETS || !isOfNow) return null;
  return {
    // These are in order.
    times: Float64Array.from(filled, ({ times }) => middleOf(times) ?? Number.NaN),
    values: Float64Array.from(filled, ({ values }) => medianOf(values) ?? Number.NaN),
  };
}

/** Theil and Sen's line. */
interface Line {
  readonly slope: number;
  /** Nine in ten times the true slope is between these. */
  readonly slopes: readonly [number, number];
  /** Kendall's. */
  readonly tau: number;
  /** The median distance of the points from it. */
  readonly off: number;
  readonly valueAt: (at: number) => number;
}

/** @returns `null` for one point only */
function fitLine({ times, values }: Points): Line | null {
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
  const startAt = numberAt(times, 0);
  const level = medianOf(values.map((value, i) => value - slope * (numberAt(times, i) - startAt))) ?? Number.NaN;
  const valueAt = (at: number): number => level + slope * (at - startAt);
  const n = times.length;
  // Sen's interval, by the variance of Kendall's S.
  const off = NINE_IN_TEN * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const ranked = (rank: number): number => numberAt(slopes, Math.min(pair - 1, Math.max(0, Math.round(rank))));
  return {
    slope,
    slopes: [ranked((pair - off) / 2), ranked((pair + off) / 2)],
    tau: order / pair,
    off: medianOf(values.map((value, i) => Math.abs(value - valueAt(numberAt(times, i))))) ?? Number.NaN,
    valueAt,
  };
}

const NINE_IN_TEN = 1.645;

/** One of some equal parts of the time. */
function partOf({ times, values }: Points, part: number, of: number): Points {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const edge = (n: number): number => (n === of ? times.length : firstFrom(times, first + ((last - first) * n) / of));
  return { times: times.slice(edge(part), edge(part + 1)), values: values.slice(edge(part), edge(part + 1)) };
}

/** @param levels what is measured now, and what the line says; a limit that either has passed is not ahead */
function firstReached(
  limits: readonly MeasuredLimit[],
  slope: number,
  levels: readonly [number, number],
  withinMs: number,
  when: (distance: number) => Passage | null,
): Reaching | null {
  const ahead = limits.flatMap((limit) => {
    const isTowards = slope > 0 === (limit.side === "above");
    const isPassed = levels.some((level) => (limit.side === "above" ? level >= limit.value : level <= limit.value));
    const inMs = (limit.value - levels[1]) / slope;
    return isTowards && !isPassed && inMs <= withinMs ? [{ limit, inMs }] : [];
  });
  const [first] = ahead.toSorted((a, b) => a.inMs - b.inMs);
  const told = first && when(Math.abs(first.limit.value - levels[1]));
  return told ? { limit: first.limit, ...told } : null;
}

/** `At this rate it reaches 80 °C in 3 h 20 min.`; `null` if it reaches nothing. */
export function forecastSentence(forecast: Forecast | null, measurement: Measurement): string | null {
  if (!forecast?.reaches) return null;
  const { limit } = forecast.reaches;
  return `At this rate it reaches ${formatValue(limit.value, measurement)} ${whenWords(forecast.reaches)}.`;
}

/** `in 3 h 20 min`, `in 2 to 5 h` where it is not known better, `sooner than in 2 h` where it gets quicker. */
export function whenWords({ inMs, soonestMs, latestMs, isSpeedingUp }: Passage): string {
  if (isSpeedingUp) return `sooner than in ${formatDuration(inMs)}`;
  return latestMs <= soonestMs * NARROW ? `in ${formatDuration(inMs)}` : `in ${formatRange(soonestMs, latestMs)}`;
}
