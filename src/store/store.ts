import type { LifecycleRules } from "../alarms/lifecycle.ts";
import type { AlarmEvent, Card } from "../alarms/types.ts";
import {
  nextPending,
  nextRetryAt,
  pendingChats,
  readBacklog,
  saveGone,
  saveRefused,
  saveRetry,
  saveShown,
  type Backlog,
  type PendingCard,
} from "./cards.ts";
import { openChatSettings, type ChatSettings } from "./chats.ts";
import type { Database } from "./database.ts";
import { appendDecision, type DecisionRecord } from "./decisions.ts";
import { createDialogueStorage, type DialogueStorage } from "./dialogues.ts";
import { recordEvents } from "./record.ts";
import { migrate } from "./schema.ts";

/** What came of a call for a card. */
export type CardChange =
  | { readonly kind: "shown"; readonly card: Card }
  | { readonly kind: "gone" }
  | { readonly kind: "retry"; readonly retryAt: number }
  | { readonly kind: "refused"; readonly refusal: string };

/** Everything that is kept, in the words of the domain. */
export interface Store {
  /** Appends events, moves their alarms on and marks the chats' cards, in one transaction. Resolves when it is on disk. */
  record(events: readonly AlarmEvent[], chatIds: readonly number[]): Promise<void>;
  pendingChats(): Promise<number[]>;
  nextPending(chatId: number, now: number): Promise<PendingCard | null>;
  nextRetryAt(chatId: number): Promise<number | null>;
  /** Notes a decision and what came of it, in one transaction. */
  settle(pending: PendingCard, change: CardChange, decision: DecisionRecord): Promise<void>;
  backlog(): Promise<Backlog>;
  /** When the newest event came; epoch ms. */
  lastEventAt(): Promise<number | null>;
  readonly chats: ChatSettings;
  readonly dialogues: DialogueStorage;
  close(): Promise<void>;
}

/**
 * Opens the store on a database and brings its schema up to date.
 * One process writes, so numbers are given out here, which every database understands alike.
 */
export async function openStore(
  database: Database,
  options: { readonly rules: LifecycleRules; readonly timeZone: string; readonly now: () => number },
): Promise<Store> {
  await migrate(database);
  const nextId = {
    alarm: await sequence(database, "alarms"),
    event: await sequence(database, "events"),
    decision: await sequence(database, "decisions"),
  };

  return {
    record: (events, chatIds) =>
      database.transaction((queries) =>
        recordEvents(queries, events, { rules: options.rules, chatIds, now: options.now(), nextId }),
      ),
    pendingChats: () => pendingChats(database),
    nextPending: (chatId, now) => nextPending(database, chatId, now),
    nextRetryAt: (chatId) => nextRetryAt(database, chatId),
    settle: ({ alarm, card }, change, decision) =>
      database.transaction(async (queries) => {
        switch (change.kind) {
          case "shown":
            await saveShown(queries, change.card);
            break;
          case "gone":
            await saveGone(queries, card);
            break;
          case "retry":
            await saveRetry(queries, card, change.retryAt);
            break;
          case "refused":
            await saveRefused(queries, card, alarm.version, change.refusal);
            break;
        }
        await appendDecision(queries, nextId.decision(), decision);
      }),
    backlog: () => readBacklog(database),
    async lastEventAt() {
      const [row] = await database.all<{ at: number }>("SELECT received_at AS at FROM events ORDER BY id DESC LIMIT 1");
      return row?.at ?? null;
    },
    chats: await openChatSettings(database, options.timeZone),
    dialogues: createDialogueStorage(database),
    close: () => database.close(),
  };
}

async function sequence(database: Database, table: "alarms" | "events" | "decisions"): Promise<() => number> {
  const [row] = await database.all<{ last: number | null }>(`SELECT MAX(id) AS last FROM ${table}`);
  let last = row?.last ?? 0;
  return () => ++last;
}
