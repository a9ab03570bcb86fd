/** What a call is for. Of those that wait, the first named goes first, unless another one is overdue. */
export const KINDS = [
  /** A critical alarm rings. */
  "critical",
  /** What a person asked for. */
  "answer",
  /** Any other message that is new. */
  "ring",
  /** A board is shown as it is now. */
  "board",
  /** A message is brought up to date, or something goes on by itself. */
  "edit",
] as const;
export type Kind = (typeof KINDS)[number];

/** After so many turns of others a kind that waits is overdue: the board, which many wait for, and people soon; the rest get every fourth. */
const PATIENCE: Readonly<Record<Kind, number>> = { critical: 0, answer: 1, ring: 3, board: 1, edit: 3 };

/** As many critical ones go one after the other as a group keeps places free for; then as many others, if they are overdue. */
export const IN_A_ROW = 2;

/** Shares the pace of one chat among the kinds of calls, so that none starves. */
export interface Turns {
  /** Whose turn it is among those that wait; `null`: nobody waits. */
  next(waiting: ReadonlySet<Kind>): Kind | null;
  /** Notes that one got its turn while these waited. */
  given(kind: Kind, waiting: ReadonlySet<Kind>): void;
}

/**
 * A critical alarm takes the next turn, whatever waits; of many, others that are overdue get half of the turns. Of what is
 * overdue the board goes first, then what waited for more turns than it should.
 */
export function createTurns(): Turns {
  const passedOver = new Map<Kind, number>();
  /** Critical ones in a row, and the others since then. */
  let [criticals, others] = [0, 0];
  const lateness = (kind: Kind): number => (passedOver.get(kind) ?? 0) - PATIENCE[kind];

  return {
    next(waiting) {
      if (waiting.has("critical") && criticals < IN_A_ROW) return "critical";
      const isOverdue = (kind: Kind) => kind !== "critical" && waiting.has(kind) && lateness(kind) >= 0;
      if (isOverdue("board")) return "board";
      const [latest] = KINDS.filter(isOverdue).toSorted((a, b) => lateness(b) - lateness(a));
      return latest ?? KINDS.find((kind) => waiting.has(kind)) ?? null;
    },
    given(kind, waiting) {
      for (const other of waiting) passedOver.set(other, (passedOver.get(other) ?? 0) + 1);
      passedOver.delete(kind);
      if (kind === "critical") criticals += 1;
      else others += 1;
      if (others >= IN_A_ROW || !waiting.has("critical")) [criticals, others] = [0, 0];
    },
  };
}
