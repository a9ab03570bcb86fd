import type { Card, RingReason, FollowUp } from "../../alarms/card.ts";
import type { SqlValue } from "../sql/database.ts";
import { createUpsert } from "../sql/upsert.ts";

/** A card, and how it waits for its chat; whether it does, and at which rank, follows from alarm and card: see `dueOf`. */
export interface KeptCard {
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
  saying: FollowUp | null;
  is_picture_due: number;
}

/** All of its columns. */
export type KeptCardRow = CardRow & {
  is_pending: number;
  pending_since: number;
  rang_at: number;
  attempts: number;
  retry_at: number;
  refusal: string | null;
} & Readonly<Record<string, SqlValue>>;

/** The card in a row, with the version of its alarm that it shows. */
export const toCard = (row: Omit<CardRow, "version">, version: number): Card => ({
  alarmId: row.alarm_id,
  chatId: row.chat_id,
  threadId: row.thread_id,
  messageId: row.message_id,
  outdatedMessageIds: numbersIn(row.outdated_messages),
  boardId: row.board_id,
  isPictureDue: row.is_picture_due === 1,
  version,
  rings: row.rings,
  rung: row.rung,
  ringReason: row.ring_reason,
  followUp: row.saying,
});

/** The card in a row, and how it waits. */
export const toKeptCard = (row: KeptCardRow): KeptCard => ({
  card: toCard(row, row.version),
  isPending: row.is_pending === 1,
  since: row.pending_since,
  rangAt: row.rang_at,
  attempts: row.attempts,
  retryAt: row.retry_at,
  refusal: row.refusal,
});

/**
 * Which columns are in indexes says schema.ts; those of the index of what waits are set each time, as what is told of a card mostly is that it
 * waits, or not any more.
 */
export const CARDS = createUpsert({
  name: "cards",
  key: ["alarm_id", "chat_id"],
  indexed: ["board_id", "rang_at", "refusal"],
  others: [
    "is_pending",
    "pending_rank",
    "pending_since",
    "thread_id",
    "message_id",
    "outdated_messages",
    "version",
    "rings",
    "rung",
    "ring_reason",
    "saying",
    "is_picture_due",
    "attempts",
    "retry_at",
  ],
});

/** The row of a card, in the order of its columns. */
export const toRow = (
  { card, isPending, since, rangAt, attempts, retryAt, refusal }: KeptCard,
  rank: number,
): readonly SqlValue[] => [
  card.alarmId,
  card.chatId,
  card.boardId,
  rangAt,
  refusal,
  isPending ? 1 : 0,
  rank,
  since,
  card.threadId,
  card.messageId,
  JSON.stringify(card.outdatedMessageIds),
  card.version,
  card.rings,
  card.rung,
  card.ringReason,
  card.followUp,
  card.isPictureDue ? 1 : 0,
  attempts,
  retryAt,
];

/** A list of numbers in JSON. */
function numbersIn(json: string): readonly number[] {
  const read: unknown = JSON.parse(json);
  return Array.isArray(read) ? read.filter((one) => typeof one === "number") : [];
}
