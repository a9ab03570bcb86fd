import type { Clock } from "../lib/time/clock.ts";
import { backoffMs } from "../lib/backoff.ts";
import type { Logger } from "../lib/log.ts";
import type { Board } from "../store/alarms/board-rows.ts";
import { MAX_RETRY_MS } from "../store/alarms/card-waits.ts";
import { conclude, parked, PROBE_MS, recordOf, REFUSED, resultOf, type Settled, type Task } from "./conclude.ts";
import { ebb, type GatherOptions } from "./gather.ts";
import type { Turn } from "./pace.ts";
import type { LaneStep } from "./plan-step.ts";
import type { Reach } from "./reach.ts";
import { callFor, callForBoard } from "./show.ts";
import type { Standstill } from "./standstill.ts";
import { isNewMessage } from "./survey.ts";
import { createTally, type LaneMeter } from "./tally.ts";
import { isSpent, type CardSender, type Outcome } from "./types.ts";

/** What steps are carried out with. */
export interface StepRunnerOptions extends GatherOptions {
  readonly sender: CardSender;
  readonly reach: Reach;
  readonly standstill: Standstill;
  readonly meter: LaneMeter;
  readonly clock: Clock;
  readonly log: Logger;
  /** The chat lives on under another id; resolves when its cards do, too. */
  readonly onMigrated: (chatId: number, newChatId: number) => Promise<void>;
}

/** Carries out what is planned for one chat. */
export interface StepRunner {
  /**
   * @param turn the turn that a call takes
   * @returns how long until there may be work again; `null` if only a wake can tell
   */
  run(step: LaneStep, turn: Turn | null, now: number): Promise<number | null>;
  /** Notes what the step before came to; to be called before anything is looked at, and at the end. */
  settle(): Promise<void>;
  /** The service is back. */
  back(): void;
}

/** A live board is not edited more often; a group takes 20 messages and edits a minute, and its cards need some. */
const BOARD_EVERY_MS = 5_000;

/** Creates what carries out the steps of one chat's lane. */
export function createStepRunner(chatId: number, options: StepRunnerOptions): StepRunner {
  const { store, sender, clock, log, reach, standstill } = options;
  const tally = createTally(options.meter);
  /** How often the service came back. */
  let comebacks = 0;
  /** What was shown and is not on disk yet: showing it again, because it could not be noted, would ring again. */
  let unsettled: (() => Promise<void>) | null = null;

  async function showCard(task: Task, turn: Turn | null): Promise<void> {
    const before = comebacks;
    const outcome = await inTurn(turn, () => callFor(task, sender, log));
    if (outcome.kind === "migrated") return options.onMigrated(chatId, outcome.chatId);
    // A call that was on its way while the service came back is made again soon, however often it failed before.
    const made = comebacks === before ? task : { ...task, pending: { ...task.pending, attempts: 0 } };
    const target = { threadId: task.pending.card.threadId, isNew: isNewMessage(task) };
    reach.note(outcome, target);
    const { id: alarm } = task.pending.alarm;
    const result = resultOf(outcome);
    if (outcome.kind !== "done")
      log.warn({ chatId, alarm, action: task.decision.action, result, parkMs: reach.waitMs() }, "card not shown");
    unsettled = once(
      () => settleCard(made, outcome),
      () => reach.tell(outcome, target),
    );
  }

  async function settleCard(task: Task, outcome: Settled): Promise<void> {
    const now = clock.now();
    const change = conclude(task, outcome, now);
    await store.cards.settle(task.pending, change, recordOf(task, resultOf(outcome), now));
    tally.card(task, outcome, change, now);
  }

  function park(task: Task, now: number): void {
    const { alarm, card } = task.pending;
    log.error(
      { chatId, alarm: alarm.id, version: alarm.version, card, decision: task.decision },
      "decided twice at one version without a call: parked for an hour",
    );
    unsettled = async () => {
      await store.cards.settle(task.pending, parked(now), recordOf(task, "parked", now));
      tally.parked(task);
    };
  }

  async function showBoard(due: Board, turn: Turn | null): Promise<void> {
    // Only a flood is shown while it gathers; the others gather until they are shown, so that there is one for all that waited.
    const board = due.kind === "flood" ? due : { ...due, closedAt: due.closedAt ?? clock.now() };
    const outcome = await inTurn(turn, async () => callForBoard(board, await store.boards.read(board), sender, log));
    if (outcome.kind === "migrated") return options.onMigrated(chatId, outcome.chatId);
    const target = { threadId: board.threadId, isNew: board.messageId === null };
    reach.note(outcome, target);
    if (outcome.kind === "done" && target.isNew && outcome.messageId !== null && board.kind === "flood")
      void sender.pin(chatId, outcome.messageId, true);
    const at = clock.now();
    unsettled = once(
      () => settleBoard(board, outcome, at),
      () => reach.tell(outcome, target),
    );
  }

  async function settleBoard(board: Board, outcome: Settled, at: number): Promise<void> {
    await noteBoard(board, outcome, at);
    tally.board(board, outcome, at);
  }

  function noteBoard(board: Board, outcome: Settled, at: number): Promise<void> {
    if (outcome.kind === "done") return store.boards.shown(board, outcome.messageId, at + BOARD_EVERY_MS);
    log.warn({ chatId, board: board.id, result: resultOf(outcome) }, "board not shown");
    // Cards of other threads are on it, too: it is shown outside of threads, if it was not yet.
    if (outcome.kind === "closed" && board.threadId !== null) return store.boards.leaveThread(board);
    const isGone = outcome.kind === "gone" && board.messageId !== null;
    // What was to be new cannot be gone: it is refused.
    const isRefused = !isGone && ["markup", "tooLong", "refused", "gone"].includes(outcome.kind);
    const refusedMs = isRefused ? backoffMs(board.attempts, REFUSED) : 0;
    return store.boards.retry(board, at + (outcome.kind === "closed" ? PROBE_MS : refusedMs), {
      isGone,
      isFailure: isRefused,
    });
  }

  async function rest(now: number): Promise<number | null> {
    standstill.reset();
    const { closed, checkInMs } = await ebb(chatId, now, options);
    if (closed) {
      if (closed.messageId !== null) void sender.pin(chatId, closed.messageId, false);
      return 0;
    }
    const times = [await store.cards.nextRetryAt(chatId), await store.boards.nextAt(chatId)].filter(
      (at) => at !== null,
    );
    const waits = times.map((at) => Math.min(MAX_RETRY_MS, Math.max(1, at - now)));
    if (checkInMs !== null) waits.push(checkInMs);
    return waits.length === 0 ? null : Math.min(...waits);
  }

  return {
    async run(step, turn, now) {
      switch (step.kind) {
        case "call":
          await (step.show.what === "board" ? showBoard(step.show.board, turn) : showCard(step.show.task, turn));
          return 0;
        case "settle":
          standstill.note(step.task.pending);
          unsettled = () => settleCard(step.task, { kind: "done", messageId: step.task.pending.card.messageId });
          return 0;
        case "putOff":
          unsettled = () => settleCard(step.task, { kind: "closed", detail: step.reason });
          return 0;
        case "park":
          standstill.note(step.task.pending);
          park(step.task, now);
          return 0;
        case "fail":
          throw new Error(`alarm ${step.task.pending.alarm.id} was parked, and is decided all the same`);
        case "leaveAlone":
          return step.ms;
        case "awaitTurn":
          return null;
        case "rest":
          return rest(now);
      }
    },
    async settle() {
      await unsettled?.();
      unsettled = null;
    },
    back() {
      comebacks += 1;
    },
  };
}

/** Makes a call in its turn. */
async function inTurn(turn: Turn | null, call: () => Promise<Outcome>): Promise<Outcome> {
  let isCounted = false;
  try {
    const outcome = await call();
    isCounted = isSpent(outcome);
    return outcome;
  } finally {
    turn?.end(isCounted);
  }
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
