import { ADMINS_TOPIC } from "../../alarms/payloads/own.ts";
import { findAlarmById } from "./alarms.ts";
import { openCardBook } from "./card-book.ts";
import { refusedFor } from "./card-waits.ts";
import { listDecisions, type DecisionRecord } from "./decisions.ts";
import {
  countRings,
  endWaits,
  nextPending,
  nextRetryAt,
  pendingChats,
  readBacklog,
  waitingRings,
  type Backlog,
  type PendingCard,
  type RingPeriod,
  type WaitingRings,
  type Which,
} from "./pending.ts";
import type { Recent } from "./recent.ts";
import { settle, type Settlement } from "./settle.ts";
import type { Database, Queries } from "../sql/database.ts";

/** What each chat was shown of each alarm, and what it should still be shown. */
export interface Cards {
  /** The chats in which a card or a board waits. */
  readonly pendingChats: () => Promise<number[]>;
  /** The chat's card that comes first among those that are due; `null` if none is. */
  nextPending(chatId: number, now: number, which?: Which): Promise<PendingCard | null>;
  /** When the chat's next card is due, if all that wait were put off; `null` if none waits. */
  nextRetryAt(chatId: number): Promise<number | null>;
  /** Ends the waits of cards for a service that was away, which none of them does for longer than this. */
  endWaits(withinMs: number): Promise<void>;
  /** How many cards of a chat were to ring in a stretch of time; `limit` at the most. */
  countRings(chatId: number, period: RingPeriod, limit: number): Promise<number>;
  waitingRings(chatId: number): Promise<WaitingRings>;
  /**
   * Notes decisions and what came of them, in their order and in one transaction. It does not wait for the disk: after a power cut the newest
   * cards may be shown once more.
   */
  readonly settle: (settlements: readonly Settlement[]) => Promise<void>;
  /** Notes that a picture can be put into a chat's card of an alarm. */
  notePicture(alarmId: number, chatId: number): Promise<void>;
  /** Why a chat was shown an alarm, or not; newest first. */
  readonly decisions: (alarmId: number, chatId: number, limit: number) => Promise<readonly DecisionRecord[]>;
  backlog(): Promise<Backlog>;
  /** Forgets what was, and is to be, shown in a chat that gets alarms no more. */
  forgetChat(chatId: number): Promise<void>;
  /**
   * Forgets what was shown in all chats but these, which get alarms no more, and what is for admins alone in all chats but theirs.
   * @param adminChatIds the private chats of the admins
   */
  forgetOtherChats(chatIds: readonly number[], adminChatIds: readonly number[]): Promise<void>;
}

/** The cards in the database. */
export function openCards(database: Database, ofAlarms: Recent["of"], now: () => number): Cards {
  return {
    pendingChats: () => pendingChats(database),
    nextPending: (chatId, at, which) => nextPending(database, chatId, at, which),
    nextRetryAt: (chatId) => nextRetryAt(database, chatId),
    endWaits: (withinMs) => database.transaction((queries) => endWaits(queries, now(), withinMs), "crash"),
    countRings: (chatId, period, limit) => countRings(database, chatId, period, limit),
    waitingRings: (chatId) => waitingRings(database, chatId),
    settle: (settlements) =>
      // As often as an alarm comes, in a flood.
      ofAlarms(settlements.map(({ pending }) => pending.alarm)).transaction(async (queries) => {
        for (const settlement of settlements) await settle(queries, settlement, now());
      }, "crash"),
    // What is lost is a picture.
    notePicture: (alarmId, chatId) =>
      database.transaction((queries) => notePicture(queries, alarmId, chatId, now()), "crash"),
    decisions: (alarmId, chatId, limit) => listDecisions(database, alarmId, chatId, limit),
    backlog: () => readBacklog(database),
    forgetChat: (chatId) => database.transaction((queries) => forgetChat(queries, chatId)),
    forgetOtherChats: (chatIds, adminChatIds) =>
      database.transaction((queries) => forgetOtherChats(queries, chatIds, adminChatIds)),
  };
}

/** Notes that a picture can be put into a card; nothing if its message is gone meanwhile. */
async function notePicture(queries: Queries, alarmId: number, chatId: number, now: number): Promise<void> {
  const alarm = await findAlarmById(queries, alarmId);
  const cards = openCardBook(queries);
  const kept = await cards.find(alarmId, chatId);
  if (!alarm || !kept || kept.card.messageId === null) return;
  const since = kept.isPending ? kept.since : now;
  cards.save(alarm, {
    ...kept,
    card: { ...kept.card, isPictureDue: true },
    since,
    retryAt: refusedFor(kept, now)?.retryAt ?? 0,
  });
  await cards.flush();
}

/** Forgets the cards of a chat. */
async function forgetChat(queries: Queries, chatId: number): Promise<void> {
  await queries.run("DELETE FROM cards WHERE chat_id = $1", chatId);
  await queries.run("DELETE FROM boards WHERE chat_id = $1", chatId);
}

/** Forgets the cards of all chats but these, and those of alarms that are for admins alone in all but theirs. */
async function forgetOtherChats(
  queries: Queries,
  chatIds: readonly number[],
  adminChatIds: readonly number[],
): Promise<void> {
  const admins = adminChatIds.map((_, i) => `$${i + 2}`).join(", ");
  await queries.run(
    `DELETE FROM cards WHERE alarm_id IN (SELECT id FROM alarms WHERE topic = $1) AND chat_id NOT IN (${admins})`,
    ADMINS_TOPIC,
    ...adminChatIds,
  );
  const places = chatIds.map((_, i) => `$${i + 1}`).join(", ");
  await queries.run(`DELETE FROM cards WHERE chat_id NOT IN (${places})`, ...chatIds);
  await queries.run(`DELETE FROM boards WHERE chat_id NOT IN (${places})`, ...chatIds);
}
