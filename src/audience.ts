import { reachabilityEvent } from "./alarms/own.ts";
import type { AlarmEvent } from "./alarms/types.ts";
import type { Logger } from "./log.ts";
import type { Store } from "./store/store.ts";

/** The chats that get alarms, and how alarms get to them. */
export interface AlarmChats {
  /** Whether a chat is one of them, under the id that it has now. */
  includes(chatId: number): boolean;
  /** Records what the plant sent, for all of them. */
  take(events: readonly AlarmEvent[]): Promise<void>;
  /** A group became a supergroup, under another id. */
  follow(chatId: number, newChatId: number): Promise<void>;
  /** Everybody who may get a card: these chats, and the admins for our own alarms. */
  recipients(): number[];
  /** A chat cannot be reached (`reason`), or can be again (`null`): itself an alarm, for the others and the admins. */
  tellReachable(chatId: number, reason: string | null): Promise<void>;
}

/** What it is made from; `wake` says that cards of these chats may be out of date. */
export function createAlarmChats(options: {
  readonly alarmChatIds: readonly number[];
  readonly adminIds: readonly number[];
  readonly store: Pick<Store, "record" | "alarmOf" | "chats">;
  readonly wake: (chatIds: readonly number[]) => void;
  readonly now: () => number;
  readonly log: Logger;
}): AlarmChats {
  const { store, wake, now, log } = options;
  const ids = (): number[] => options.alarmChatIds.map(store.chats.currentId);

  const recipients = (): number[] => [...new Set([...ids(), ...options.adminIds])];

  async function record(events: readonly AlarmEvent[], chatIds: readonly number[]): Promise<void> {
    await store.record(events, chatIds);
    wake(chatIds);
  }

  return {
    recipients,
    includes: (chatId) => ids().includes(chatId),
    take: (events) => record(events, ids()),
    async follow(chatId, newChatId) {
      log.warn({ chatId, newChatId }, "chat migrated");
      await store.chats.migrate(chatId, newChatId);
      wake([newChatId]);
    },
    async tellReachable(chatId, reason) {
      if (!ids().includes(chatId)) return;
      const event = reachabilityEvent(chatId, reason, now());
      // That all is well is no news, unless it was not.
      if (reason === null && (await store.alarmOf(event))?.state !== "active") return;
      await record(
        [event],
        recipients().filter((id) => id !== chatId),
      );
    },
  };
}
