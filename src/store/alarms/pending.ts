import { HIGHEST_RANK, RING_RANK } from "../../alarms/cards/due.ts";
import { NEWS, type Card } from "../../alarms/card.ts";
import { rankOf, type Alarm, type Severity } from "../../alarms/types.ts";
import { toAlarm, type AlarmRow } from "./alarm-row.ts";
import { toCard, type CardRow } from "./card-row.ts";
import { MAX_RETRY_MS } from "./card-waits.ts";
import type { Database, Queries } from "../sql/database.ts";

/** One card that does not show what its chat should see, with its alarm. */
export interface PendingCard {
  readonly alarm: Alarm;
  readonly card: Card;
  /** Tries that failed since the last one that succeeded. */
  readonly attempts: number;
  /** Since when it waits to ring, or to be looked at; epoch ms. */
  readonly since: number;
  /** How urgent it is; see due.ts. */
  readonly rank: number;
}

/** The chats in which a card waits. */
export async function pendingChats(database: Database): Promise<number[]> {
  const rows = await database.all<{ chat_id: number }>(
    `SELECT DISTINCT chat_id FROM cards WHERE is_pending = 1
     UNION SELECT chat_id FROM boards WHERE closed_at IS NULL OR changes > shown_changes`,
  );
  return rows.map((row) => row.chat_id);
}

interface PendingRow extends AlarmRow, Omit<CardRow, "version"> {
  shown_version: number;
  attempts: number;
  pending_since: number;
  pending_rank: number;
}

/** Which of the cards that wait is looked for. */
export interface Which {
  /** Only among those of a lower rank; left out: among all. */
  readonly below?: number;
  /** The edit that waits longest, instead of the most urgent. */
  readonly isOldest?: boolean;
  /** Only among those that come after this one; left out: among all. */
  readonly after?: PendingCard;
}

/** The edit that waits longest: the first of each rank, by the index, and of these the oldest. A chat may have ten thousand that wait. */
const OLDEST_EDIT = `cards.alarm_id = (SELECT alarm_id FROM (${Array.from(
  { length: RING_RANK },
  (_, rank) =>
    `SELECT * FROM (SELECT alarm_id, pending_since FROM cards WHERE chat_id = $1 AND is_pending = 1 AND pending_rank = ${rank}
       AND (retry_at <= $2 OR retry_at > $3) ORDER BY pending_since, alarm_id LIMIT 1) AS of_${rank}`,
).join(" UNION ALL ")}) AS firsts ORDER BY pending_since, alarm_id LIMIT 1)`;

const COMES_AFTER = "(cards.pending_rank, -cards.pending_since, -cards.alarm_id) < ($5, $6, $7)";

/** The chat's card that comes first among those that are due; `null` if none is. */
export async function nextPending(
  database: Database,
  chatId: number,
  now: number,
  { below, isOldest, after }: Which = {},
): Promise<PendingCard | null> {
  const [row] = await database.all<PendingRow>(
    `SELECT alarms.*, cards.alarm_id, cards.chat_id, cards.thread_id, cards.message_id, cards.outdated_messages, cards.board_id,
       cards.version AS shown_version, cards.rings, cards.rung, cards.ring_reason, cards.saying, cards.attempts,
       cards.pending_since, cards.pending_rank, cards.is_picture_due
     FROM cards JOIN alarms ON alarms.id = cards.alarm_id
     WHERE cards.chat_id = $1 AND cards.is_pending = 1
       AND (cards.retry_at <= $2 OR cards.retry_at > $3) AND cards.pending_rank < $4${after ? ` AND ${COMES_AFTER}` : ""}${isOldest ? ` AND ${OLDEST_EDIT}` : ""}
     ORDER BY cards.pending_rank DESC, cards.pending_since, cards.alarm_id LIMIT 1`,
    chatId,
    now,
    // Nothing is put off for so long: the clock was set back.
    now + MAX_RETRY_MS,
    // By that the index is entered where they begin, however many wait before them.
    below ?? (after?.rank ?? HIGHEST_RANK) + 1,
    ...(after ? [after.rank, -after.since, -after.alarm.id] : []),
  );
  if (!row) return null;
  return {
    alarm: toAlarm(row),
    card: toCard(row, row.shown_version),
    attempts: row.attempts,
    since: row.pending_since,
    rank: row.pending_rank,
  };
}

/** All but what stood at the broker. */
const REMINDERS_TOO = "ring_reason <> 'found'";

/** The rings in a stretch of time; epoch ms. */
export interface RingPeriod {
  readonly since: number;
  readonly now: number;
  /** Only those that tell something new, not those that remind. */
  readonly isNews: boolean;
  /** Only those that have rung, of alarms that are, or were, at least as bad; left out: all. */
  readonly toldAs?: Severity;
}

/** How many cards of a chat were to ring in a stretch of time; `limit` at the most. */
export async function countRings(
  database: Database,
  chatId: number,
  period: RingPeriod,
  limit: number,
): Promise<number> {
  const { toldAs } = period;
  const isAsBad = toldAs && `(SELECT peak_severity FROM alarms WHERE id = alarm_id) >= ${rankOf(toldAs)}`;
  const asBad = isAsBad ? ` AND rung >= rings AND ${isAsBad}` : "";
  const reasons = period.isNews ? `ring_reason IN (${NEWS.map((reason) => `'${reason}'`).join(", ")})` : REMINDERS_TOO;
  const [row] = await database.all<{ n: number }>(
    // What lies ahead was stamped before the clock was set back.
    `SELECT COUNT(*) AS n FROM (
       SELECT 1 FROM cards WHERE chat_id = $1 AND rang_at > $2 AND rang_at <= $3 AND ${reasons}${asBad} LIMIT $4
     ) AS recent`,
    chatId,
    period.since,
    period.now,
    limit,
  );
  return row?.n ?? 0;
}

/** The cards of one rank that still are to ring; a lane asks for each card, so that it must not count a hundred thousand of them. */
const WAITING = Array.from(
  { length: HIGHEST_RANK - RING_RANK + 1 },
  (_, rank) =>
    `SELECT MIN(pending_since) AS oldest FROM cards WHERE chat_id = $1 AND is_pending = 1 AND pending_rank = ${RING_RANK + rank}`,
);

/** The cards of a chat that still are to ring. */
export interface WaitingRings {
  /** Since when the first of them waits; `null`: none does. Epoch ms. */
  readonly oldestSince: number | null;
  /** Whether more than one does. */
  readonly hasOthers: boolean;
}

/** Which cards of a chat still are to ring. */
export async function waitingRings(database: Database, chatId: number): Promise<WaitingRings> {
  const [row] = await database.all<{ oldest: number | null; waiting: number }>(
    `SELECT MIN(oldest) AS oldest, (SELECT COUNT(*) FROM (
       SELECT 1 FROM cards WHERE chat_id = $1 AND is_pending = 1 AND pending_rank >= ${RING_RANK} LIMIT 2
     ) AS first_two) AS waiting FROM (${WAITING.join(" UNION ALL ")}) AS ranks`,
    chatId,
  );
  return { oldestSince: row?.oldest ?? null, hasOthers: (row?.waiting ?? 0) > 1 };
}

/** When the chat's next card is due, if all that wait were put off; `null` if none waits. */
export async function nextRetryAt(database: Database, chatId: number): Promise<number | null> {
  const [row] = await database.all<{ at: number | null }>(
    // By its rank the index of what waits is entered: the chat's cards that were shown may be a hundred thousand.
    "SELECT MIN(retry_at) AS at FROM cards WHERE chat_id = $1 AND is_pending = 1 AND pending_rank >= 0",
    chatId,
  );
  return row?.at ?? null;
}

/** Lets cards that wait for the service, and so for no longer than this, be shown now; what was refused waits on. */
export async function endWaits(queries: Queries, now: number, withinMs: number): Promise<void> {
  await queries.run(
    "UPDATE cards SET retry_at = 0 WHERE is_pending = 1 AND refusal IS NULL AND retry_at > $1 AND retry_at <= $2",
    now,
    now + withinMs,
  );
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
