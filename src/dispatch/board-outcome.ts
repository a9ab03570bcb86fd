import { backoffMs } from "../lib/backoff.ts";
import type { Board } from "../store/alarms/board-rows.ts";
import type { Store } from "../store/store.ts";
import { PROBE_MS, REFUSED, type Settled } from "./after-call.ts";

/** A live board is not edited more often; a group takes 20 messages and edits a minute, and its cards need some. */
const BOARD_EVERY_MS = 5_000;

const REFUSALS: ReadonlySet<Settled["kind"]> = new Set(["markup", "tooLong", "refused", "gone"]);

/** Notes what came of a call for a board, and when there is to be another one. */
export function noteBoard(boards: Store["boards"], board: Board, outcome: Settled, at: number): Promise<void> {
  if (outcome.kind === "done") return boards.shown(board, outcome.messageId, at + BOARD_EVERY_MS);
  // Cards of other threads are on it, too: it is shown outside of threads, if it was not yet.
  if (outcome.kind === "closed" && board.threadId !== null) return boards.leaveThread(board);
  const isGone = outcome.kind === "gone" && board.messageId !== null;
  // What was to be new cannot be gone: it is refused.
  const isRefused = !isGone && REFUSALS.has(outcome.kind);
  const refusedMs = isRefused ? backoffMs(board.attempts, REFUSED) : 0;
  const retryAt = at + (outcome.kind === "closed" ? PROBE_MS : refusedMs);
  return boards.retry(board, retryAt, { isGone, isFailure: isRefused });
}
