import type { PendingCard } from "../store/alarms/pending.ts";

/** Notices a card that is decided again and again at one version without a call: a fault of ours, which may not starve its chat. */
export interface Standstill {
  /** Takes a decision that needs no call. @returns how often there was one for the card as it is, since the lane rested */
  count(pending: PendingCard): number;
  /** The lane rests: nothing turns in a circle. */
  reset(): void;
}

/** More cards than ever turn in one circle; a flood of a hundred thousand on one board need not be remembered. */
const MAX_CARDS = 10_000;

/** Creates it for one lane. */
export function createStandstill(): Standstill {
  /** By the alarm's number. */
  const counts = new Map<number, { readonly state: string; readonly times: number }>();
  return {
    count({ alarm, card }) {
      if (counts.size >= MAX_CARDS) counts.clear();
      const state = `${alarm.version} ${card.rings}`;
      const last = counts.get(alarm.id);
      const times = last?.state === state ? last.times + 1 : 1;
      counts.set(alarm.id, { state, times });
      return times;
    },
    reset: () => counts.clear(),
  };
}
