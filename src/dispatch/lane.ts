import type { Clock } from "../lib/time/clock.ts";
import { backoffMs } from "../lib/backoff.ts";
import { createLoop, type Loop } from "../lib/time/loop.ts";
import type { Logger } from "../lib/log.ts";
import type { Board } from "../store/alarms/boards.ts";
import { MAX_RETRY_MS } from "../store/alarms/cards.ts";
import type { Store } from "../engine/store.ts";
import { conclude, parked, PROBE_MS, recordOf, REFUSED, resultOf, type Settled, type Task } from "./conclude.ts";
import { ebb, type GatherOptions } from "./gather.ts";
import type { Pace, Turn } from "./pace.ts";
import { createReach, type OnReachable } from "./reach.ts";
import { callFor, callForBoard } from "./show.ts";
import { createStandstill } from "./standstill.ts";
import { createSurvey, isNewMessage, type Work } from "./survey.ts";
import { createTicket } from "./ticket.ts";
import { isSpent, type CardSender, type Outcome } from "./types.ts";

/** What a lane needs of the store. */
export type CardStore = Pick<
  Store,
  "nextPending" | "nextRetryAt" | "countRings" | "waitingRings" | "settle" | "boards"
>;

/** What the lanes of one dispatcher share. */
export interface LaneOptions extends Pick<GatherOptions, "floodRate" | "togetherRate" | "quietUntil"> {
  readonly store: CardStore;
  readonly sender: CardSender;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Logger;
  /** The chat lives on under another id; resolves when its cards do, too. */
  readonly onMigrated: (chatId: number, newChatId: number) => Promise<void>;
  readonly onReachable: OnReachable;
}

/** The cards of one chat, one call after the other, so that no chat ever waits for another. */
export interface Lane extends Loop {
  /** Says that the service is back; to be followed by a wake. */
  back(): void;
  /** Says that a chat that cannot be reached gave a sign of life: one call finds out whether it can. */
  revive(): void;
}

/** A live board is not edited more often; a group takes 20 messages and edits a minute, and its cards need some. */
const BOARD_EVERY_MS = 5_000;

/** Creates the lane of one chat. It does nothing until it is woken. */
export function createLane(chatId: number, options: LaneOptions): Lane {
  const { store, sender, pace, clock, log } = options;
  const reach = createReach(chatId, options);
  const standstill = createStandstill();
  const loop = createLoop({
    step,
    clock,
    onError(error) {
      log.error({ err: error, chatId }, "the store failed; trying again");
      ticket.leave();
    },
  });
  const ticket = createTicket(chatId, pace, loop.wake);
  const survey = createSurvey(chatId, { ...options, reach });
  /** How often the service came back. */
  let comebacks = 0;
  /** What was shown and is not on disk yet: showing it again, because it could not be noted, would ring again. */
  let unsettled: (() => Promise<void>) | null = null;

  /**
   * Looks what there is to show, and shows one thing: what it is the turn of, else what needs no call.
   * @returns how long until there may be work again; `null` if only a wake can tell
   */
  async function step(): Promise<number | null> {
    await unsettled?.();
    unsettled = null;
    const now = clock.now();
    const { calls, free } = await survey.look(now);
    const parkedMs = reach.waitMs();
    if (calls.size === 0 || parkedMs > 0) ticket.leave();
    const turn = calls.size > 0 && parkedMs === 0 ? ticket.take(new Set(calls.keys())) : null;
    const call = turn && calls.get(turn.kind);
    if (call) return perform(call, turn);
    // What needs no call need not wait for one either.
    if (free) return perform(free, null);
    // Until the turn comes, all may have changed.
    return calls.size > 0 ? parkedMs || null : rest(now);
  }

  /** @param given the turn that it takes; `null`: it needs no call */
  async function perform(work: Work, given: Turn | null): Promise<0> {
    if (given) survey.made(given.kind, work);
    if (work.what === "board") await showBoard(work.board, given);
    else if (work.what === "card") await (given ? showCard(work.task, given) : settleFree(work.task));
    else unsettled = () => settle(work.task, { kind: "closed", detail: work.reason });
    return 0;
  }

  async function rest(now: number): Promise<number | null> {
    standstill.reset();
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

  async function showCard(task: Task, given: Turn): Promise<void> {
    const before = comebacks;
    const outcome = await inTurn(given, () => callFor(task, sender, log));
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
      () => settle(made, outcome),
      () => reach.tell(outcome, target),
    );
  }

  /** Notes what needs no call. What turns in a circle would take all of the machine, and starve the others of its chat. */
  async function settleFree(task: Task): Promise<void> {
    const { alarm, card } = task.pending;
    const times = standstill.count(task.pending);
    if (times === 1) {
      unsettled = () => settle(task, { kind: "done", messageId: card.messageId });
      return;
    }
    log.error(
      { chatId, alarm: alarm.id, version: alarm.version, card, decision: task.decision },
      "decided twice at one version without a call: parked for an hour",
    );
    if (times > 2) throw new Error("a card that was parked is decided all the same");
    const now = clock.now();
    unsettled = () => store.settle(task.pending, parked(now), recordOf(task, "parked", now));
  }

  function settle(task: Task, outcome: Settled): Promise<void> {
    const now = clock.now();
    return store.settle(task.pending, conclude(task, outcome, now), recordOf(task, resultOf(outcome), now));
  }

  async function showBoard(due: Board, given: Turn | null): Promise<void> {
    // Only a flood is shown while it gathers; the others gather until they are shown, so that there is one for all that waited.
    const board = due.kind === "flood" ? due : { ...due, closedAt: due.closedAt ?? clock.now() };
    const outcome = await inTurn(given, async () => callForBoard(board, await store.boards.read(board), sender, log));
    if (outcome.kind === "migrated") return options.onMigrated(chatId, outcome.chatId);
    const target = { threadId: board.threadId, isNew: board.messageId === null };
    reach.note(outcome, target);
    if (outcome.kind === "done" && target.isNew && outcome.messageId !== null && board.kind === "flood")
      void sender.pin(chatId, outcome.messageId, true);
    const at = clock.now();
    unsettled = once(
      () => noteBoard(board, outcome, at),
      () => reach.tell(outcome, target),
    );
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

  return {
    wake: loop.wake,
    back() {
      comebacks += 1;
      reach.back();
    },
    revive() {
      if (reach.revive()) loop.wake();
    },
    async stop() {
      ticket.leave();
      await loop.stop();
      // What the last call came to: the next run would ring again.
      await unsettled?.().catch((error: unknown) => log.error({ err: error, chatId }, "the last call is not noted"));
    },
  };
}

/** Makes a call in its turn. */
async function inTurn(given: Turn | null, call: () => Promise<Outcome>): Promise<Outcome> {
  let isCounted = false;
  try {
    const outcome = await call();
    isCounted = isSpent(outcome);
    return outcome;
  } finally {
    given?.end(isCounted);
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
