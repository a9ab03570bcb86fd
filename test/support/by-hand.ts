import type { Card } from "../../src/alarms/card.ts";
import type { CardChange } from "../../src/store/alarms/decisions.ts";
import type { PendingCard } from "../../src/store/alarms/pending.ts";
import type { Store } from "../../src/store/store.ts";

/** What the dispatcher does with the cards of a store, by hand. */
export function byHand(store: () => Pick<Store, "cards">) {
  const settle = (pending: PendingCard, change: CardChange): Promise<void> => {
    const { alarm, card } = pending;
    const call = { alarmId: alarm.id, chatId: card.chatId, decidedAt: 5_000, version: alarm.version, result: "ok" };
    return store().cards.settle([{ pending, change, decision: { ...call, reason: "first", action: "send" } }]);
  };
  /** The card as message 77 shows it. */
  const shown = ({ alarm, card }: PendingCard): Card => ({
    ...card,
    messageId: 77,
    version: alarm.version,
    rung: card.rings,
  });
  return {
    settle,
    shown,
    /** The chat's card that is the next to be shown. */
    next: async (chatId = 1, now = 10_000): Promise<PendingCard> => {
      const pending = await store().cards.nextPending(chatId, now);
      if (!pending) throw new Error("nothing pending");
      return pending;
    },
    show: (pending: PendingCard, card: Card = shown(pending)): Promise<void> =>
      settle(pending, { kind: "shown", card, messageId: card.messageId }),
  };
}
