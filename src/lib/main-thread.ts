import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Logger } from "./log.ts";
import { createStalls, STALL_MS } from "./stalls.ts";

/** How late the main thread came to what was due; seconds. */
export interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Watches how long everything else waits for the main thread. */
export interface MainThreadWatch {
  start(): void;
  /** The worst of this minute and of the one before. */
  readonly delays: () => Delays;
  stop(): void;
}

/** How exactly it is measured: by a timer of Node.js' own, which takes a few thousandths of a processor. */
const RESOLUTION_MS = 20;
const LOOK_MS = 1_000;
const LOOKS_A_MINUTE = 60;
/** What is quicker is to cost nothing: there may be fifty thousand of them a second. */
const WORTH_NOTING_MS = 5;

const NONE: Delays = { p50: 0, p99: 0, max: 0 };

/** A process has one main thread, and so one list of what is under way in it, and how often each is. */
const underWay = new Map<string, number>();
/** Whatever was under way since the last look, with the longest that it held the thread in one go; ms. */
let seen = new Map<string, number>();

/**
 * Runs a handler, and notes its name for as long as it is under way: if the thread stands still meanwhile, that is told with it.
 * @param what the handler in words, the same each time: nothing that somebody wrote
 */
export function during<T>(what: string, work: () => T): T {
  const begunAt = performance.now();
  try {
    const result = work();
    if (result instanceof Promise) noteUnderWay(what, result);
    return result;
  } finally {
    const ms = performance.now() - begunAt;
    if (ms >= WORTH_NOTING_MS) noteHeld(what, ms);
  }
}

function noteUnderWay(what: string, result: Promise<unknown>): void {
  underWay.set(what, (underWay.get(what) ?? 0) + 1);
  noteHeld(what, 0);
  const ended = (): void => {
    const left = (underWay.get(what) ?? 1) - 1;
    if (left > 0) underWay.set(what, left);
    else underWay.delete(what);
  };
  result.then(ended, ended);
}

/** Notes that something held the thread for so long. */
export function noteHeld(what: string, ms: number): void {
  seen.set(what, Math.max(seen.get(what) ?? 0, ms));
}

/** Creates the watch, which tells the log what held up the thread. */
export function watchMainThread(log: Pick<Logger, "warn">): MainThreadWatch {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const stalls = createStalls(log);
  let [formerMinute, minute] = [NONE, NONE];
  let looks = 0;
  let timer: NodeJS.Timeout | undefined;

  function delaysNow(): Delays {
    if (monitor.count === 0) return NONE;
    const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3);
    return {
      p50: seconds(monitor.percentile(50)),
      p99: seconds(monitor.percentile(99)),
      max: seconds(monitor.max),
    };
  }

  function look(): void {
    const held = seen;
    seen = new Map([...underWay.keys()].map((what) => [what, 0]));
    looks += 1;
    const isMinuteOver = looks % LOOKS_A_MINUTE === 0;
    const now = delaysNow();
    const ms = now.max * 1e3;
    stalls.note(ms, held);
    if (ms < STALL_MS && !isMinuteOver) return;
    minute = worst(minute, now);
    // What comes right after this is not measured, so that it is not done at each look.
    monitor.reset();
    if (isMinuteOver) [formerMinute, minute] = [minute, NONE];
  }

  return {
    start() {
      monitor.enable();
      timer = setInterval(look, LOOK_MS).unref();
    },
    delays: () => worst(worst(formerMinute, minute), delaysNow()),
    stop() {
      clearInterval(timer);
      monitor.disable();
      stalls.end();
    },
  };
}

const worst = (a: Delays, b: Delays): Delays => ({
  p50: Math.max(a.p50, b.p50),
  p99: Math.max(a.p99, b.p99),
  max: Math.max(a.max, b.max),
});
