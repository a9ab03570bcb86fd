import type { Clock } from "./clock.ts";
import { backoffMs } from "../backoff.ts";

/** Something that is done step by step, whenever there is work. */
export interface Loop {
  /**
   * Says that there may be work; cheap, and never lost.
   * @param afterMs only in so long, unless it is woken before
   */
  readonly wake: (afterMs?: number) => void;
  /** Says so for somebody who looks on: a wait is cut short, also one that wakes wait out. */
  hurry(): void;
  /** Resolves when the step under way, if any, is done; none follows. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs `step` again and again until there is nothing to do; does nothing before the first wake.
 * @param options.step does the next thing, one at a time; resolves with how long until there may be another one (ms; 0: at once), or
 *   with `null` if only a wake can tell
 * @param options.waitsOut `true`: a wake cuts no such wait short, nor the one after a failure
 * @param options.onError is told of a step that failed, which is tried again after 1 s, 2 s, … a minute
 */
export function createLoop(options: {
  readonly step: () => Promise<number | null>;
  readonly waitsOut?: boolean;
  readonly clock: Pick<Clock, "after">;
  readonly onError: (error: unknown) => void;
}): Loop {
  const { step, waitsOut = false, clock, onError } = options;
  let running: Promise<void> | null = null;
  let isAwaken = false;
  let isStopped = false;
  let cancelTimer: (() => void) | null = null;
  /** In a row. */
  let failures = 0;

  async function attempt(): Promise<number | null> {
    try {
      const waitMs = await step();
      failures = 0;
      return waitMs;
    } catch (error) {
      onError(error);
      return backoffMs(failures++);
    }
  }

  async function run(): Promise<void> {
    let waitMs: number | null = 0;
    while (waitMs === 0 && !isStopped) {
      isAwaken = false;
      waitMs = await attempt();
    }
    if (waitMs !== null) wakeLater(waitMs);
  }

  function wakeLater(afterMs: number): void {
    if (isStopped) return;
    cancelTimer?.();
    cancelTimer = clock.after(afterMs, () => {
      cancelTimer = null;
      begin();
    });
  }

  function begin(): void {
    isAwaken = true;
    if (isStopped || running || (waitsOut && cancelTimer)) return;
    cancelTimer?.();
    cancelTimer = null;
    running = run().finally(() => {
      running = null;
      if (isAwaken) begin();
    });
  }

  return {
    wake(afterMs = 0) {
      if (afterMs === 0) begin();
      else wakeLater(afterMs);
    },
    hurry() {
      cancelTimer?.();
      cancelTimer = null;
      begin();
    },
    async stop() {
      isStopped = true;
      cancelTimer?.();
      await running;
    },
  };
}
