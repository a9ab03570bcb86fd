import type { Clock } from "./clock.ts";
import type { Logger } from "./log.ts";

/** Does something again and again. */
export interface Ticker {
  start(): void;
  /** Resolves when what is under way is done. */
  stop(): Promise<void>;
}

/**
 * Runs `work` every `everyMs`, counted from the end of the time before. A failure is logged and does not end it.
 * @param what names the work, for the log
 */
export function createTicker(options: {
  readonly what: string;
  readonly work: () => Promise<void>;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}): Ticker {
  const { what, work, everyMs, clock, log } = options;
  let cancel: (() => void) | null = null;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;

  function schedule(): void {
    if (isStopped) return;
    cancel = clock.after(everyMs, () => {
      running = work()
        .catch((error: unknown) => log.error({ err: error }, `${what} failed; trying again`))
        .finally(schedule);
    });
  }

  return {
    start: schedule,
    async stop() {
      isStopped = true;
      cancel?.();
      await running;
    },
  };
}
