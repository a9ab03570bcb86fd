import type { Clock } from "./clock.ts";
import { createLoop } from "./loop.ts";
import type { Logger } from "../log.ts";
import { during } from "../main-thread.ts";

/** Does something again and again. */
export interface Ticker {
  start(): void;
  /** Resolves when what is under way is done. */
  stop(): Promise<void>;
}

/**
 * Runs `work` every `everyMs`, counted from the end of the time before. A failure is logged and does not end it.
 * @param options.what names the work, for the log
 * @param options.firstMs how long until the first time; left out: as long as between any two
 */
export function createTicker(options: {
  readonly what: string;
  readonly work: () => Promise<void>;
  readonly everyMs: number;
  readonly firstMs?: number;
  readonly clock: Pick<Clock, "after">;
  readonly log: Pick<Logger, "error">;
}): Ticker {
  const { what, work, everyMs, firstMs = everyMs, clock, log } = options;
  const onError = (error: unknown): void => log.error({ err: error }, `${what} failed; trying again`);
  const loop = createLoop({
    async step() {
      await during(what, work).catch(onError);
      return everyMs;
    },
    clock,
    onError,
  });
  return { start: () => loop.wake(firstMs), stop: loop.stop };
}
