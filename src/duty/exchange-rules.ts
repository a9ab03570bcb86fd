import type { DutyRequest } from "./exchanges.ts";
import type { DutyTurn } from "./turn.ts";

/** The turn that somebody gives in a swap; `null`: they have none ahead. */
export const nextOf = (userId: number, turns: readonly DutyTurn[]): DutyTurn | null =>
  turns.find(({ who }) => who.chatId === userId) ?? null;

/** The turns that somebody may take in a swap: those of others that have not begun. */
export const othersThan = (userId: number, turns: readonly DutyTurn[], now: number): readonly DutyTurn[] =>
  turns.filter(({ startAt, who }) => startAt > now && who.chatId !== userId);

/**
 * What becomes of the rota if somebody agrees now.
 * @param turns from now on
 * @returns `null`: a time of it is over, or is not of whom it is taken from any more
 */
export function agreedChanges(
  { by, of, changes }: DutyRequest,
  turns: readonly DutyTurn[],
  now: number,
): readonly DutyTurn[] | null {
  const rest = changes.map((change) => ({ ...change, startAt: Math.max(change.startAt, now) }));
  const isStillTheirs = ({ startAt, endAt, who }: DutyTurn): boolean => {
    const holder = who.chatId === by.chatId ? of : by;
    const held = turns.filter((turn) => turn.who.chatId === holder.chatId);
    return startAt < endAt && held.some((turn) => turn.startAt <= startAt && endAt <= turn.endAt);
  };
  return rest.every(isStillTheirs) ? rest : null;
}
