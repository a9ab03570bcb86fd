import { SOON } from "../lib/backoff.ts";
import { createLane, type Lane, type LaneOptions } from "./lane.ts";

/** Brings each chat's cards to what they should show. */
export interface Dispatcher {
  /** Takes up what an earlier run left. */
  start(): Promise<void>;
  /** Says that cards of these chats may be out of date. */
  wake(chatIds: readonly number[]): void;
  /** Says that a chat gave a sign of life; if it could not be reached, it is tried now. */
  revive(chatId: number): void;
  /** Says that a chat gets nothing any more: whether it can be reached is found out anew if it does again. */
  forget(chatId: number): void;
  /** Says that the service is back after it was away: no card waits for that any longer, and the worst goes first. */
  back(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Compares what each chat should see of each alarm with what it was last shown, and makes the one call that closes the
 * difference. The difference is in the store: after a crash or an outage it is still there.
 */
export function createDispatcher(options: LaneOptions): Dispatcher {
  const lanes = new Map<number, Lane>();

  function wake(chatIds: readonly number[]): void {
    for (const chatId of chatIds) {
      let lane = lanes.get(chatId);
      if (!lane) {
        lane = createLane(chatId, options);
        lanes.set(chatId, lane);
      }
      lane.wake();
    }
  }

  return {
    async start() {
      wake(await options.store.cards.pendingChats());
    },
    wake,
    async back() {
      for (const lane of lanes.values()) lane.back();
      await options.store.cards.endWaits(SOON.mostMs);
      wake([...lanes.keys()]);
    },
    revive: (chatId) => lanes.get(chatId)?.revive(),
    forget: (chatId) => lanes.get(chatId)?.forget(),
    async stop() {
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
    },
  };
}
