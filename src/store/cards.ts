import { restingCard } from "../alarms/decide.ts";
import { ADMINS_TOPIC } from "../alarms/own.ts";
import { afterCall, dueOf, newCard, toldCard } from "../alarms/due.ts";
import type { Card, News, RingReason, Saying } from "../alarms/card.ts";
import type { Destination, Alarm } from "../alarms/types.ts";
import { findAlarmById } from "./alarms.ts";
import type { Queries } from "./database.ts";

/** Nothing is put off for longer. */
export const MAX_RETRY_MS = 3_600_000;

/** What came of a call for a card. */
export type CardChange =
  /** `messageId`: a new message about the alarm, if one was sent. */
  | { readonly kind: "shown"; readonly card: Card; readonly messageId: number | null }
  | { readonly kind: "gone" }
  /** To be tried again; `isFailure`: the card failed, and not only its turn; `refusal` is what Telegram said, if that is why. */
  | {
      readonly kind: "retry";
      readonly retryAt: number;
      readonly isFailure: boolean;
      readonly refusal: string | null;
    }
  /** Telegram will never take what the card was to show: a change of its alarm is the next that is shown. */
  | { readonly kind: "refused"; readonly card: Card; readonly refusal: string };

/** A card, and how it waits for its chat; whether it does, and at which rank, follows from alarm and card: see `dueOf`. */
interface KeptCard {
  readonly card: Card;
  readonly isPending: boolean;
  /** Since when it waits to ring, or to be looked at; epoch ms. */
  readonly since: number;
  /** When it was to ring last; epoch ms. */
  readonly rangAt: number;
  /** Tries that failed since the last one that succeeded. */
  readonly attempts: number;
  /** Epoch ms; 0: at once. */
  readonly retryAt: number;
  /** Why what it is to show was refused. */
  readonly refusal: string | null;
}

/** The columns of a card, under their names. */
export interface CardRow {
  alarm_id: number;
  chat_id: number;
  thread_id: number | null;
  message_id: number | null;
  /** JSON. */
  outdated_messages: string;
  board_id: number | null;
  version: number;
  rings: number;
  rung: number;
  ring_reason: RingReason;
  saying: Saying | null;
  is_picture_due: number;
}

interface KeptRow extends CardRow {
  is_pending: number;
  pending_since: number;
  rang_at: number;
  attempts: number;
  retry_at: number;
  refusal: string | null;
}

/** The card in a row. */
export const toCard = (row: CardRow): Card => ({
  alarmId: row.alarm_id,
  chatId: row.chat_id,
  threadId: row.thread_id,
  messageId: row.message_id,
  outdatedMessageIds: JSON.parse(row.outdated_messages) as number[],
  boardId: row.board_id,
  isPictureDue: row.is_picture_due === 1,
  version: row.version,
  rings: row.rings,
  rung: row.rung,
  ringReason: row.ring_reason,
  saying: row.saying,
});

async function find(queries: Queries, alarmId: number, chatId: number): Promise<KeptCard | null> {
  const [row] = await queries.all<KeptRow>("SELECT * FROM cards WHERE alarm_id = $1 AND chat_id = $2", alarmId, chatId);
  return row
    ? {
        card: toCard(row),
        isPending: row.is_pending === 1,
        since: row.pending_since,
        rangAt: row.rang_at,
        attempts: row.attempts,
        retryAt: row.retry_at,
        refusal: row.refusal,
      }
    : null;
}

/** Writes a card as it is to be kept beside its alarm: the only place that says that one waits. */
async function save(queries: Queries, alarm: Alarm, kept: Omit<KeptCard, "isPending">): Promise<void> {
  const due = dueOf(alarm, kept.card);
  const card = due ? kept.card : restingCard(kept.card);
  await queries.run(
    `INSERT INTO cards (alarm_id, chat_id, thread_id, message_id, outdated_messages, board_id, version, rings, rung, ring_reason,
       saying, is_picture_due, is_pending, pending_rank, pending_since, rang_at, attempts, retry_at, refusal)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
     ON CONFLICT (alarm_id, chat_id) DO UPDATE SET thread_id = excluded.thread_id, message_id = excluded.message_id,
       outdated_messages = excluded.outdated_messages, board_id = excluded.board_id, version = excluded.version,
       rings = excluded.rings, rung = excluded.rung, ring_reason = excluded.ring_reason, saying = excluded.saying,
       is_picture_due = excluded.is_picture_due, is_pending = excluded.is_pending, pending_rank = excluded.pending_rank,
       pending_since = excluded.pending_since, rang_at = excluded.rang_at, attempts = excluded.attempts,
       retry_at = excluded.retry_at, refusal = excluded.refusal`,
    card.alarmId,
    card.chatId,
    card.threadId,
    card.messageId,
    JSON.stringify(card.outdatedMessageIds),
    card.boardId,
    card.version,
    card.rings,
    card.rung,
    card.ringReason,
    card.saying,
    card.isPictureDue ? 1 : 0,
    due ? 1 : 0,
    due?.rank ?? 0,
    kept.since,
    kept.rangAt,
    kept.attempts,
    kept.retryAt,
    kept.refusal,
  );
}

/**
 * Tells the cards of an alarm in its destinations what is new. One that waits already keeps its place, unless it is to ring
 * now.
 * @param isNew whether the alarm is, so that it has no cards yet
 */
export async function tellChats(
  queries: Queries,
  alarm: Alarm,
  destinations: readonly Destination[],
  news: News,
  now: number,
  isNew = false,
): Promise<void> {
  // Whom it concerns may not be told of it any more: then it concerns all.
  const ringsIn = destinations.some(({ chatId }) => news.ringsIn?.includes(chatId)) ? news.ringsIn : null;
  for (const to of destinations) {
    const ring = ringsIn === null || ringsIn.includes(to.chatId) ? news.ring : null;
    const kept = isNew ? null : await find(queries, alarm.id, to.chatId);
    await save(queries, alarm, {
      card: kept ? toldCard(kept.card, to.threadId, { ring, saying: news.saying }) : newCard(alarm.id, to, ring),
      since: kept?.isPending && ring === null ? kept.since : now,
      rangAt: kept && ring === null ? kept.rangAt : now,
      attempts: 0,
      retryAt: 0,
      refusal: null,
    });
  }
}

/** Looks again at the cards of an alarm in the chats that it does not go to any more; resolves with these chats. */
export async function refreshOthers(
  queries: Queries,
  alarm: Alarm,
  destinations: readonly Destination[],
  now: number,
): Promise<number[]> {
  const chatIds = await chatsOfAlarm(queries, alarm.id);
  const others = chatIds.filter((id) => !destinations.some(({ chatId }) => chatId === id));
  for (const chatId of others) await lookAgain(queries, alarm, chatId, now);
  return others;
}

/** The chats that have a card of an alarm, shown or waiting. */
export async function chatsOfAlarm(queries: Queries, alarmId: number): Promise<number[]> {
  const rows = await queries.all<{ chat_id: number }>("SELECT chat_id FROM cards WHERE alarm_id = $1", alarmId);
  return rows.map((row) => row.chat_id);
}

/** Looks again at one card, as its alarm is another one now; if it waits already, it keeps its place. */
async function lookAgain(queries: Queries, alarm: Alarm, chatId: number, now: number): Promise<void> {
  const kept = await find(queries, alarm.id, chatId);
  if (!kept) return;
  await save(queries, alarm, kept.isPending ? kept : { ...kept, since: now, attempts: 0, retryAt: 0 });
}

/** Notes that a picture can be put into a card; nothing if its message is gone meanwhile. */
export async function picture(queries: Queries, alarmId: number, chatId: number, now: number): Promise<void> {
  const alarm = await findAlarmById(queries, alarmId);
  const kept = await find(queries, alarmId, chatId);
  if (!alarm || !kept || kept.card.messageId === null) return;
  const since = kept.isPending ? kept.since : now;
  await save(queries, alarm, { ...kept, card: { ...kept.card, isPictureDue: true }, since, retryAt: 0 });
}

/**
 * Notes what came of a call that was made for a card as it was in `before`; alarm and card may have moved on meanwhile, and what
 * came so stays to be shown.
 * @param seen the alarm as the call showed it
 */
export async function settleCard(
  queries: Queries,
  { alarm: seen, card: before }: { readonly alarm: Alarm; readonly card: Card },
  change: CardChange,
  now: number,
): Promise<void> {
  const [alarm, kept] = [await findAlarmById(queries, seen.id), await find(queries, seen.id, before.chatId)];
  // Either was forgotten meanwhile.
  if (!alarm || !kept) return;
  if (change.kind === "gone") {
    // The next look sends it anew.
    return save(queries, alarm, { ...kept, card: { ...kept.card, messageId: null, boardId: null } });
  }
  if (change.kind === "retry") {
    // What came meanwhile need not wait for what failed before it.
    if (alarm.version !== seen.version || kept.card.rings !== before.rings) return save(queries, alarm, kept);
    const attempts = kept.attempts + (change.isFailure ? 1 : 0);
    return save(queries, alarm, {
      ...kept,
      attempts,
      retryAt: change.retryAt,
      refusal: change.refusal ?? kept.refusal,
    });
  }
  const card = afterCall(kept.card, before, change.card);
  // A refusal holds for as long as the card is to show what was refused.
  const former = card.version === kept.card.version ? kept.refusal : null;
  const refusal = change.kind === "refused" ? change.refusal : former;
  // What was shown goes to the end of the queue, but for a ring that came meanwhile.
  const since = card.rings > before.rings ? kept.since : now;
  await save(queries, alarm, { ...kept, card, refusal, since, attempts: 0, retryAt: 0 });
  if (card.boardId !== null && card.boardId !== kept.card.boardId) await joinBoard(queries, card);
}

/** Notes with which change of its board a card comes to it: the next one. */
async function joinBoard(queries: Queries, { alarmId, chatId, boardId }: Card): Promise<void> {
  await queries.run(
    `UPDATE cards SET board_change = (SELECT changes + 1 FROM boards WHERE id = $3) WHERE alarm_id = $1 AND chat_id = $2`,
    alarmId,
    chatId,
    boardId,
  );
}

/** Forgets the cards of a chat. */
export async function forgetChat(queries: Queries, chatId: number): Promise<void> {
  await queries.run("DELETE FROM cards WHERE chat_id = $1", chatId);
  await queries.run("DELETE FROM boards WHERE chat_id = $1", chatId);
}

/** Forgets the cards of all chats but these, and those of alarms that are for admins alone in all but theirs. */
export async function forgetOtherChats(
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
