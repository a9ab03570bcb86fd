import { acknowledge, type LifecycleRules } from "../alarms/lifecycle.ts";
import { rankOf, type Alarm, type AlarmEvent, type Card, type Person } from "../alarms/types.ts";
import { OWN_TOPIC } from "../alarms/own.ts";
import { appendAction, listActions, type ActionRecord } from "./actions.ts";
import { findAlarm, findAlarmById, listActive, saveAlarm } from "./alarms.ts";
import {
  chatsWithCard,
  forgetOtherChats,
  markPending,
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
import { appendDecision, listDecisions, type DecisionRecord } from "./decisions.ts";
import { createDialogueStorage, type DialogueStorage } from "./dialogues.ts";
import { listEvents, type EventRecord } from "./events.ts";
import { recordEvents } from "./record.ts";
import { migrate } from "./schema.ts";

/** What came of a call for a card. */
export type CardChange =
  | { readonly kind: "shown"; readonly card: Card }
  | { readonly kind: "gone" }
  /** To be tried again; `refusal` is what Telegram said, if that is why. */
  | { readonly kind: "retry"; readonly retryAt: number; readonly refusal: string | null }
  | { readonly kind: "refused"; readonly refusal: string };

/** Everything that is kept, in the words of the domain. */
export interface Store {
  /** Appends events, moves their alarms on and marks the chats' cards, in one transaction. Resolves when it is on disk. */
  record(events: readonly AlarmEvent[], chatIds: readonly number[]): Promise<void>;
  /** Forgets what was shown in all chats but these, which get alarms no more. */
  forgetOtherChats(chatIds: readonly number[]): Promise<void>;
  pendingChats(): Promise<number[]>;
  nextPending(chatId: number, now: number): Promise<PendingCard | null>;
  nextRetryAt(chatId: number): Promise<number | null>;
  /**
   * Notes a decision and what came of it, in one transaction. It does not wait for the disk: after a power cut the newest
   * cards may be shown once more.
   */
  settle(pending: PendingCard, change: CardChange, decision: DecisionRecord): Promise<void>;
  /**
   * Notes that somebody acknowledged an alarm, as far as that person saw it: this occurrence, and no worse than this rank.
   * @returns the alarm, and the chats whose cards changed; `null` if there is no such alarm
   */
  acknowledge(
    alarmId: number,
    seen: { readonly occurrence: number; readonly rank: number },
    by: Person,
  ): Promise<{ readonly alarm: Alarm; readonly chatIds: readonly number[] } | null>;
  alarm(id: number): Promise<Alarm | null>;
  /** The alarm that an event belongs to; `null` if there is none yet. */
  alarmOf(event: AlarmEvent): Promise<Alarm | null>;
  activeAlarms(page: { readonly offset: number; readonly limit: number }): ReturnType<typeof listActive>;
  /** What happened to an alarm and what was done about it, newest first. */
  history(
    alarmId: number,
    limit: number,
  ): Promise<{ readonly events: readonly EventRecord[]; readonly actions: readonly ActionRecord[] }>;
  /** Why a chat was shown an alarm, or not; newest first. */
  decisions(alarmId: number, chatId: number, limit: number): Promise<readonly DecisionRecord[]>;
  backlog(): Promise<Backlog>;
  /** When the plant's newest event came; epoch ms. */
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
    action: await sequence(database, "actions"),
  };

  return {
    record: (events, chatIds) =>
      database.transaction((queries) =>
        recordEvents(queries, events, { rules: options.rules, chatIds, now: options.now(), nextId }),
      ),
    forgetOtherChats: (chatIds) => database.transaction((queries) => forgetOtherChats(queries, chatIds)),
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
            await saveRetry(queries, card, change.retryAt, change.refusal);
            break;
          case "refused":
            await saveRefused(queries, card, change.refusal);
            break;
        }
        await appendDecision(queries, nextId.decision(), decision);
        // The alarm may be further than what the chat sees now: it moved on meanwhile, or an old card was to be edited first.
        const seen = change.kind === "shown" ? change.card.version : alarm.version;
        const latest = await findAlarmById(queries, alarm.id);
        if (latest && latest.version > seen && change.kind !== "retry") {
          await markPending(queries, latest, [card.chatId], options.now());
        }
      }, "crash"),
    acknowledge: (alarmId, seen, by) =>
      database.transaction(async (queries) => {
        const before = await findAlarmById(queries, alarmId);
        if (!before) return null;
        const now = options.now();
        const isSeen = before.occurrence === seen.occurrence && rankOf(before.peakSeverity) <= seen.rank;
        const alarm = isSeen ? acknowledge(before, by, now) : before;
        if (alarm === before) return { alarm, chatIds: [] };
        await saveAlarm(queries, alarm);
        await appendAction(queries, nextId.action(), {
          alarmId,
          actedAt: now,
          occurrence: seen.occurrence,
          by,
          action: "acknowledge",
        });
        const chatIds = await chatsWithCard(queries, alarmId);
        await markPending(queries, alarm, chatIds, now);
        return { alarm, chatIds };
      }),
    alarmOf: (event) => findAlarm(database, event.alarmKey),
    alarm: (id) => findAlarmById(database, id),
    activeAlarms: (page) => listActive(database, page),
    async history(alarmId, limit) {
      const [events, actions] = await Promise.all([
        listEvents(database, alarmId, limit),
        listActions(database, alarmId, limit),
      ]);
      return { events, actions };
    },
    decisions: (alarmId, chatId, limit) => listDecisions(database, alarmId, chatId, limit),
    backlog: () => readBacklog(database),
    async lastEventAt() {
      const [row] = await database.all<{ at: number }>(
        "SELECT received_at AS at FROM events WHERE topic <> $1 ORDER BY id DESC LIMIT 1",
        OWN_TOPIC,
      );
      return row?.at ?? null;
    },
    chats: await openChatSettings(database, options.timeZone),
    dialogues: createDialogueStorage(database),
    close: () => database.close(),
  };
}

async function sequence(
  database: Database,
  table: "alarms" | "events" | "decisions" | "actions",
): Promise<() => number> {
  const [row] = await database.all<{ last: number | null }>(`SELECT MAX(id) AS last FROM ${table}`);
  let last = row?.last ?? 0;
  return () => ++last;
}
