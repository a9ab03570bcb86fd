import type { BoardKind } from "../../alarms/cards/decide.ts";
import { readBoard, type BoardContent } from "./board-content.ts";
import { MAX_RETRY_MS } from "./card-waits.ts";
import type { Database, Queries, SqlValue } from "../sql/database.ts";
import { noteBoardHeard } from "./heard.ts";
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

interface BoardRow {
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

/** The boards, in the words of the domain. */
export interface Boards {
  /**
   * Opens a board, which gathers from now on.
   * @param showAt when it is shown for the first time; epoch ms
   * @param membersSince cards that rang after this and were sent are on it from the start; `null`: none
   */
  open(
    board: Pick<Board, "chatId" | "threadId" | "kind" | "openedAt">,
    showAt: number,
    membersSince: number | null,
  ): Promise<Board>;
  /** The boards of a chat that gather now. */
  gathering(chatId: number): Promise<readonly Board[]>;
  find(id: number): Promise<Board | null>;
  /**
   * The chat's board that does not show what is on it, and is to; `null` if there is none. What is shown when the chat wakes is not
   * while it is quiet, and is when it is not, whenever that was to be.
   */
  next(chatId: number, now: number, isQuiet: boolean): Promise<Board | null>;
  /** When the chat's next board is to be shown; `null` if none is. Epoch ms. */
  nextAt(chatId: number): Promise<number | null>;
  /** Notes that a board gathers no more; returns it. */
  close(board: Board, at: number): Promise<Board>;
  /** Notes that a board shows what was on it, and gathers no more if it says so; the next time it may be shown is `showAt`. */
  shown(board: Board, messageId: number | null, showAt: number): Promise<void>;
  /**
   * Puts a board off until `showAt`. `isGone`: its message is, so that it is sent anew then; `isFailure`: the board failed, and not only
   * its turn.
   */
  retry(board: Board, showAt: number, why: { readonly isGone: boolean; readonly isFailure: boolean }): Promise<void>;
  /** Shows a board outside of the thread that it was to be in, as a message of its own. */
  leaveThread(board: Board): Promise<void>;
  /** Shows at another time what a chat is to be shown when it wakes; epoch ms. */
  wakeAt(chatId: number, showAt: number): Promise<void>;
  /** Notes which page it shows. */
  turn(id: number, page: number): Promise<void>;
  /** What is on it, for the page that it shows. */
  read(board: Board): Promise<BoardContent>;
}

/** The boards in the database. */
export function openBoards(database: Database, now: () => number): Boards {
  const run = (sql: string, ...values: SqlValue[]): Promise<unknown> =>
    database.transaction((queries) => queries.run(sql, ...values), "crash");
  const first = async (sql: string, ...values: SqlValue[]): Promise<Board | null> => {
    const [row] = await database.all<BoardRow>(sql, ...values);
    return row ? toBoard(row) : null;
  };
  const find = (id: number) => first("SELECT * FROM boards WHERE id = $1", id);

  return {
    async open({ chatId, threadId, kind, openedAt }, showAt, membersSince) {
      // On disk before a button names it: after a power cut the number would be another board's.
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
    },
    async gathering(chatId) {
      const sql = "SELECT * FROM boards WHERE chat_id = $1 AND closed_at IS NULL ORDER BY id";
      return (await database.all<BoardRow>(sql, chatId)).map(toBoard);
    },
    find,
    next: (chatId, now, isQuiet) =>
      first(
        `SELECT * FROM boards WHERE chat_id = $1 AND changes > shown_changes
           AND (show_at <= $2 OR (show_at > $3 AND (kind <> 'quietHours' OR $4 = 0))) ORDER BY id LIMIT 1`,
        chatId,
        now,
        // Nothing but a night is put off for so long: the clock was set back.
        now + MAX_RETRY_MS,
        isQuiet ? 1 : 0,
      ),
    async nextAt(chatId) {
      const sql = "SELECT MIN(show_at) AS at FROM boards WHERE chat_id = $1 AND changes > shown_changes";
      const [row] = await database.all<{ at: number | null }>(sql, chatId);
      return row?.at ?? null;
    },
    async close(board, at) {
      await run("UPDATE boards SET closed_at = $2, changes = changes + 1 WHERE id = $1", board.id, at);
      return (await find(board.id)) ?? board;
    },
    async shown(board, messageId, showAt) {
      await database.transaction(async (queries) => {
        await queries.run(
          "UPDATE boards SET message_id = $2, shown_changes = $3, show_at = $4, closed_at = $5, attempts = 0 WHERE id = $1",
          board.id,
          messageId,
          board.changes,
          showAt,
          board.closedAt,
        );
        await noteBoardHeard(queries, board.id, now());
      }, "crash");
    },
    async retry(board, showAt, { isGone, isFailure }) {
      await run(
        `UPDATE boards SET show_at = $2, attempts = attempts + $3${isGone ? ", message_id = NULL" : ""} WHERE id = $1`,
        board.id,
        showAt,
        isFailure ? 1 : 0,
      );
    },
    async leaveThread(board) {
      await run("UPDATE boards SET thread_id = NULL, message_id = NULL WHERE id = $1", board.id);
    },
    async wakeAt(chatId, showAt) {
      await run(
        "UPDATE boards SET show_at = $2 WHERE chat_id = $1 AND kind = 'quietHours' AND closed_at IS NULL",
        chatId,
        showAt,
      );
    },
    async turn(id, page) {
      await run("UPDATE boards SET page = $2 WHERE id = $1", id, page);
    },
    read: (board) => readBoard(database, board),
  };
}

/** What was to be told together in a chat, and was not yet, goes on the board of its flood. */
async function takeOver(queries: Queries, id: number, chatId: number): Promise<void> {
  const unshown = "SELECT id FROM boards WHERE chat_id = $1 AND kind = 'together' AND message_id IS NULL";
  await queries.run(`UPDATE cards SET board_id = $2 WHERE chat_id = $1 AND board_id IN (${unshown})`, chatId, id);
  await queries.run(`DELETE FROM boards WHERE id IN (${unshown})`, chatId);
}

/**
 * Notes that something on a board changed: that matters while it gathers, and later for a card that has nothing but the board.
 */
export async function touchBoard(queries: Queries, id: number, isAllThereIs: boolean): Promise<void> {
  await queries.run(
    `UPDATE boards SET changes = changes + 1 WHERE id = $1 ${isAllThereIs ? "" : "AND closed_at IS NULL"}`,
    id,
  );
}

const toBoard = (row: BoardRow): Board => ({
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
