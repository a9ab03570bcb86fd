import { restingCard } from "../../alarms/cards/shown-card.ts";
import { dueOf } from "../../alarms/cards/due.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { Queries, SqlValue } from "../sql/database.ts";
import { readRowsOf } from "../sql/rows.ts";
import { together } from "../sql/together.ts";
import { isSameRow } from "../sql/upsert.ts";
import { touchBoard } from "./board-rows.ts";
import { CARDS, toKeptCard, toRow, type KeptCard, type KeptCardRow } from "./card-row.ts";

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
  /** Says that a board is to be shown anew, as an alarm that it alone tells of is another one now. */
  touchBoard(boardId: number): void;
  flush(): Promise<void>;
  /** The chats whose cards wait, of those that were saved, or whose board began to wait when it was written; one that waits already is known to do so. */
  readonly waiting: ReadonlySet<number>;
}

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
export const openCardBook = (
  queries: Queries,
  before: KnownCards = { cards: new Map(), whole: new Set(), rows: new Map() },
): CardBook => new KnownBook(queries, before);

class KnownBook implements CardBook {
  readonly #queries: Queries;
  readonly #known: KnownCards;
  readonly #changed = new Map<string, readonly SqlValue[]>();
  readonly #touched = new Set<number>();
  readonly waiting = new Set<number>();

  constructor(queries: Queries, known: KnownCards) {
    this.#queries = queries;
    this.#known = known;
  }

  async load(alarmIds: readonly number[]): Promise<void> {
    const { whole } = this.#known;
    const missing = alarmIds.filter((id) => !whole.has(id));
    const sql = "SELECT * FROM cards WHERE alarm_id IN";
    for (const row of await readRowsOf<KeptCardRow>(this.#queries, sql, missing)) this.#take(row);
    for (const id of missing) whole.add(id);
  }

  begin(alarmId: number): void {
    this.#known.whole.add(alarmId);
  }

  async find(alarmId: number, chatId: number): Promise<KeptCard | null> {
    const cards = this.#cardsOf(alarmId);
    if (!cards.has(chatId) && !this.#known.whole.has(alarmId)) {
      const sql = "SELECT * FROM cards WHERE alarm_id = $1 AND chat_id = $2";
      for (const row of await this.#queries.all<KeptCardRow>(sql, alarmId, chatId)) this.#take(row);
    }
    return cards.get(chatId) ?? null;
  }

  async chatsOf(alarmId: number): Promise<number[]> {
    await this.load([alarmId]);
    return [...this.#cardsOf(alarmId).keys()];
  }

  save(alarm: Alarm, wanted: Omit<KeptCard, "isPending">): void {
    const due = dueOf(alarm, wanted.card);
    const card = due ? wanted.card : restingCard(wanted.card);
    const cards = this.#cardsOf(card.alarmId);
    // Of what does not wait that is not told, nor written for each event of what a board stands for.
    const since = due ? wanted.since : (cards.get(card.chatId)?.since ?? wanted.since);
    const kept = { ...wanted, card, since, isPending: due !== null };
    cards.set(card.chatId, kept);
    if (due) this.waiting.add(card.chatId);
    const [name, row] = [nameOf(card.alarmId, card.chatId), toRow(kept, due?.rank ?? 0)];
    const former = this.#known.rows.get(name);
    // One that waits already mostly goes on to wait as it did.
    if (former && isSameRow(row, former)) this.#changed.delete(name);
    else this.#changed.set(name, row);
  }

  touchBoard(boardId: number): void {
    this.#touched.add(boardId);
  }

  async flush(): Promise<void> {
    const written = this.#known.rows;
    const rows = new Map(this.#changed);
    this.#changed.clear();
    const cards = CARDS.write(this.#queries, [...rows.values()], ([alarmId, chatId]) =>
      written.get(nameOf(Number(alarmId), Number(chatId))),
    );
    const boards = [...this.#touched].map((boardId) => touchBoard(this.#queries, boardId, true));
    this.#touched.clear();
    const [, ...chatIds] = await together([cards, ...boards]);
    for (const chatId of chatIds) if (chatId !== null) this.waiting.add(chatId);
    for (const [name, row] of rows) written.set(name, row);
  }

  #cardsOf(alarmId: number): Map<number, KeptCard> {
    const cards = this.#known.cards.get(alarmId) ?? new Map<number, KeptCard>();
    this.#known.cards.set(alarmId, cards);
    return cards;
  }

  /** What was saved since it was read stays as it was saved. */
  #take(row: KeptCardRow): void {
    const cards = this.#cardsOf(row.alarm_id);
    if (cards.has(row.chat_id)) return;
    cards.set(row.chat_id, toKeptCard(row));
    this.#known.rows.set(nameOf(row.alarm_id, row.chat_id), CARDS.valuesOf(row));
  }
}

/** By what the row of a card is known. */
export const nameOf = (alarmId: number, chatId: number): string => `${alarmId} ${chatId}`;
