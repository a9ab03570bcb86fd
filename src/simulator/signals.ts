/** What the PLC's signal generator gives, to try the chain with. */
export interface Signals {
  readonly sineV: number;
  readonly rampPercent: number;
}

/** The sine of the thesis' first test: 40 entries at 15 s are one period. */
export const SINE = { amplitudeV: 5, periodMs: 600_000 } as const;
/** From 0 to 100 % in a quarter of an hour, and from the start again. */
const RAMP_MS = 900_000;

/** The signals at an instant, epoch ms: they know nothing of what was before. */
export function signalsAt(at: number): Signals {
  return {
    sineV: SINE.amplitudeV * Math.sin((2 * Math.PI * at) / SINE.periodMs),
    rampPercent: (100 * (at % RAMP_MS)) / RAMP_MS,
  };
}
