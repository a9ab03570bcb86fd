import { restingCard } from "../../alarms/cards/shown-card.ts";
import { dueOf } from "../../alarms/cards/due.ts";
import type { Card, RingReason, Saying } from "../../alarms/card.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { Queries, SqlValue } from "../sql/database.ts";
import { readRowsOf } from "../sql/rows.ts";
import { createUpsert, isSameRow } from "../sql/upsert.ts";

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

/** The cards in one transaction: each is read once, and those that changed are written in one go. */
export interface CardBook {
  /** Reads all cards of these alarms at once, instead of one by one as they are asked for. */
  load(alarmIds: readonly number[]): Promise<void>;
  /** Says that an alarm is new, so that it has no cards yet. */
  begin(alarmId: number): void;
  find(alarmId: number, chatId: number): Promise<KeptCard | null>;
  /** The chats that have a card of an alarm, shown or waiting. */
  chatsOf(alarmId: number): Promise<number[]>;
  /** Keeps a card as it is to be beside its alarm: the only place that says that one waits. */
  save(alarm: Alarm, kept: Omit<KeptCard, "isPending">): void;
  flush(): Promise<void>;
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

type KeptRow = CardRow & {
  is_pending: number;
  pending_since: number;
  rang_at: number;
  attempts: number;
  retry_at: number;
  refusal: string | null;
} & Readonly<Record<string, SqlValue>>;

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

/** What is known of cards as they are in the database. */
export interface KnownCards {
  /** By alarm, then by chat. */
  readonly cards: Map<number, Map<number, KeptCard>>;
  /** The alarms of which all cards are known. */
  readonly whole: Set<number>;
  /** Their rows; see `nameOf`. */
  readonly rows: Map<string, readonly SqlValue[]>;
}

/**
 * Opens it in a transaction.
 * @param before what is known, which grows by what is read and written
 */
export function openCardBook(
  queries: Queries,
  { cards: known, whole, rows: written }: KnownCards = { cards: new Map(), whole: new Set(), rows: new Map() },
): CardBook {
  const changed = new Map<string, readonly SqlValue[]>();

  function cardsOf(alarmId: number): Map<number, KeptCard> {
    const cards = known.get(alarmId) ?? new Map<number, KeptCard>();
    known.set(alarmId, cards);
    return cards;
  }

  /** What was saved since it was read stays as it was saved. */
  function take(row: KeptRow): void {
    const cards = cardsOf(row.alarm_id);
    if (cards.has(row.chat_id)) return;
    cards.set(row.chat_id, toKept(row));
    written.set(nameOf(row.alarm_id, row.chat_id), UPSERT.valuesOf(row));
  }

  async function load(alarmIds: readonly number[]): Promise<void> {
    const missing = alarmIds.filter((id) => !whole.has(id));
    for (const row of await readRowsOf<KeptRow>(queries, "SELECT * FROM cards WHERE alarm_id IN", missing)) take(row);
    for (const id of missing) whole.add(id);
  }

  return {
    load,
    begin: (alarmId) => void whole.add(alarmId),
    async find(alarmId, chatId) {
      const cards = cardsOf(alarmId);
      if (!cards.has(chatId) && !whole.has(alarmId)) {
        const sql = "SELECT * FROM cards WHERE alarm_id = $1 AND chat_id = $2";
        for (const row of await queries.all<KeptRow>(sql, alarmId, chatId)) take(row);
      }
      return cards.get(chatId) ?? null;
    },
    async chatsOf(alarmId) {
      await load([alarmId]);
      return [...cardsOf(alarmId).keys()];
    },
    save(alarm, wanted) {
      const due = dueOf(alarm, wanted.card);
      const card = due ? wanted.card : restingCard(wanted.card);
      const kept = { ...wanted, card, isPending: due !== null };
      cardsOf(card.alarmId).set(card.chatId, kept);
      const [name, row] = [nameOf(card.alarmId, card.chatId), toRow(kept, due?.rank ?? 0)];
      const former = written.get(name);
      // One that waits already mostly goes on to wait as it did.
      if (former && isSameRow(row, former)) changed.delete(name);
      else changed.set(name, row);
    },
    async flush() {
      const rows = new Map(changed);
      changed.clear();
      await UPSERT.write(queries, [...rows.values()], ([alarmId, chatId]) =>
        written.get(nameOf(Number(alarmId), Number(chatId))),
      );
      for (const [name, row] of rows) written.set(name, row);
    },
  };
}

const toKept = (row: KeptRow): KeptCard => ({
  card: toCard(row),
  isPending: row.is_pending === 1,
  since: row.pending_since,
  rangAt: row.rang_at,
  attempts: row.attempts,
  retryAt: row.retry_at,
  refusal: row.refusal,
});

/** By what the row of a card is known. */
export const nameOf = (alarmId: number, chatId: number): string => `${alarmId} ${chatId}`;

/**
 * Which columns are in indexes says schema.ts; those of the index of what waits are set each time, as what is told of a card mostly is that it
 * waits, or not any more.
 */
const UPSERT = createUpsert({
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

const toRow = (
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
  card.saying,
  card.isPictureDue ? 1 : 0,
  attempts,
  retryAt,
];
