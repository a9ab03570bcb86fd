import type { Listened } from "../store/heartbeats.ts";

/**
 * A heartbeat is anything that comes again and again; each coming is a beat. Beats are timed by our own clock when they
 * reach us: what the plant's clock shows says nothing about whether the plant is alive.
 */

/** What is known of one heartbeat. */
export interface Heartbeat {
  /** The newest beat; epoch ms. `null`: none yet. */
  readonly lastAt: number | null;
  /** The times between the newest beats, oldest first, in ms. */
  readonly gaps: readonly number[];
}

/** Something that is expected to come again and again, by its heartbeat. */
export interface Monitor {
  /** Its name among all monitors, also in the store: `topic plant/pump`, `field 4`. */
  readonly key: string;
  /** As people call it. */
  readonly name: string;
  /** The interval as it was set; `null`: as it was learned. */
  readonly everyMs: number | null;
  /** Nobody asked for it by name: it came by itself, and may stay away for good. */
  readonly isFound: boolean;
  readonly heartbeat: Heartbeat;
}

/** A monitor seen at one moment. */
export interface Observation extends Pick<Monitor, "key" | "name"> {
  readonly lastAt: number | null;
  /** Its newest beat, or when we began to listen, if that was later: our own absence is not its silence. Epoch ms. */
  readonly waitingSince: number;
  /** `null`: not known yet, and then it is never silent. */
  readonly intervalMs: number | null;
  /** When it counts as silent; epoch ms. */
  readonly silentFrom: number | null;
}

/** Messages that come together, say one for each value of a machine, are one beat. */
const BURST_MS = 1_000;
/** Fewer say nothing about a rhythm. */
const MIN_GAPS = 5;
const MAX_GAPS = 20;
/** As Home Assistant's watchdog for TwinCAT has it: three intervals, at least a minute. */
const MISSED_BEATS = 3;
const MIN_PATIENCE_MS = 60_000;

/** After a shorter pause, the next run goes on where the last one ended. */
const TAKE_OVER_MS = 120_000;

/** A heartbeat of which nothing is known. */
export const NO_HEARTBEAT: Heartbeat = { lastAt: null, gaps: [] };

/** A heartbeat as it was stored: as if it had always kept its interval. */
export function restoreHeartbeat(lastAt: number, intervalMs: number | null): Heartbeat {
  return { lastAt, gaps: intervalMs === null ? [] : Array.from({ length: MAX_GAPS }, () => intervalMs) };
}

/**
 * The heartbeat after one more message.
 * @param at our clock, epoch ms; it may have been set back meanwhile
 * @param listeningSince what came before may not be all that came, so that the time since is no gap
 */
export function recordBeat(before: Heartbeat, at: number, listeningSince: number): Heartbeat {
  if (before.lastAt === null) return { ...before, lastAt: at };
  const gapMs = at - before.lastAt;
  if (gapMs >= 0 && gapMs < BURST_MS) return before;
  const isGap = gapMs > 0 && before.lastAt >= listeningSince;
  return { lastAt: at, gaps: isGap ? [...before.gaps, gapMs].slice(-MAX_GAPS) : before.gaps };
}

/**
 * The longest of the newest gaps but one, in ms; `null` while there are too few. The longest may have been a fault, which should not
 * count; by the average, everything that comes irregularly would be silent.
 */
export function intervalOf({ gaps }: Heartbeat): number | null {
  return gaps.length < MIN_GAPS ? null : (gaps.toSorted((a, b) => b - a)[1] ?? null);
}

/** A monitor whose newest beat counts as `present` has it: heard by a clock that was ahead, it would be silent for long before anybody noticed. */
export function asOfNow<P extends Monitor>(monitor: P, present: (at: number) => number): P {
  const { heartbeat } = monitor;
  return heartbeat.lastAt === null
    ? monitor
    : { ...monitor, heartbeat: { ...heartbeat, lastAt: present(heartbeat.lastAt) } };
}

/** The observation of a monitor for somebody who has listened since `listeningSince` (epoch ms). */
export function observe({ key, name, everyMs, heartbeat }: Monitor, listeningSince: number): Observation {
  const { lastAt } = heartbeat;
  const waitingSince = Math.max(lastAt ?? listeningSince, listeningSince);
  const intervalMs = everyMs ?? intervalOf(heartbeat);
  const silentFrom = intervalMs && waitingSince + Math.max(MIN_PATIENCE_MS, MISSED_BEATS * intervalMs);
  return { key, name, lastAt, waitingSince, intervalMs, silentFrom };
}

/** Whether somebody who listens since `listeningSince` took over from who listened before; `null`: nobody did. */
export const tookOver = (listeningSince: number, before: Listened | null): before is Listened =>
  before !== null && Math.abs(listeningSince - before.until) <= TAKE_OVER_MS;

/**
 * The observation of a monitor for somebody who took over. The time that was waited before counts, but one more beat may have come in between:
 * without that, what comes once an hour would be given three hours anew by each take-over.
 */
export function observeAfterTakeOver(monitor: Monitor, listeningSince: number, before: Listened | null): Observation {
  const observation = observe(monitor, listeningSince);
  const { intervalMs, silentFrom } = observation;
  if (!tookOver(listeningSince, before) || intervalMs === null || silentFrom === null) return observation;
  const former = observe(monitor, before.since).silentFrom ?? silentFrom;
  const atLeast = listeningSince + Math.max(MIN_PATIENCE_MS, intervalMs);
  return { ...observation, silentFrom: Math.min(silentFrom, Math.max(former, atLeast)) };
}
