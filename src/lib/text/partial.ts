/** One of several things that were asked for, and that is not available; the others may be. */
export interface Failed {
  readonly error: unknown;
}

/** Whether something was asked for in vain. */
export const isFailed = <T extends object>(one: T): one is Extract<T, Failed> & Failed => "error" in one;

/** What was asked for, as far as it came. @throws what was wrong with the first, if nothing came at all */
export function unlessAllFailed<T extends object>(asked: readonly T[]): readonly T[] {
  const [first] = asked;
  if (first !== undefined && isFailed(first) && asked.every(isFailed)) throw first.error;
  return asked;
}
