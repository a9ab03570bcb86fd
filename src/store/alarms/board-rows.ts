import type { BoardKind } from "../../alarms/cards/decide.ts";
import type { Database, Queries } from "../sql/database.ts";
import { nextNumber } from "../sql/numbers.ts";

/** One message of a chat that stands for many cards. */
export interface Board {
  readonly id: number;
  readonly chatId: number;
  readonly threadId: number | null;
  readonly kind: BoardKind;
  readonly openedAt: number;
  /** When it stopped to gather; `null` while it gathers. */
  readonly closedAt: number | null;
  readonly messageId: number | null;
  /** 0: the overview; from 1 on: the list. */
  readonly page: number;
  /** Grows with each change of what is on it. */
  readonly changes: number;
  /** Tries that failed since the last one that succeeded. */
  readonly attempts: number;
}

/** A row of `boards`. */
export interface BoardRow {
  id: number;
  chat_id: number;
  thread_id: number | null;
  kind: BoardKind;
  opened_at: number;
  closed_at: number | null;
  message_id: number | null;
  page: number;
  changes: number;
  attempts: number;
}

/** The board in a row. */
export const toBoard = (row: BoardRow): Board => ({
  id: row.id,
  chatId: row.chat_id,
  threadId: row.thread_id,
  kind: row.kind,
  openedAt: row.opened_at,
  closedAt: row.closed_at,
  messageId: row.message_id,
  page: row.page,
  changes: row.changes,
  attempts: row.attempts,
});

/** Opens a board; see `Boards.open`. It is on disk before a button names it: after a power cut the number would be another board's. */
export async function openBoard(
  database: Database,
  { chatId, threadId, kind, openedAt }: Pick<Board, "chatId" | "threadId" | "kind" | "openedAt">,
  showAt: number,
  membersSince: number | null,
): Promise<Board> {
  const id = await database.transaction(async (queries) => {
    const number = await nextNumber(queries, "board");
    await queries.run(
      `INSERT INTO boards (id, chat_id, thread_id, kind, opened_at, closed_at, message_id, page, changes, shown_changes,
         show_at, attempts) VALUES ($1, $2, $3, $4, $5, NULL, NULL, 0, 1, 0, $6, 0)`,
      number,
      chatId,
      threadId,
      kind,
      openedAt,
      showAt,
    );
    if (membersSince === null) return number;
    await queries.run(
      "UPDATE cards SET board_id = $1 WHERE chat_id = $2 AND rang_at > $3 AND message_id IS NOT NULL",
      number,
      chatId,
      membersSince,
    );
    if (kind === "flood") await takeOver(queries, number, chatId);
    return number;
  });
  const empty = { closedAt: null, messageId: null, page: 0, changes: 1, attempts: 0 };
  return { id, chatId, threadId, kind, openedAt, ...empty };
}

/** What was to be told together in a chat, and was not yet, goes on the board of its flood. */
async function takeOver(queries: Queries, id: number, chatId: number): Promise<void> {
  const unshown = "SELECT id FROM boards WHERE chat_id = $1 AND kind = 'together' AND message_id IS NULL";
  await queries.run(`UPDATE cards SET board_id = $2 WHERE board_id IN (${unshown})`, chatId, id);
  await queries.run(`DELETE FROM boards WHERE id IN (${unshown})`, chatId);
}

/**
 * Notes that something on a board changed: that matters while it gathers, and later for a card that has nothing but the board.
 * @returns the chat whose board waits to be shown since now; `null`: it waits already, or need not
 */
export async function touchBoard(queries: Queries, id: number, isAllThereIs: boolean): Promise<number | null> {
  const [touched] = await queries.all<{ chat_id: number; unshown: number }>(
    `UPDATE boards SET changes = changes + 1 WHERE id = $1 ${isAllThereIs ? "" : "AND closed_at IS NULL"}
     RETURNING chat_id, changes - shown_changes AS unshown`,
    id,
  );
  return touched?.unshown === 1 ? touched.chat_id : null;
}
