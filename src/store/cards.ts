import type { Destination } from "../alarms/route.ts";
import { rankOf, SEVERITIES, type Alarm, type Card, type News, type RingReason, type Saying } from "../alarms/types.ts";
import { toAlarm, type AlarmRow } from "./alarms.ts";
import type { Database, Queries } from "./database.ts";

/** One card that is not what its chat should see, with the alarm that it is for. */
export interface PendingCard {
  readonly alarm: Alarm;
  readonly card: Card;
  /** Tries that failed since the last one that succeeded. */
  readonly attempts: number;
  /** Since when it waits to ring, or to be looked at; epoch ms. */
  readonly since: number;
}

/** Nothing is put off for longer. */
export const MAX_RETRY_MS = 3_600_000;

/** What rings goes before what is only edited; a rank is 0…3. The index `cards_undelivered` counts on it. */
const RINGS = 10;

/**
 * Notes that the cards for an alarm must be looked at again: those of its destinations, and those that other chats have of
 * it. One that waits already keeps its place, unless it is to ring now.
 */
export async function tellChats(
  queries: Queries,
  alarm: Alarm,
  destinations: readonly Destination[],
  news: News,
  now: number,
): Promise<void> {
  // Whom it concerns may not be told of it any more: then it concerns all.
  const ringsIn = destinations.some(({ chatId }) => news.ringsIn?.includes(chatId)) ? news.ringsIn : null;
  for (const { chatId, threadId } of destinations) {
    const ring = ringsIn === null || ringsIn.includes(chatId) ? news.ring : null;
    await queries.run(
      `INSERT INTO cards (alarm_id, chat_id, thread_id, message_id, board_id, version, rings, rung,
         ring_reason, rang_at, saying, is_pending, pending_rank, pending_since, attempts, retry_at, refusal)
       VALUES ($1, $2, $3, NULL, NULL, 0, 1, 0, $4, $5, NULL, 1, $6, $5, 0, 0, NULL)
       ON CONFLICT (alarm_id, chat_id) DO UPDATE SET ${LOOK_AGAIN}`,
      alarm.id,
      chatId,
      threadId,
      ring ?? "first",
      now,
      RINGS + rankOf(alarm.severity),
      rankOf(alarm.severity),
      ring === null ? 0 : 1,
      news.saying,
    );
  }
}

/** What happened is told, also if it is over when it can be: what only reminds of it does not take its place. */
const IS_STILL_TO_TELL = `(cards.rings > cards.rung AND (cards.ring_reason IN ('first', 'returned')
  OR (cards.ring_reason = 'escalated' AND excluded.ring_reason <> 'returned')))`;

/** What `tellChats` does to a card that is there. $7: rank, $8: whether it rings, $9: what to say. */
const LOOK_AGAIN = `is_pending = 1, refusal = NULL, attempts = 0, retry_at = 0,
  rings = cards.rings + $8,
  ring_reason = CASE WHEN $8 = 0 OR ${IS_STILL_TO_TELL} THEN cards.ring_reason ELSE excluded.ring_reason END,
  rang_at = CASE WHEN $8 = 1 THEN excluded.rang_at ELSE cards.rang_at END,
  saying = CASE
    WHEN $8 = 1 THEN NULL
    WHEN CAST($9 AS TEXT) IS NOT NULL AND cards.message_id IS NOT NULL AND cards.rings = cards.rung THEN $9
    ELSE cards.saying END,
  pending_rank = $7 + CASE
    WHEN cards.rings + $8 > cards.rung OR (cards.message_id IS NULL AND cards.board_id IS NULL) THEN ${RINGS} ELSE 0 END,
  pending_since = CASE WHEN cards.is_pending = 1 AND $8 = 0 THEN cards.pending_since ELSE excluded.pending_since END`;

/** Notes that cards of an alarm must be looked at again in the chats that it does not go to any more. */
export async function refreshOthers(
  queries: Queries,
  alarm: Alarm,
  destinations: readonly Destination[],
  now: number,
): Promise<number[]> {
  const rows = await queries.all<{ chat_id: number }>(
    "SELECT chat_id FROM cards WHERE alarm_id = $1 AND is_pending = 0",
    alarm.id,
  );
  const others = rows.map((row) => row.chat_id).filter((id) => !destinations.some(({ chatId }) => chatId === id));
  for (const chatId of others) await lookAgain(queries, alarm.id, chatId, rankOf(alarm.severity), now);
  return others;
}

/** Notes that one card must be looked at again; if it waits already, it keeps its place. */
export async function lookAgain(
  queries: Queries,
  alarmId: number,
  chatId: number,
  rank: number,
  now: number,
): Promise<void> {
  await queries.run(
    `UPDATE cards SET is_pending = 1, attempts = 0, retry_at = 0,
       pending_since = CASE WHEN is_pending = 1 THEN pending_since ELSE $4 END, pending_rank = $3 + CASE
       WHEN rings > rung OR (message_id IS NULL AND board_id IS NULL) THEN ${RINGS} ELSE 0 END
     WHERE alarm_id = $1 AND chat_id = $2`,
    alarmId,
    chatId,
    rank,
    now,
  );
}

/** Notes that a picture can be put into a card; nothing if its message is gone meanwhile. */
export async function picture(queries: Queries, alarmId: number, chatId: number, now: number): Promise<void> {
  await queries.run(
    `UPDATE cards SET is_picture_due = 1, is_pending = 1, retry_at = 0,
       pending_since = CASE WHEN is_pending = 1 THEN pending_since ELSE $3 END
     WHERE alarm_id = $1 AND chat_id = $2 AND message_id IS NOT NULL`,
    alarmId,
    chatId,
    now,
  );
}

/** The chats in which a card waits. */
export async function pendingChats(database: Database): Promise<number[]> {
  const rows = await database.all<{ chat_id: number }>(
    `SELECT DISTINCT chat_id FROM cards WHERE is_pending = 1
     UNION SELECT chat_id FROM boards WHERE closed_at IS NULL OR changes > shown_changes`,
  );
  return rows.map((row) => row.chat_id);
}

interface PendingRow extends AlarmRow {
  chat_id: number;
  thread_id: number | null;
  message_id: number | null;
  /** JSON. */
  outdated_messages: string;
  board_id: number | null;
  shown_version: number;
  rings: number;
  rung: number;
  ring_reason: RingReason;
  saying: Saying | null;
  attempts: number;
  pending_since: number;
  is_picture_due: number;
}

/** The chat's most severe card that is due; `null` if none is. */
export async function nextPending(database: Database, chatId: number, now: number): Promise<PendingCard | null> {
  const [row] = await database.all<PendingRow>(
    `SELECT alarms.*, cards.chat_id, cards.thread_id, cards.message_id, cards.outdated_messages, cards.board_id,
       cards.version AS shown_version, cards.rings, cards.rung, cards.ring_reason, cards.saying, cards.attempts,
       cards.pending_since, cards.is_picture_due
     FROM cards JOIN alarms ON alarms.id = cards.alarm_id
     WHERE cards.chat_id = $1 AND cards.is_pending = 1
       AND (cards.retry_at <= $2 OR cards.retry_at > $3)
     ORDER BY cards.pending_rank DESC, cards.pending_since, cards.alarm_id LIMIT 1`,
    chatId,
    now,
    // Nothing is put off for so long: the clock was set back.
    now + MAX_RETRY_MS,
  );
  if (!row) return null;
  return {
    alarm: toAlarm(row),
    card: {
      alarmId: row.id,
      chatId: row.chat_id,
      threadId: row.thread_id,
      messageId: row.message_id,
      outdatedMessageIds: JSON.parse(row.outdated_messages) as number[],
      boardId: row.board_id,
      isPictureDue: row.is_picture_due === 1,
      version: row.shown_version,
      rings: row.rings,
      rung: row.rung,
      ringReason: row.ring_reason,
      saying: row.saying,
    },
    attempts: row.attempts,
    since: row.pending_since,
  };
}

/** How many cards of a chat were to ring between two instants; `limit` at the most. */
export async function countRings(
  database: Database,
  chatId: number,
  period: { readonly since: number; readonly now: number },
  limit: number,
): Promise<number> {
  const [row] = await database.all<{ n: number }>(
    // What lies ahead was stamped before the clock was set back.
    `SELECT COUNT(*) AS n FROM (
       SELECT 1 FROM cards WHERE chat_id = $1 AND rang_at > $2 AND rang_at <= $3 LIMIT $4
     ) AS recent`,
    chatId,
    period.since,
    period.now,
    limit,
  );
  return row?.n ?? 0;
}

/** The cards of one rank that still are to ring; a lane asks for each card, so that it must not count a hundred thousand of them. */
const WAITING = SEVERITIES.map(
  (_, rank) =>
    `SELECT MIN(pending_since) AS oldest FROM cards WHERE chat_id = $1 AND is_pending = 1 AND pending_rank = ${RINGS + rank}`,
);

/** Since when the first card of a chat waits that still is to ring, and whether others do as well; `null`: none does. */
export async function waitingRings(
  database: Database,
  chatId: number,
): Promise<{ readonly oldestSince: number | null; readonly hasOthers: boolean }> {
  const [row] = await database.all<{ oldest: number | null; waiting: number }>(
    `SELECT MIN(oldest) AS oldest, (SELECT COUNT(*) FROM (
       SELECT 1 FROM cards WHERE chat_id = $1 AND is_pending = 1 AND pending_rank >= ${RINGS} LIMIT 2
     ) AS first_two) AS waiting FROM (${WAITING.join(" UNION ALL ")}) AS ranks`,
    chatId,
  );
  return { oldestSince: row?.oldest ?? null, hasOthers: (row?.waiting ?? 0) > 1 };
}

/** When the chat's next card is due, if all that wait were put off; `null` if none waits. */
export async function nextRetryAt(database: Database, chatId: number): Promise<number | null> {
  const [row] = await database.all<{ at: number | null }>(
    "SELECT MIN(retry_at) AS at FROM cards WHERE chat_id = $1 AND is_pending = 1",
    chatId,
  );
  return row?.at ?? null;
}

/**
 * Notes what a card shows now; it stays pending while an old message is still to be edited, or something to be said.
 * A saying that came meanwhile stays.
 */
export async function saveShown(queries: Queries, before: Card, card: Card): Promise<void> {
  await queries.run(
    `UPDATE cards SET message_id = $3, outdated_messages = $4, board_id = $5, version = $6, rung = $7, attempts = 0,
       retry_at = 0, refusal = NULL, pending_rank = 0,
       saying = CASE WHEN saying = CAST($8 AS TEXT) THEN $9 ELSE saying END,
       is_picture_due = CASE WHEN $10 = 1 AND $11 = 0 THEN 0 ELSE is_picture_due END,
       is_pending = CASE WHEN CAST($4 AS TEXT) <> '[]' OR rings > $7
         OR (is_picture_due = 1 AND NOT ($10 = 1 AND $11 = 0))
         OR (CASE WHEN saying = CAST($8 AS TEXT) THEN CAST($9 AS TEXT) ELSE saying END) IS NOT NULL THEN 1 ELSE 0 END
     WHERE alarm_id = $1 AND chat_id = $2`,
    card.alarmId,
    card.chatId,
    card.messageId,
    JSON.stringify(card.outdatedMessageIds),
    card.boardId,
    card.version,
    card.rung,
    before.saying,
    card.saying,
    before.isPictureDue ? 1 : 0,
    card.isPictureDue ? 1 : 0,
  );
}

/** Forgets the message of a card: the next look sends it anew. */
export async function saveGone(queries: Queries, card: Card): Promise<void> {
  await queries.run(
    "UPDATE cards SET message_id = NULL, board_id = NULL WHERE alarm_id = $1 AND chat_id = $2",
    card.alarmId,
    card.chatId,
  );
}

/** Puts a card off until `retryAt`, so that one that fails does not hold up the others of its chat. */
export async function saveRetry(queries: Queries, card: Card, retryAt: number, refusal: string | null): Promise<void> {
  await queries.run(
    "UPDATE cards SET attempts = attempts + 1, retry_at = $3, refusal = $4 WHERE alarm_id = $1 AND chat_id = $2",
    card.alarmId,
    card.chatId,
    retryAt,
    refusal,
  );
}

/** Takes a card out of the queue that Telegram will never accept as it is; a change of its alarm brings it back. */
export async function saveRefused(queries: Queries, card: Card, refusal: string): Promise<void> {
  await queries.run(
    `UPDATE cards SET refusal = $3, attempts = 0, retry_at = 0, is_pending = 0, saying = NULL
     WHERE alarm_id = $1 AND chat_id = $2`,
    card.alarmId,
    card.chatId,
    refusal,
  );
}

/** Forgets the cards of all chats but these. */
export async function forgetOtherChats(queries: Queries, chatIds: readonly number[]): Promise<void> {
  const places = chatIds.map((_, i) => `$${i + 1}`).join(", ");
  await queries.run(`DELETE FROM cards WHERE chat_id NOT IN (${places})`, ...chatIds);
  await queries.run(`DELETE FROM boards WHERE chat_id NOT IN (${places})`, ...chatIds);
}
