/** Limits guesses at invitation codes. A valid code is accepted in any case. */
export interface JoinGuard {
  /** Whether a person's wrong codes are answered and noted just now. */
  mayAnswer(userId: number): boolean;
  /** Somebody gave a wrong code. @returns what is locked by that just now; `null`: nothing */
  wrong(userId: number): "person" | "everybody" | null;
}

/** Wrong codes count for so long. */
export const JOIN_GUARD_MS = 3_600_000;
const MAX_OF_ONE = 5;
const MAX_OF_ALL = 50;

/** A wrong code of the past. */
export interface WrongCode {
  readonly userId: number;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * Five wrong codes of one person within an hour, or fifty of all, are enough: more are passed over until an hour after the first of them.
 * @param options.past the wrong codes of the last hour, oldest first, so that a restart opens nothing
 * @param options.elapsed ms of a clock that nobody sets: setting the other one must neither lock nor open anything
 */
export function createJoinGuard(options: {
  readonly past: readonly WrongCode[];
  readonly now: () => number;
  readonly elapsed: () => number;
}): JoinGuard {
  const { past, now, elapsed } = options;
  const [startedAt, start] = [elapsed(), now()];
  let wrong = past.map(({ userId, at }) => ({ userId, at: startedAt - Math.max(0, start - at) }));

  const lately = (): typeof wrong => {
    const at = elapsed();
    return (wrong = wrong.filter((one) => at - one.at < JOIN_GUARD_MS));
  };
  const countOf = (userId: number): number => lately().filter((one) => one.userId === userId).length;

  return {
    mayAnswer: (userId) => lately().length < MAX_OF_ALL && countOf(userId) < MAX_OF_ONE,
    wrong(userId) {
      wrong = [...lately(), { userId, at: elapsed() }];
      if (wrong.length === MAX_OF_ALL) return "everybody";
      return countOf(userId) === MAX_OF_ONE ? "person" : null;
    },
  };
}
