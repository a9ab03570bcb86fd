import type { Clock } from "../clock.ts";

/** Work that is done again and again, never twice at a time. */
export interface Repetition {
  /** Ends it; resolves when what is under way is done. */
  stop(): Promise<void>;
}

/**
 * Does `work` after `firstMs`, and again `everyMs` after each time that it was done.
 * @param options.onError takes what one time failed with; the next comes all the same
 */
export function repeat(options: {
  readonly clock: Pick<Clock, "after">;
  readonly everyMs: number;
  readonly firstMs?: number;
  readonly work: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}): Repetition {
  const { clock, everyMs, work, onError } = options;
  let isStopped = false;
  let present = Promise.resolve();
  let cancel = clock.after(options.firstMs ?? everyMs, run);

  function run(): void {
    present = work()
      .catch(onError)
      .finally(() => {
        if (!isStopped) cancel = clock.after(everyMs, run);
      });
  }

  return {
    stop() {
      isStopped = true;
      cancel();
      return present;
    },
  };
}
