/** Does one thing after the other, in the order in which they were asked for. */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * For what reads, waits and writes: two of them at once would each write what the other one changed. One that fails does not keep
 * the next from its turn.
 */
export function createOneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work, work);
    last = done;
    return done;
  };
}
