import { decide } from "../../src/alarms/cards/decide.ts";
import { shownCard } from "../../src/alarms/cards/shown-card.ts";
import type { Store } from "./store.ts";

/** Shows what waits in a chat, as its lane would; resolves with what that was, in order. */
export async function showAll(store: Store, chatId: number, now: number): Promise<string[]> {
  const shown: string[] = [];
  const next = () => store.cards.nextPending(chatId, now);
  for (let pending = await next(); pending !== null; pending = await next()) {
    const { alarm, card } = pending;
    const decision = decide(alarm, card);
    const { reason, action } = decision;
    shown.push(`${alarm.message} ${reason}`);
    const messageId = action === "send" || action === "say" ? 50 + shown.length : card.messageId;
    const change = { kind: "shown", card: shownCard(alarm, card, decision, messageId), messageId } as const;
    const line = { alarmId: alarm.id, chatId, decidedAt: now, version: alarm.version, reason, action, result: "ok" };
    await store.cards.settle([{ pending, change, decision: line }]);
  }
  return shown;
}
