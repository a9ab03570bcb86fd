/** What a call is for. Of those that wait, the first named goes first, unless another one is overdue. */
export const CALL_KINDS = [
  /** A critical alarm rings. */
  "critical",
  /** What a person asked for. */
  "answer",
  /** Any other message that is new. */
  "ring",
  /** A message is brought up to date, or something goes on by itself. */
  "edit",
  /** A critical alarm that was heard of just now rings once more. Each such ring leaves an old message to be edited: that goes before the next. */
  "again",
  /** A board is shown as it is now: when nothing else waits, or when it is late. */
  "board",
] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** The right to make one call to a chat now. It is to be ended, exactly once, as soon as the call is over or is not to be made. */
export interface Turn {
  readonly kind: CallKind;
  /** @param isSpent whether the call counts: it was carried out, or may have been */
  end(isSpent: boolean): void;
}

/** After so many turns of others a kind that waits is overdue: people soon; the rest get every fourth. */
const PATIENCE: Readonly<Record<CallKind, number>> = { critical: 0, answer: 1, ring: 3, board: 3, edit: 3, again: 3 };
/** The board, which many wait for, is to move every 15 s, and a busy group has a turn in four or five seconds. */
const BOARD_LATE_MS = 10_000;

/** After so long without a turn nobody is tired of anything: what was tried in an outage, say, does not count. */
const CALM_MS = 10_000;

/** As many critical ones go one after the other; then as many others, if they are overdue. */
const IN_A_ROW = 2;

/** Shares the pace of one chat among the kinds of calls, so that none starves. */
export interface Turns {
  /** Whose turn it is among those that wait; `null`: nobody waits. */
  next(waiting: ReadonlySet<CallKind>): CallKind | null;
  /** Notes that one got its turn while these waited. */
  given(kind: CallKind, waiting: ReadonlySet<CallKind>): void;
}

/**
 * A critical alarm takes the next turn, whatever waits; of many of those, a board that is late follows the first, and others that are overdue
 * get half of the turns. Of what is overdue that goes first which waited for more turns than it should.
 * @param elapsed ms of a clock that nobody sets
 */
export function createTurns(elapsed: () => number): Turns {
  const passedOver = new Map<CallKind, number>();
  /** Critical ones in a row, and the others since then. */
  let [criticals, others] = [0, 0];
  let criticalsSinceBoard = 0;
  /** When the board, and any of them, had a turn last. */
  let [boardAt, turnAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const lateness = (kind: CallKind): number => (passedOver.get(kind) ?? 0) - PATIENCE[kind];

  /** The next critical alarm is the first of its kind. */
  const forget = (): void => void ([criticals, others, criticalsSinceBoard] = [0, 0, 0]);

  return {
    next(waiting) {
      if (elapsed() - turnAt >= CALM_MS) forget();
      const isBoardLate = waiting.has("board") && elapsed() - boardAt >= BOARD_LATE_MS;
      const isBoardsTurn = isBoardLate && criticalsSinceBoard > 0;
      if (waiting.has("critical") && criticals < IN_A_ROW && !isBoardsTurn) return "critical";
      if (isBoardLate) return "board";
      const isOverdue = (kind: CallKind) => kind !== "critical" && waiting.has(kind) && lateness(kind) >= 0;
      const [latest] = CALL_KINDS.filter(isOverdue).toSorted((a, b) => lateness(b) - lateness(a));
      return latest ?? CALL_KINDS.find((kind) => waiting.has(kind)) ?? null;
    },
    given(kind, waiting) {
      for (const other of waiting) passedOver.set(other, (passedOver.get(other) ?? 0) + 1);
      passedOver.delete(kind);
      turnAt = elapsed();
      if (kind === "critical") {
        criticals += 1;
        criticalsSinceBoard += 1;
      } else if (criticals >= IN_A_ROW) others += 1;
      if (kind === "board") [boardAt, criticalsSinceBoard] = [turnAt, 0];
      if (!waiting.has("critical")) forget();
      else if (others >= IN_A_ROW) [criticals, others] = [0, 0];
    },
  };
}
