import type { Store } from "../store/store.ts";
import { createLane, type CardStore, type Lane, type LaneOptions } from "./lane.ts";

/** Brings each chat's cards to what they should show. */
export interface Dispatcher {
  /** Takes up what an earlier run left. */
  start(): Promise<void>;
  /** Says that cards of these chats may be out of date. */
  wake(chatIds: readonly number[]): void;
  /** Says that a chat gave a sign of life; if it could not be reached, it is tried now. */
  revive(chatId: number): void;
  stop(): Promise<void>;
}

/**
 * Compares what each chat should see of each alarm with what it was last shown, and makes the one call that closes the
 * difference. The difference is in the store: after a crash or an outage it is still there.
 */
export function createDispatcher(
  options: Omit<LaneOptions, "store"> & { readonly store: CardStore & Pick<Store, "pendingChats"> },
): Dispatcher {
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
      wake(await options.store.pendingChats());
    },
    wake,
    revive: (chatId) => lanes.get(chatId)?.revive(),
    async stop() {
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
    },
  };
}
