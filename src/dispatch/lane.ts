import { decide } from "../alarms/decide.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { Board } from "../store/boards.ts";
import { MAX_RETRY_MS, type PendingCard } from "../store/cards.ts";
import type { Store } from "../store/store.ts";
import { backoffMs, conclude, PROBE_MS, type Settled, type Task } from "./conclude.ts";
import { ebb, gather, type GatherOptions, type Outage } from "./gather.ts";
import type { Pace } from "./pace.ts";
import { callFor, callForBoard } from "./show.ts";
import type { CardSender } from "./types.ts";

/** What a lane needs of the store. */
export type CardStore = Pick<
  Store,
  "nextPending" | "nextRetryAt" | "countRings" | "waitingRings" | "settle" | "boards"
>;

/** What the lanes of one dispatcher share. */
export interface LaneOptions extends Pick<GatherOptions, "floodRate" | "quietUntil"> {
  readonly store: CardStore;
  readonly sender: CardSender;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Logger;
  /** The chat lives on under another id; resolves when its cards do, too. */
  readonly onMigrated: (chatId: number, newChatId: number) => Promise<void>;
  /** The chat cannot be reached (`reason`), or was reached for the first time in this run or since (`null`). */
  readonly onReachable: (chatId: number, reason: string | null) => Promise<void>;
}

/** The cards of one chat, one call after the other, so that no chat ever waits for another. */
export interface Lane {
  /** Says that there may be work; cheap, and never lost. */
  wake(): void;
  /** Says that a chat that cannot be reached gave a sign of life: one call finds out whether it can. */
  revive(): void;
  /** Resolves when the call under way, if any, is settled. */
  stop(): Promise<void>;
}

/** A live board is not edited more often; a group takes 20 messages and edits a minute, and its cards need some. */
const BOARD_EVERY_MS = 5_000;
/** So long a board waits for what belongs on it as well. */
const GATHER_MS = 1_000;

/** Creates the lane of one chat. It does nothing until it is woken. */
export function createLane(chatId: number, options: LaneOptions): Lane {
  const { store, sender, pace, clock, log } = options;
  let running: Promise<void> | null = null;
  let isAwaken = false;
  let isStopped = false;
  let cancelTimer: (() => void) | null = null;
  /** Calls that failed in a row for want of the service, whatever the card; and steps for want of the store. */
  let serviceFailures = 0;
  let storeFailures = 0;
  /** By the clock that nobody sets. */
  let parkedUntil = 0;
  /** Before this run there was nobody to reach the chat. */
  let outage: Outage = { fromAt: Number.NEGATIVE_INFINITY, untilAt: clock.now() };
  /** `null`: not known yet in this run. */
  let isReachable: boolean | null = null;
  /** What was shown and is not on disk yet: showing it again, because it could not be noted, would ring again. */
  let unsettled: (() => Promise<void>) | null = null;

  function wake(): void {
    isAwaken = true;
    if (isStopped || running) return;
    cancelTimer?.();
    running = run().finally(() => {
      running = null;
      if (isAwaken) wake();
    });
  }

  async function run(): Promise<void> {
    let waitMs: number | null = 0;
    while (waitMs === 0 && !isStopped) {
      isAwaken = false;
      waitMs = await step().catch((error: unknown) => {
        log.error({ err: error, chatId }, "the store failed; trying again");
        return backoffMs(storeFailures++);
      });
    }
    if (waitMs) cancelTimer = clock.after(waitMs, wake);
  }

  /**
   * What rings goes first; then the board, which many wait for; then what is only edited.
   * @returns how long until there may be work again; `null` if only a wake can tell
   */
  async function step(): Promise<number | null> {
    await unsettled?.();
    unsettled = null;
    const now = clock.now();
    const pending = await store.nextPending(chatId, now);
    storeFailures = 0;
    const task = pending && (await plan(pending, now));
    // What needs no call need not wait for one either.
    if (task && (task.decision.action === "board" || task.decision.action === "none")) {
      const late = await lateBoard(now);
      return late && (await showBoard(late, now)) === 0 ? 0 : showCard(task);
    }

    const board = task?.decision.action === "send" ? null : await store.boards.next(chatId, now);
    if (!board && !task) return rest(now);
    const waitMs = untilMyTurn();
    if (waitMs > 0) return waitMs;
    if (board) return showBoard(board, now);
    return task ? showCard(task) : 0;
  }

  /** From this look to the call nothing may be awaited: many lanes that look at one moment would all find it their turn. */
  const untilMyTurn = (): number => Math.max(0, parkedUntil - clock.elapsed(), pace.waitMs(chatId));

  /** A flood may go on for longer than anybody should wait for its board; what is put on it meanwhile is counted the next time. */
  async function lateBoard(now: number): Promise<Board | null> {
    if (untilMyTurn() > 0) return null;
    const board = await store.boards.next(chatId, now - GATHER_MS);
    return board?.kind === "flood" ? board : null;
  }

  async function plan(pending: PendingCard, now: number): Promise<Task> {
    const decision = decide(pending.alarm, pending.card);
    if (decision.action !== "send") return { pending, decision, gathering: null };
    const gathering = await gather(pending, outage, now, options);
    return { pending, decision: decide(pending.alarm, pending.card, gathering), gathering };
  }

  async function rest(now: number): Promise<number | null> {
    const { closed, checkInMs } = await ebb(chatId, now, options);
    if (closed) {
      if (closed.messageId !== null) void sender.pin(chatId, closed.messageId, false);
      return 0;
    }
    const times = [await store.nextRetryAt(chatId), await store.boards.nextAt(chatId)].filter((at) => at !== null);
    const waits = times.map((at) => Math.min(MAX_RETRY_MS, Math.max(1, at - now)));
    if (checkInMs !== null) waits.push(checkInMs);
    return waits.length === 0 ? null : Math.min(...waits);
  }

  async function showCard(task: Task): Promise<0> {
    const outcome = await callFor(task, sender, log);
    if (outcome.kind === "migrated") await options.onMigrated(chatId, outcome.chatId);
    else unsettled = settlement(task, outcome);
    return 0;
  }

  /** What is to be noted of a call, to be done until it has worked. */
  function settlement(task: Task, outcome: Settled): () => Promise<void> {
    const now = clock.now();
    const { change, parkMs } = conclude(task, outcome, { now, serviceFailures });
    const { pending, decision } = task;
    const hasCalled = decision.action !== "board" && decision.action !== "none";
    if (hasCalled) noteService(outcome, parkMs, now);
    const result = outcome.kind === "done" ? "ok" : `${outcome.kind}: ${outcome.detail}`;
    const { alarm } = pending;
    if (outcome.kind !== "done")
      log.warn({ chatId, alarm: alarm.id, action: decision.action, result, parkMs }, "card not shown");
    const { reason, action } = decision;
    const record = { alarmId: alarm.id, chatId, decidedAt: now, version: alarm.version, reason, action, result };
    return once(
      () => store.settle(pending, change, record),
      () => (hasCalled ? noteReachable(outcome) : Promise.resolve()),
    );
  }

  async function showBoard(due: Board, now: number): Promise<number> {
    // Only a flood is shown while it gathers; the others gather until they are shown, so that there is one for all that waited.
    const board = due.kind === "flood" ? due : { ...due, closedAt: due.closedAt ?? now };
    const content = await store.boards.read(board);
    const waitMs = untilMyTurn();
    if (waitMs > 0) return waitMs;
    const outcome = await callForBoard(board, content, sender, log);
    if (outcome.kind === "migrated") {
      await options.onMigrated(chatId, outcome.chatId);
      return 0;
    }
    const at = clock.now();
    const parkMs = parkMsAfter(outcome);
    noteService(outcome, parkMs, at);
    const isFirst = outcome.kind === "done" && board.messageId === null && outcome.messageId !== null;
    if (isFirst && outcome.messageId !== null && board.kind === "flood")
      void sender.pin(chatId, outcome.messageId, true);
    unsettled = once(
      () => noteBoard(board, outcome, at),
      () => noteReachable(outcome),
    );
    return 0;
  }

  function parkMsAfter(outcome: Settled): number {
    if (outcome.kind === "limited") return outcome.retryAfterMs;
    if (outcome.kind === "unavailable") return backoffMs(serviceFailures);
    return outcome.kind === "unreachable" ? PROBE_MS : 0;
  }

  function noteBoard(board: Board, outcome: Settled, at: number): Promise<void> {
    if (outcome.kind === "done") return store.boards.shown(board, outcome.messageId, at + BOARD_EVERY_MS);
    log.warn({ chatId, board: board.id, result: `${outcome.kind}: ${outcome.detail}` }, "board not shown");
    const isRefused = ["markup", "tooLong", "refused"].includes(outcome.kind);
    const retryAt = at + (isRefused ? backoffMs(board.attempts, MAX_RETRY_MS) : 0);
    return store.boards.retry(board, retryAt, outcome.kind === "gone");
  }

  /** Keeps in mind whether the chat can be reached at all, so that what waits then is told together. */
  function noteService(outcome: Settled, parkMs: number, now: number): void {
    serviceFailures = outcome.kind === "unavailable" ? serviceFailures + 1 : 0;
    parkedUntil = clock.elapsed() + parkMs;
    const isAway = ["limited", "unavailable", "unreachable"].includes(outcome.kind);
    if (isAway && outage.untilAt !== null) outage = { fromAt: now, untilAt: null };
    if (!isAway && outage.untilAt === null) outage = { ...outage, untilAt: now };
  }

  async function noteReachable(outcome: Settled): Promise<void> {
    if (outcome.kind === "done" && isReachable !== true) {
      await options.onReachable(chatId, null);
      isReachable = true;
    }
    if (outcome.kind === "unreachable" && isReachable !== false) {
      await options.onReachable(chatId, outcome.detail);
      isReachable = false;
    }
  }

  return {
    wake,
    revive() {
      if (isReachable !== false) return;
      parkedUntil = 0;
      wake();
    },
    async stop() {
      isStopped = true;
      cancelTimer?.();
      await running;
      // What the last call came to: the next run would ring again.
      await unsettled?.().catch((error: unknown) => log.error({ err: error, chatId }, "the last call is not noted"));
    },
  };
}

/** Does `first` until it has worked, never again, and then `second`. */
function once(first: () => Promise<void>, second: () => Promise<void>): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (!isDone) await first();
    isDone = true;
    await second();
  };
}
