import { readBoard, type BoardContent } from "./board-content.ts";
import { openBoard, toBoard, type Board, type BoardRow } from "./board-rows.ts";
import { MAX_RETRY_MS } from "./card-waits.ts";
import type { Database, SqlValue } from "../sql/database.ts";
import { noteBoardHeard } from "./heard.ts";

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
export const openBoards = (database: Database, now: () => number): Boards => new StoredBoards(database, now);

class StoredBoards implements Boards {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  open(...[board, showAt, membersSince]: Parameters<Boards["open"]>): Promise<Board> {
    return openBoard(this.#database, board, showAt, membersSince);
  }

  async gathering(chatId: number): Promise<readonly Board[]> {
    const sql = "SELECT * FROM boards WHERE chat_id = $1 AND closed_at IS NULL ORDER BY id";
    return (await this.#database.all<BoardRow>(sql, chatId)).map(toBoard);
  }

  find(id: number): Promise<Board | null> {
    return this.#first("SELECT * FROM boards WHERE id = $1", id);
  }

  next(chatId: number, now: number, isQuiet: boolean): Promise<Board | null> {
    return this.#first(
      `SELECT * FROM boards WHERE chat_id = $1 AND changes > shown_changes
         AND (show_at <= $2 OR (show_at > $3 AND (kind <> 'quietHours' OR $4 = 0))) ORDER BY id LIMIT 1`,
      chatId,
      now,
      // Nothing but a night is put off for so long: the clock was set back.
      now + MAX_RETRY_MS,
      isQuiet ? 1 : 0,
    );
  }

  async nextAt(chatId: number): Promise<number | null> {
    const sql = "SELECT MIN(show_at) AS at FROM boards WHERE chat_id = $1 AND changes > shown_changes";
    const [row] = await this.#database.all<{ at: number | null }>(sql, chatId);
    return row?.at ?? null;
  }

  async close(board: Board, at: number): Promise<Board> {
    await this.#run("UPDATE boards SET closed_at = $2, changes = changes + 1 WHERE id = $1", board.id, at);
    return (await this.find(board.id)) ?? board;
  }

  async shown(board: Board, messageId: number | null, showAt: number): Promise<void> {
    await this.#database.transaction(async (queries) => {
      await queries.run(
        "UPDATE boards SET message_id = $2, shown_changes = $3, show_at = $4, closed_at = $5, attempts = 0 WHERE id = $1",
        board.id,
        messageId,
        board.changes,
        showAt,
        board.closedAt,
      );
      await noteBoardHeard(queries, board.id, this.#now());
    }, "crash");
  }

  async retry(...[board, showAt, { isGone, isFailure }]: Parameters<Boards["retry"]>): Promise<void> {
    await this.#run(
      `UPDATE boards SET show_at = $2, attempts = attempts + $3${isGone ? ", message_id = NULL" : ""} WHERE id = $1`,
      board.id,
      showAt,
      isFailure ? 1 : 0,
    );
  }

  async leaveThread(board: Board): Promise<void> {
    await this.#run("UPDATE boards SET thread_id = NULL, message_id = NULL WHERE id = $1", board.id);
  }

  async wakeAt(chatId: number, showAt: number): Promise<void> {
    await this.#run(
      "UPDATE boards SET show_at = $2 WHERE chat_id = $1 AND kind = 'quietHours' AND closed_at IS NULL",
      chatId,
      showAt,
    );
  }

  async turn(id: number, page: number): Promise<void> {
    await this.#run("UPDATE boards SET page = $2 WHERE id = $1", id, page);
  }

  read(board: Board): Promise<BoardContent> {
    return readBoard(this.#database, board);
  }

  async #run(sql: string, ...values: SqlValue[]): Promise<void> {
    await this.#database.transaction((queries) => queries.run(sql, ...values), "crash");
  }

  async #first(sql: string, ...values: SqlValue[]): Promise<Board | null> {
    const [row] = await this.#database.all<BoardRow>(sql, ...values);
    return row ? toBoard(row) : null;
  }
}
