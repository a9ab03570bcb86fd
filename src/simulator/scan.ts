import type { Disturbance, SensorReadings } from "./machine.ts";
import type { Signals } from "./signals.ts";

/** What a controller sees at one whole second. */
export interface Scan {
  /** Epoch ms. */
  readonly at: number;
  /** What the clock shows, epoch ms. */
  readonly now: number;
  /** How long the cycle of troubles has been going round, ms; `null`: there is none. */
  readonly cycleMs: number | null;
  readonly readings: SensorReadings & Signals;
  readonly disturbance: Disturbance;
  readonly hallC: number;
}

/** A plant that is behind by no more than this counts as up to date. */
const NOW_WITHIN_MS = 2_000;

/** Whether an instant is of now, by what the clock shows. */
export const isNow = (at: number, now: number): boolean => now - at < NOW_WITHIN_MS;
