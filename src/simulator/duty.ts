import { randomAt } from "./random.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SHIFT_MS = 8 * HOUR_MS;

/** What the plant is asked to do at one moment. */
export interface Duty {
  readonly isRunning: boolean;
  /** Share of full load, 0 to 1. */
  readonly load: number;
  /** Temperature of the hall. */
  readonly ambientC: number;
}

/**
 * The work plan: full load on weekdays in the two day shifts, about half at night and at weekends, and one stop of 12 to 25
 * minutes somewhere in the middle of each shift (06, 14 and 22 o'clock UTC).
 */
export function dutyAt(seed: number, at: number): Duty {
  return { isRunning: !isStopped(seed, at), load: loadAt(seed, at), ambientC: ambientAt(seed, at) };
}

function isStopped(seed: number, at: number): boolean {
  const sinceSix = at - 6 * HOUR_MS;
  const shift = Math.floor(sinceSix / SHIFT_MS);
  const stopAt = (2 + 4 * randomAt(seed, 2 * shift)) * HOUR_MS;
  const stopMs = (12 + 13 * randomAt(seed, 2 * shift + 1)) * MINUTE_MS;
  const intoShift = sinceSix - shift * SHIFT_MS;
  return intoShift >= stopAt && intoShift < stopAt + stopMs;
}

function loadAt(seed: number, at: number): number {
  const date = new Date(at);
  const isWeekend = date.getUTCDay() === 0 || date.getUTCDay() === 6;
  const isDay = date.getUTCHours() >= 6 && date.getUTCHours() < 22;
  const plan = isWeekend ? 0.45 : isDay ? 0.9 : 0.55;
  // Batches of 47 and 19 minutes, so that no two hours look the same.
  return plan + 0.06 * wave(seed, at, 47 * MINUTE_MS) + 0.03 * wave(seed + 1, at, 19 * MINUTE_MS);
}

function ambientAt(seed: number, at: number): number {
  const warmestAt = 15 * HOUR_MS;
  const daily = Math.cos((2 * Math.PI * (at - warmestAt)) / DAY_MS);
  return 21 + 3 * daily + 1.5 * wave(seed + 2, at, 5.3 * DAY_MS);
}

/** A sine whose phase the seed decides. */
function wave(seed: number, at: number, periodMs: number): number {
  return Math.sin(2 * Math.PI * (at / periodMs + randomAt(seed, 7)));
}
