import type { Clock } from "../clock.ts";

/** Something that is done step by step, whenever there is work. */
export interface Loop {
  /** Says that there may be work; cheap, and never lost. */
  wake(): void;
  /** Resolves when the step under way, if any, is done; none follows. */
  stop(): Promise<void>;
}

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

/**
 * Runs `step` again and again until there is nothing to do; does nothing before the first wake.
 * @param options.step does the next thing, one at a time; resolves with how long until there may be another one (ms; 0: at once), or
 *   with `null` if only a wake can tell
 * @param options.onError is told of a step that failed, which is tried again after 1 s, 2 s, … a minute
 */
export function createLoop(options: {
  readonly step: () => Promise<number | null>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}): Loop {
  const { step, clock, onError } = options;
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
      return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures++);
    }
  }

  async function run(): Promise<void> {
    let waitMs: number | null = 0;
    while (waitMs === 0 && !isStopped) {
      isAwaken = false;
      waitMs = await attempt();
    }
    if (waitMs !== null && !isStopped) cancelTimer = clock.after(waitMs, wake);
  }

  function wake(): void {
    isAwaken = true;
    if (isStopped || running) return;
    cancelTimer?.();
    cancelTimer = null;
    running = run().finally(() => {
      running = null;
      if (isAwaken) wake();
    });
  }

  return {
    wake,
    async stop() {
      isStopped = true;
      cancelTimer?.();
      await running;
    },
  };
}
