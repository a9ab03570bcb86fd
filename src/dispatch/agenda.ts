import { breaksThrough, decide } from "../alarms/cards/decide.ts";
import { CRITICAL_RING_RANK, OUTDATED_RANK, RING_RANK, ringsFirst } from "../alarms/cards/due.ts";
import type { Board } from "../store/alarms/board-rows.ts";
import type { PendingCard } from "../store/alarms/pending.ts";
import type { Store } from "../store/store.ts";
import type { Task } from "./after-call.ts";
import { assignToBoard, findBoard, type BoardOptions } from "./assign-to-board.ts";
import type { Reach } from "./reach.ts";
import type { CallKind } from "../pace/turns.ts";

/** Something that can be shown in a chat by a call. */
export type Showing =
  | { readonly what: "card"; readonly task: Task }
  | { readonly what: "board"; readonly board: Board };

/** Something that is settled without a call. */
type Settling =
  | { readonly what: "card"; readonly task: Task }
  /** A thread that is closed is not asked for each of its cards: the others of the chat go on. */
  | { readonly what: "putOff"; readonly task: Task; readonly reason: string };

/** What could be done for a chat now. */
export interface Offers {
  /** Of each kind of call the first that is to be made. */
  readonly calls: ReadonlyMap<CallKind, Showing>;
  /** What needs no call. */
  readonly free: Settling | null;
}

/** What it is found by. */
export interface AgendaOptions extends BoardOptions {
  readonly store: Pick<Store, "cards" | "boards">;
  readonly reach: Pick<Reach, "closed" | "outage">;
}

/** What comes meanwhile, and is to ring, waits no longer than some milliseconds for what is noted at once. */
const MAX_LIKEWISE = 24;
/** So long a board waits for what belongs on it as well. */
const GATHER_MS = 1_000;
/** The edit that tells most goes first, but every fourth is the one that waits longest. */
const OLDEST_EVERY = 4;

/** Finds out what a chat is to be shown. Nothing is changed but that a board may be opened. */
export class Agenda {
  readonly #chatId: number;
  readonly #options: AgendaOptions;
  #edits = 0;
  /** The newest of the critical alarms that ring once more left an old message behind. */
  #hasLeftOne = false;

  constructor(chatId: number, options: AgendaOptions) {
    this.#chatId = chatId;
    this.#options = options;
  }

  async look(now: number): Promise<Offers> {
    const { calls, free } = await this.#classAfterClass(now);
    const left = this.#hasLeftOne && calls.has("again") ? await this.#leftBehind(now) : null;
    if (left) calls.set("again", { what: "card", task: await this.#plan(left, now) });
    // A board that was opened for what came later in this look counts what is to ring by itself before it, too.
    if (free?.what === "card" && free.task.gathering !== null)
      for (const [kind, work] of calls)
        if (work.what === "card" && work.task.gathering === null)
          calls.set(kind, { what: "card", task: await this.#plan(work.task.pending, now) });
    // A flood may go on for longer than anybody should wait for its board; what is put on it meanwhile is counted the next time.
    const isQuiet = this.#options.quietUntil(this.#chatId, now) !== null;
    const board = await this.#options.store.boards.next(this.#chatId, free === null ? now : now - GATHER_MS, isQuiet);
    if (board && (free === null || board.kind === "flood")) calls.set("board", { what: "board", board });
    return { calls, free };
  }

  /**
   * What follows a task in its order and needs no call either. Noted together, it comes out as it would one by one; but none of it opens a
   * board, which may take over what was put on another one before.
   */
  async likewise(task: Task, now: number): Promise<readonly Task[]> {
    const tasks: Task[] = [];
    for (let after = task.pending; tasks.length < MAX_LIKEWISE;) {
      const pending = await this.#options.store.cards.nextPending(this.#chatId, now, { after });
      const next = pending && (await this.#plan(pending, now, findBoard));
      if (!next || isCall(next)) break;
      tasks.push(next);
      after = next.pending;
    }
    return tasks;
  }

  /** Notes that a call was made. */
  made(kind: CallKind, shown: Showing): void {
    if (kind === "edit") this.#edits += 1;
    if (kind === "again") this.#hasLeftOne = shown.what === "card" && isNewMessage(shown.task);
  }

  /** Looks at the cards: what needs no call need not wait for what rings and is to wait for its turn. */
  async #classAfterClass(now: number): Promise<{ calls: Map<CallKind, Showing>; free: Settling | null }> {
    const calls = new Map<CallKind, Showing>();
    for (let below = Number.POSITIVE_INFINITY; below > 0;) {
      const pending = await this.#next(below, now);
      if (pending === null) break;
      below = nextClass(pending.rank);
      const task = await this.#plan(pending, now);
      const closed = isNewMessage(task) ? this.#options.reach.closed(task.pending.card.threadId) : null;
      if (closed !== null) return { calls, free: { what: "putOff", task, reason: closed } };
      if (!isCall(task)) return { calls, free: { what: "card", task } };
      if (!calls.has(kindOf(task))) calls.set(kindOf(task), { what: "card", task });
    }
    return { calls, free: null };
  }

  async #plan(pending: PendingCard, now: number): Promise<Task>;
  /** @returns `null`: a board is to be opened for it */
  async #plan(pending: PendingCard, now: number, find: typeof findBoard): Promise<Task | null>;
  async #plan(pending: PendingCard, now: number, find: typeof findBoard = assignToBoard): Promise<Task | null> {
    const { reach, quietUntil } = this.#options;
    const decision = decide(pending.alarm, pending.card);
    // What only answers a card wakes nobody, but for what may be critical now.
    if (decision.action === "say" && decision.reason !== "late" && quietUntil(this.#chatId, now) !== null) {
      return { pending, decision: { ...decision, isSilent: true }, gathering: null };
    }
    if (decision.action !== "send") return { pending, decision, gathering: null };
    const gathering = await find(pending, reach.outage(), now, this.#options);
    if (gathering !== null && !("boardId" in gathering)) return null;
    return { pending, decision: decide(pending.alarm, pending.card, gathering), gathering };
  }

  /** The most urgent card of a lower class; among edits, in turn, the one that waits longest. */
  async #next(below: number, now: number): Promise<PendingCard | null> {
    const { cards } = this.#options.store;
    const which = Number.isFinite(below) ? { below } : {};
    const first = await cards.nextPending(this.#chatId, now, which);
    if (first === null || first.rank >= RING_RANK || this.#edits % OLDEST_EVERY < OLDEST_EVERY - 1) return first;
    return cards.nextPending(this.#chatId, now, { isOldest: true });
  }

  /**
   * An old message without its last word. Each ring once more leaves one, and in a flood they would pile up behind its rings: every other of
   * those turns is for one. No more, as others may have left a hundred.
   */
  async #leftBehind(now: number): Promise<PendingCard | null> {
    const first = await this.#options.store.cards.nextPending(this.#chatId, now, { below: OUTDATED_RANK + 1 });
    return first?.rank === OUTDATED_RANK ? first : null;
  }
}

function kindOf({ decision, pending }: Task): CallKind {
  if (decision.action !== "send") return "edit";
  if (!breaksThrough(pending.alarm, decision.reason) || decision.isSilent) return "ring";
  return ringsFirst(pending.alarm, decision.reason) ? "critical" : "again";
}

/** Below which rank the next class of kinds begins: critical ones, those once more, what else rings, what does not ring. */
function nextClass(rank: number): number {
  if (rank >= CRITICAL_RING_RANK) return rank;
  return rank >= RING_RANK ? RING_RANK : 0;
}

/** Whether a task needs a call. */
const isCall = ({ decision: { action } }: Task): boolean => action !== "board" && action !== "none";

/** Whether the call that a task needs makes a message. */
export const isNewMessage = ({ decision: { action } }: Task): boolean => action === "send" || action === "say";
