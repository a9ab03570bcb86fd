/** Does some things at once, and others when these are done, in the order in which they were asked for. */
export type InQueue = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * For what takes memory while it is under way: whatever is asked for at once, no more of it is there.
 * @param options.maxWaiting more are refused with `full`, before anything is done for them
 */
export function createQueue(options: {
  readonly atOnce: number;
  readonly maxWaiting: number;
  readonly full: () => Error;
}): InQueue {
  const { atOnce, maxWaiting, full } = options;
  const waiting: (() => void)[] = [];
  let working = 0;
  return async (work) => {
    if (working < atOnce) working += 1;
    else if (waiting.length >= maxWaiting) throw full();
    // Whoever ends hands the place on.
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else working -= 1;
    }
  };
}
