/**
 * The instants of an earlier run, or of before the clock was set back, as they count by the clock of now. That clock may have been ahead
 * of ours: of another machine, before a power cut, before a time server was asked. How far is known by the newest that it showed.
 */
export interface FormerClock {
  /** How far it was ahead, as far as anybody knows, ms; 0: it was not. */
  readonly aheadMs: number;
  /** What it showed when somebody began to go by it: what is older was noted by yet another one. Epoch ms. */
  readonly since: number;
  /** When something happened that was noted: so much earlier if that clock noted it, and at the latest now. Epoch ms. */
  happened(at: number): number;
  /** When something is to end that was put at an instant still to come. Epoch ms. */
  ends(at: number): number;
}

/** @param former left out: nobody knows anything of it; what lies ahead of now counts as now */
export function createFormerClock(
  now: () => number,
  former: Pick<FormerClock, "aheadMs" | "since"> = { aheadMs: 0, since: Number.POSITIVE_INFINITY },
): FormerClock {
  const { aheadMs, since } = former;
  return {
    aheadMs,
    since,
    happened: (at) => (at < Math.min(since, now() + 1) ? at : Math.min(now(), at - aheadMs)),
    ends: (at) => at - aheadMs,
  };
}

/** When what was to end then ends, where it was put by this clock. */
export const OWN_ENDS: Pick<FormerClock, "ends"> = { ends: (at) => at };
