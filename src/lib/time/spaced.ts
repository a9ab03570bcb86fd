import type { Clock } from "./clock.ts";

/**
 * Begins work at most once in a time; what is asked for sooner begins then. For what is asked for one after the other.
 * @param apartMs from one beginning to the next
 */
export function spaced<A>(
  work: (argument: A) => Promise<void>,
  apartMs: number,
  clock: Pick<Clock, "elapsed" | "after">,
): (argument: A) => Promise<void> {
  let freeAt = -Infinity;
  return async (argument) => {
    const waitMs = freeAt - clock.elapsed();
    if (waitMs > 0) await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
    freeAt = clock.elapsed() + apartMs;
    await work(argument);
  };
}
