import { rankOf, SEVERITIES, type Alarm, type Card } from "../alarms/types.ts";
import { toAlarm, type AlarmRow } from "./alarms.ts";
import type { Database, Queries } from "./database.ts";

/** One card that is not what its chat should see, with the alarm that it is for. */
export interface PendingCard {
  readonly alarm: Alarm;
  readonly card: Card;
  /** Tries that failed since the last one that succeeded. */
  readonly attempts: number;
}

/** How much waits to be shown, over all chats. */
export interface Backlog {
  readonly waiting: number;
  /** Since when the oldest waits; epoch ms. */
  readonly oldestSince: number | null;
  /** Cards that Telegram refused for good; they are tried again when their alarm changes. */
  readonly refused: number;
  /** What Telegram said to one of them. */
  readonly refusal: string | null;
}

/** Nothing is put off for longer. */
export const MAX_RETRY_MS = 3_600_000;

/** What rings goes before what is only edited; a rank is 0…3. */
const RINGS = 10;

/**
 * Notes that the chats' cards for an alarm must be looked at again. One that waits already keeps its place, unless it is to
 * ring now.
 */
export async function markPending(
  queries: Queries,
  alarm: Alarm,
  chatIds: readonly number[],
  now: number,
): Promise<void> {
  for (const chatId of chatIds) {
    await queries.run(
      `INSERT INTO cards (alarm_id, chat_id, message_id, outdated_message_id, version, occurrence, rung_severity, is_pending, pending_rank,
         pending_since, attempts, retry_at, refusal)
       VALUES ($1, $2, NULL, NULL, 0, 0, 0, 1, $3, $4, 0, 0, NULL)
       ON CONFLICT (alarm_id, chat_id) DO UPDATE SET is_pending = 1, refusal = NULL, attempts = 0, retry_at = 0,
         pending_rank = $5 + CASE
           WHEN cards.message_id IS NULL OR cards.occurrence < $6 OR cards.rung_severity < $7 THEN ${RINGS} ELSE 0 END,
         pending_since = CASE WHEN cards.is_pending = 1 THEN cards.pending_since ELSE excluded.pending_since END`,
      alarm.id,
      chatId,
      RINGS + rankOf(alarm.severity),
      now,
      rankOf(alarm.severity),
      alarm.occurrence,
      rankOf(alarm.peakSeverity),
    );
  }
}

/** The chats that have a card for an alarm. */
export async function chatsWithCard(queries: Queries, alarmId: number): Promise<number[]> {
  const rows = await queries.all<{ chat_id: number }>("SELECT chat_id FROM cards WHERE alarm_id = $1", alarmId);
  return rows.map((row) => row.chat_id);
}

/** The chats in which a card waits. */
export async function pendingChats(database: Database): Promise<number[]> {
  const rows = await database.all<{ chat_id: number }>("SELECT DISTINCT chat_id FROM cards WHERE is_pending = 1");
  return rows.map((row) => row.chat_id);
}

interface PendingRow extends AlarmRow {
  chat_id: number;
  message_id: number | null;
  outdated_message_id: number | null;
  shown_version: number;
  shown_occurrence: number;
  rung_severity: number;
  attempts: number;
}

/** The chat's most severe card that is due; `null` if none is. */
export async function nextPending(database: Database, chatId: number, now: number): Promise<PendingCard | null> {
  const [row] = await database.all<PendingRow>(
    `SELECT alarms.*, cards.chat_id, cards.message_id, cards.outdated_message_id, cards.version AS shown_version,
       cards.occurrence AS shown_occurrence, cards.rung_severity, cards.attempts
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
      messageId: row.message_id,
      outdatedMessageId: row.outdated_message_id,
      version: row.shown_version,
      occurrence: row.shown_occurrence,
      rungSeverity: SEVERITIES[row.rung_severity] ?? "critical",
    },
    attempts: row.attempts,
  };
}

/** When the chat's next card is due, if all that wait were put off; `null` if none waits. */
export async function nextRetryAt(database: Database, chatId: number): Promise<number | null> {
  const [row] = await database.all<{ at: number | null }>(
    "SELECT MIN(retry_at) AS at FROM cards WHERE chat_id = $1 AND is_pending = 1",
    chatId,
  );
  return row?.at ?? null;
}

/** Notes what a card shows now; it stays pending while an old message is still to be edited. */
export async function saveShown(queries: Queries, card: Card): Promise<void> {
  await queries.run(
    `UPDATE cards SET message_id = $3, outdated_message_id = $7, version = $4, occurrence = $5, rung_severity = $6, attempts = 0, retry_at = 0,
       refusal = NULL,
       is_pending = CASE WHEN CAST($7 AS BIGINT) IS NULL THEN 0 ELSE 1 END, pending_rank = 0
     WHERE alarm_id = $1 AND chat_id = $2`,
    card.alarmId,
    card.chatId,
    card.messageId,
    card.version,
    card.occurrence,
    rankOf(card.rungSeverity),
    card.outdatedMessageId,
  );
}

/** Forgets the message of a card: the next look sends it anew. */
export async function saveGone(queries: Queries, card: Card): Promise<void> {
  await queries.run(
    "UPDATE cards SET message_id = NULL WHERE alarm_id = $1 AND chat_id = $2",
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
    `UPDATE cards SET refusal = $3, attempts = 0, retry_at = 0, is_pending = 0 WHERE alarm_id = $1 AND chat_id = $2`,
    card.alarmId,
    card.chatId,
    refusal,
  );
}

/** Forgets the cards of all chats but these. */
export async function forgetOtherChats(queries: Queries, chatIds: readonly number[]): Promise<void> {
  const places = chatIds.map((_, i) => `$${i + 1}`).join(", ");
  await queries.run(`DELETE FROM cards WHERE chat_id NOT IN (${places})`, ...chatIds);
}

/** What waits, and what was refused. */
export async function readBacklog(database: Database): Promise<Backlog> {
  const [pending] = await database.all<{ waiting: number; oldest: number | null }>(
    "SELECT COUNT(*) AS waiting, MIN(pending_since) AS oldest FROM cards WHERE is_pending = 1",
  );
  const [refused] = await database.all<{ refused: number; refusal: string | null }>(
    "SELECT COUNT(*) AS refused, MAX(refusal) AS refusal FROM cards WHERE refusal IS NOT NULL",
  );
  return {
    waiting: pending?.waiting ?? 0,
    oldestSince: pending?.oldest ?? null,
    refused: refused?.refused ?? 0,
    refusal: refused?.refusal ?? null,
  };
}
