import type { Backoff } from "../lib/backoff.ts";
import type { ChannelState, Queue } from "../store/bridge/types.ts";

/** What a channel needs next. */
export type ChannelStep =
  /** Nothing, until something comes or somebody acts. */
  | { readonly kind: "rest" }
  | { readonly kind: "wait"; readonly ms: number }
  /** To ask ThingSpeak whether it has what an earlier call carried. */
  | { readonly kind: "ask" }
  | { readonly kind: "call" };

/** How often a channel may be written. */
export interface Intervals {
  /** Between two bulk calls, ms: 15 s at least, on paid plans too (FACTS: F3). */
  readonly bulkMs: number;
  /** Between two updates, ms: 15 s, or 1 s on paid plans (FACTS: A7). */
  readonly pointMs: number;
}

/** Nothing is put off for longer; what seems to be was put off by a clock that was ahead. */
export const RETRY: Backoff = { firstMs: 30_000, mostMs: 15 * 60_000 };

/** Decides what a channel needs next, from what waits for it and what came of the calls before. */
export function planChannelStep(state: ChannelState, queue: Queue, intervals: Intervals, now: number): ChannelStep {
  if (state.parked !== null || queue.waiting === 0) return { kind: "rest" };
  const intervalMs = queue.bulk > 0 ? intervals.bulkMs : intervals.pointMs;
  const calledMs = state.calledAt === null ? 0 : leftMs(state.calledAt + intervalMs, intervalMs, now);
  const ms = Math.max(leftMs(state.nextAt, RETRY.mostMs, now), calledMs);
  if (ms > 0) return { kind: "wait", ms };
  // A call whose answer was lost may have been taken: to send it again before that is known could write it twice.
  return { kind: queue.unsettled > 0 ? "ask" : "call" };
}

/** How much is left until then of what is `mostMs` at the most: with more, the clock was set back since. */
const leftMs = (until: number, mostMs: number, now: number): number =>
  until - now > mostMs ? 0 : Math.max(0, until - now);
