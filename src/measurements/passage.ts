import { firstFrom, type Series } from "./series.ts";
import { medianOf } from "./statistics.ts";

/** A line through noisy numbers, and how surely its slope is known. */
interface NoisyLine {
  readonly slope: number;
  /** Nine in ten times the true slope is between these. */
  readonly slopes: readonly [number, number];
  readonly valueAt: (at: number) => number;
}

/** When a limit is reached. */
export interface Passage {
  /** As likely sooner as later. */
  readonly inMs: number;
  /** It is sooner, or later, in one of ten cases each. */
  readonly soonestMs: number;
  readonly latestMs: number;
  /** Whether it gets quicker, or noise is there long before the line: then it is sooner than all of these. */
  readonly isSpeedingUp: boolean;
}

/** Numbers looked at to know the noise. */
const SAMPLE = 2_000;
/** What is off by more than so many medians is not noise, but an outlier. */
const OUTLIER = 7;
/** Of the time that the line takes. */
const STEPS = 400;

/** How far the numbers of a series are off a line, towards where it goes; in order, without outliers. */
export function noiseAround({ times, values }: Series, { slope, valueAt }: NoisyLine): Float64Array {
  const stride = Math.ceil(values.length / SAMPLE);
  const off: number[] = [];
  for (let i = 0; i < values.length; i += stride) {
    if (Number.isFinite(values[i]!)) off.push((values[i]! - valueAt(times[i]!)) * Math.sign(slope));
  }
  const usual = medianOf(Float64Array.from(off, Math.abs)) ?? 0;
  return Float64Array.from(off)
    .filter((one) => Math.abs(one) <= usual * OUTLIER)
    .sort();
}

/**
 * When the first of the numbers to come reaches a limit, which noise makes sooner than the line itself does.
 * @param distance from the line now to the limit
 * @param perMs how many numbers come
 * @returns `null` where half of such would be there before half of the line's time: then nothing can be said of when
 */
export function passageOf(distance: number, line: NoisyLine, noise: Float64Array, perMs: number): Passage | null {
  const [one, other] = [Math.abs(line.slopes[0]), Math.abs(line.slopes[1])];
  const lineMs = distance / Math.abs(line.slope);
  const stepMs = lineMs / STEPS;
  /** When so many of such have reached it, if the line goes by so much in a ms. */
  const reachedBy = (share: number, slope: number): number => {
    // Where the slope may be none at all, it may take twice as long, or for ever.
    for (let ms = stepMs, left = 1; ms <= lineMs * 2; ms += stepMs) {
      const below = firstFrom(noise, distance - slope * ms) / noise.length;
      left *= below ** (perMs * stepMs);
      if (1 - left >= share) return ms;
    }
    return lineMs * 2;
  };
  const inMs = reachedBy(0.5, Math.abs(line.slope));
  if (inMs < lineMs / 2) return null;
  return {
    inMs,
    soonestMs: Math.min(inMs, reachedBy(0.1, Math.max(one, other))),
    latestMs: Math.max(inMs, reachedBy(0.9, Math.min(one, other))),
    isSpeedingUp: false,
  };
}
