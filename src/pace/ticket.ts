import type { Pace } from "./pace.ts";
import type { CallKind, Turn } from "./turns.ts";

/** A lane's place among those who wait to call its chat. */
export interface Ticket {
  /** Takes the turn of one of these kinds if it has come; of no kinds: waits no more. @returns `null`: the lane is woken when it comes */
  take(kinds: ReadonlySet<CallKind>): Turn | null;
  /** Waits no more, and gives back the turn that came meanwhile. */
  leave(): void;
}

/** Makes the place of one lane, which does not wait yet. */
export function createTicket(chatId: number, pace: Pick<Pace, "ask">, wake: () => void): Ticket {
  /** Came while the lane looked at something else. */
  let turn: Turn | null = null;
  let cancel = (): void => undefined;

  function leave(): void {
    cancel();
    turn?.end(false);
    turn = null;
  }

  return {
    leave,
    take(kinds) {
      if (kinds.size === 0 || (turn && !kinds.has(turn.kind))) leave();
      if (kinds.size === 0) return null;
      if (!turn) {
        cancel();
        let isAsking = true;
        cancel = pace.ask(chatId, kinds, (given) => {
          turn = given;
          if (!isAsking) wake();
        });
        isAsking = false;
      }
      const taken = turn;
      turn = null;
      return taken;
    },
  };
}
