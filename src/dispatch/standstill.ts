import type { PendingCard } from "../store/alarms/pending.ts";

/** Notices a card that is decided again and again at one version without a call: a fault of ours, which may not starve its chat. */
export interface Standstill {
  /** How often a card was decided without a call as it is now, since the lane rested. */
  times(pending: PendingCard): number;
  /** Takes a decision that needs no call. */
  note(pending: PendingCard): void;
  /** The lane rests: nothing turns in a circle. */
  reset(): void;
}

/** More cards than ever turn in one circle; a flood of a hundred thousand on one board need not be remembered. */
const MAX_CARDS = 10_000;

/** Begins to watch the cards of one lane. */
export function createStandstill(): Standstill {
  /** By the alarm's number. */
  const counts = new Map<number, { readonly state: string; readonly times: number }>();
  const stateOf = ({ alarm, card }: PendingCard): string => `${alarm.version} ${card.rings}`;

  function times(pending: PendingCard): number {
    const last = counts.get(pending.alarm.id);
    return last?.state === stateOf(pending) ? last.times : 0;
  }

  return {
    times,
    note(pending) {
      if (counts.size >= MAX_CARDS) counts.clear();
      counts.set(pending.alarm.id, { state: stateOf(pending), times: times(pending) + 1 });
    },
    reset: () => counts.clear(),
  };
}
