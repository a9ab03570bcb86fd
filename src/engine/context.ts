import type { AnswerSettings } from "../alarms/payloads/plant-answer.ts";
import type { Ledger } from "../store/alarms/ledger.ts";
import type { Ledgers } from "../store/store.ts";
import type { ChangeOptions } from "./change.ts";

/** What the engine works on, and by what it decides. */
export interface EngineContext extends Omit<ChangeOptions, "now" | "lastEvent"> {
  readonly ledgers: Ledgers;
  /** The chats in which a card or a board waits. */
  readonly pendingChats: () => Promise<readonly number[]>;
  readonly answers: AnswerSettings;
  readonly now: () => number;
}

/** Bounds how long one look at the clock holds up the others. */
export const MAX_DUE = 500;

/** Goes through alarms by their numbers, some in each transaction, so that what comes meanwhile need not wait for all of them. */
export async function stepByStep(
  { ledgers }: EngineContext,
  step: (
    ledger: Ledger,
    afterId: number,
  ) => Promise<{ readonly chatIds: readonly number[]; readonly lastId: number | null }>,
): Promise<readonly number[]> {
  const chatIds = new Set<number>();
  for (let afterId: number | null = 0; afterId !== null;) {
    const from: number = afterId;
    const done = await ledgers.change((ledger) => step(ledger, from));
    for (const chatId of done.chatIds) chatIds.add(chatId);
    afterId = done.lastId;
  }
  return [...chatIds];
}
