import type { Clock } from "../lib/time/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Board } from "../store/alarms/board-rows.ts";
import { MAX_RETRY_MS } from "../store/alarms/card-waits.ts";
import { noteBoard } from "./board-outcome.ts";
import { changeAfterCall, parked, recordOf, resultOf, type Settled, type Task } from "./after-call.ts";
import { closeEndedFlood, type BoardOptions } from "./assign-to-board.ts";
import type { LaneStep } from "./plan-step.ts";
import type { Reach } from "./reach.ts";
import { perform, performBoard } from "./perform.ts";
import type { Standstill } from "./standstill.ts";
import { isNewMessage, type Agenda } from "./agenda.ts";
import { createTally, type LaneMeter, type Tally } from "./tally.ts";
import type { Turn } from "../pace/turns.ts";
import { isSpent, type CardSender, type Outcome } from "./types.ts";

/** What steps are carried out with. */
export interface StepRunnerOptions extends BoardOptions {
  readonly sender: CardSender;
  readonly reach: Reach;
  readonly standstill: Standstill;
  readonly agenda: Pick<Agenda, "likewise">;
  readonly meter: LaneMeter;
  readonly clock: Clock;
  readonly log: Logger;
  /** The chat lives on under another id; resolves when its cards do, too. */
  readonly onMigrated: (chatId: number, newChatId: number) => Promise<void>;
}

/** What was done, and what came of it. */
type Made = readonly [task: Task, outcome: Settled];

/** Carries out what is planned for one chat. */
export class StepRunner {
  readonly #chatId: number;
  readonly #options: StepRunnerOptions;
  readonly #tally: Tally;
  /** How often the service came back. */
  #comebacks = 0;
  /** What was shown and is not on disk yet: showing it again, because it could not be noted, would ring again. */
  #unsettled: (() => Promise<void>) | null = null;

  constructor(chatId: number, options: StepRunnerOptions) {
    this.#chatId = chatId;
    this.#options = options;
    this.#tally = createTally(options.meter);
  }

  /**
   * @param turn the turn that a call takes
   * @returns how long until there may be work again; `null` if only a wake can tell
   */
  async run(step: LaneStep, turn: Turn | null, now: number): Promise<number | null> {
    switch (step.kind) {
      case "call":
        await (step.show.what === "board"
          ? this.#showBoard(step.show.board, turn)
          : this.#showCard(step.show.task, turn));
        return 0;
      case "settle":
        await this.#settleAtOnce(step.task, now);
        return 0;
      case "putOff":
        this.#unsettled = () => this.#settleCards([[step.task, { kind: "closed", detail: step.reason }]]);
        return 0;
      case "park":
        this.#options.standstill.note(step.task.pending);
        this.#park(step.task, now);
        return 0;
      case "fail":
        throw new Error(`alarm ${step.task.pending.alarm.id} was parked, and is decided all the same`);
      case "leaveAlone":
        return step.ms;
      case "awaitTurn":
        return null;
      case "rest":
        return this.#rest(now);
    }
  }

  /** Notes what the step before came to; to be called before anything is looked at, and at the end. */
  async settle(): Promise<void> {
    await this.#unsettled?.();
    this.#unsettled = null;
  }

  /** The service is back. */
  back(): void {
    this.#comebacks += 1;
  }

  async #showCard(task: Task, turn: Turn | null): Promise<void> {
    const { sender, reach, log, onMigrated } = this.#options;
    const before = this.#comebacks;
    const outcome = await inTurn(turn, () => perform(task, sender, log));
    if (outcome.kind === "migrated") return onMigrated(this.#chatId, outcome.chatId);
    // A call that was on its way while the service came back is made again soon, however often it failed before.
    const made = this.#comebacks === before ? task : { ...task, pending: { ...task.pending, attempts: 0 } };
    const { alarm, card } = task.pending;
    const target = { threadId: card.threadId, isNew: isNewMessage(task) };
    reach.note(outcome, target);
    if (outcome.kind !== "done") {
      const what = { action: task.decision.action, result: resultOf(outcome), parkMs: Math.ceil(reach.waitMs()) };
      log.warn({ chatId: this.#chatId, alarm: alarm.id, ...what }, "card not shown");
    }
    this.#unsettled = once(
      () => this.#settleCards([[made, outcome]]),
      () => reach.tell(outcome, target),
    );
  }

  /** Notes a task that needs no call, and those like it that follow, up to one that turns in a circle. */
  async #settleAtOnce(first: Task, now: number): Promise<void> {
    const { agenda, standstill } = this.#options;
    const likewise = await agenda.likewise(first, now);
    const circling = likewise.findIndex(({ pending }) => standstill.times(pending) > 0);
    const tasks = [first, ...(circling === -1 ? likewise : likewise.slice(0, circling))];
    for (const { pending } of tasks) standstill.note(pending);
    const made = tasks.map((task): Made => [task, { kind: "done", messageId: task.pending.card.messageId }]);
    this.#unsettled = () => this.#settleCards(made);
  }

  async #settleCards(made: readonly Made[]): Promise<void> {
    const now = this.#options.clock.now();
    const settled = made.map(([task, outcome]) => {
      const change = changeAfterCall(task, outcome, now);
      const decision = recordOf(task, resultOf(outcome, task.decision), now);
      return { task, outcome, pending: task.pending, change, decision };
    });
    await this.#options.store.cards.settle(settled);
    for (const { task, outcome, change } of settled) this.#tally.card(task, outcome, change, now);
  }

  #park(task: Task, now: number): void {
    const { store, log } = this.#options;
    const { alarm, card } = task.pending;
    log.error(
      { chatId: this.#chatId, alarm: alarm.id, version: alarm.version, card, decision: task.decision },
      "decided twice at one version without a call: parked for an hour",
    );
    this.#unsettled = async () => {
      const settled = { pending: task.pending, change: parked(now), decision: recordOf(task, "parked", now) };
      await store.cards.settle([settled]);
      this.#tally.parked(task);
    };
  }

  async #showBoard(due: Board, turn: Turn | null): Promise<void> {
    const { store, sender, reach, clock, log, onMigrated } = this.#options;
    // Only a flood is shown while it gathers; the others gather until they are shown, so that there is one for all that waited.
    const board = due.kind === "flood" ? due : { ...due, closedAt: due.closedAt ?? clock.now() };
    const outcome = await inTurn(turn, async () => performBoard(board, await store.boards.read(board), sender, log));
    if (outcome.kind === "migrated") return onMigrated(this.#chatId, outcome.chatId);
    const target = { threadId: board.threadId, isNew: board.messageId === null };
    reach.note(outcome, target);
    if (outcome.kind === "done" && target.isNew && outcome.messageId !== null && board.kind === "flood")
      void sender.pin(this.#chatId, outcome.messageId, true);
    const at = clock.now();
    this.#unsettled = once(
      () => this.#settleBoard(board, outcome, at),
      () => reach.tell(outcome, target),
    );
  }

  async #settleBoard(board: Board, outcome: Settled, at: number): Promise<void> {
    const { store, log } = this.#options;
    if (outcome.kind !== "done")
      log.warn({ chatId: this.#chatId, board: board.id, result: resultOf(outcome) }, "board not shown");
    await noteBoard(store.boards, board, outcome, at);
    this.#tally.board(board, outcome, at);
  }

  async #rest(now: number): Promise<number | null> {
    const { store, sender, standstill } = this.#options;
    standstill.reset();
    const { closed, checkInMs } = await closeEndedFlood(this.#chatId, now, this.#options);
    if (closed) {
      if (closed.messageId !== null) void sender.pin(this.#chatId, closed.messageId, false);
      return 0;
    }
    const times = [await store.cards.nextRetryAt(this.#chatId), await store.boards.nextAt(this.#chatId)];
    const waits = times.filter((at) => at !== null).map((at) => Math.min(MAX_RETRY_MS, Math.max(1, at - now)));
    if (checkInMs !== null) waits.push(checkInMs);
    return waits.length === 0 ? null : Math.min(...waits);
  }
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
