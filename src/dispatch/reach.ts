import type { Clock } from "../lib/time/clock.ts";
import { backoffMs } from "../lib/backoff.ts";
import { PROBE_MS, type Settled } from "./after-call.ts";
import type { Outage } from "./assign-to-board.ts";
import { GENERAL, type Place } from "./types.ts";

/** Where a call went: the thread of its card or board, and whether it was to be a new message there. */
interface CallTarget {
  readonly threadId: number | null;
  readonly isNew: boolean;
}

const AWAY: ReadonlySet<Settled["kind"]> = new Set(["limited", "unavailable", "unreachable"]);

/**
 * Takes that a chat, or one thread of it, cannot be reached (`reason`), or was reached for the first time in this run or since
 * (`null`). `threadId` is `null` for the whole chat, `GENERAL` for what has no thread.
 */
export type OnReachable = (place: Place, reason: string | null) => Promise<void>;

/** Whether a chat, and each thread in it, can be reached, as far as the calls of this run tell. Nothing is known at first. */
export class Reach {
  readonly #chatId: number;
  readonly #clock: Clock;
  readonly #onReachable: OnReachable;
  /** Calls that failed in a row for want of the service, whatever they were about. */
  #failures = 0;
  /** By the clock that nobody sets, as are the times of `#shut`. */
  #parkedUntil = 0;
  readonly #shut = new Map<number, { readonly reason: string; readonly until: number }>();
  #outage: Outage;
  /** The chat could not be reached when it was called last; others may not have been told of it yet. */
  #isLost = false;
  /** What was told in this run, of the chat (`null`) and its threads. */
  readonly #told = new Map<number | null, boolean>();

  constructor(chatId: number, options: { readonly clock: Clock; readonly onReachable: OnReachable }) {
    this.#chatId = chatId;
    this.#clock = options.clock;
    this.#onReachable = options.onReachable;
    // Before this run there was nobody to reach the chat.
    this.#outage = { fromAt: Number.NEGATIVE_INFINITY, untilAt: this.#clock.now() };
  }

  /** How long the chat is to be left alone; 0 if it need not be. */
  waitMs(): number {
    return Math.max(0, this.#parkedUntil - this.#clock.elapsed());
  }

  /** The newest stretch of time in which the chat could not be reached, the one before this run included. */
  outage(): Outage {
    // The clock was set back since it ended: what comes from now on would count as having come in it.
    const { untilAt } = this.#outage;
    if (untilAt !== null && untilAt > this.#clock.now()) this.#outage = { ...this.#outage, untilAt: this.#clock.now() };
    return this.#outage;
  }

  /** Why nothing can be sent into a thread just now; `null`: as far as is known it can. */
  closed(threadId: number | null): string | null {
    const found = this.#shut.get(threadId ?? GENERAL);
    return found && found.until > this.#clock.elapsed() ? found.reason : null;
  }

  /** Takes what came of a call. */
  note(outcome: Settled, { threadId, isNew }: CallTarget): void {
    const elapsed = this.#clock.elapsed();
    this.#parkedUntil = elapsed + this.#parkMsAfter(outcome);
    this.#failures = outcome.kind === "unavailable" ? this.#failures + 1 : 0;
    const thread = threadId ?? GENERAL;
    // The message that is edited may be an old one, in another thread than what is new goes to.
    if (outcome.kind === "closed" && isNew)
      this.#shut.set(thread, { reason: outcome.detail, until: elapsed + PROBE_MS });
    if (outcome.kind === "done" && isNew) this.#shut.delete(thread);
    if (outcome.kind === "unreachable") this.#isLost = true;
    else if (outcome.kind === "done") this.#isLost = false;
    const isAway = AWAY.has(outcome.kind);
    if (isAway && this.#outage.untilAt !== null) this.#outage = { fromAt: this.#clock.now(), untilAt: null };
    if (!isAway && this.#outage.untilAt === null) this.#outage = { ...this.#outage, untilAt: this.#clock.now() };
  }

  /** Tells whoever it concerns what is new about it; may be tried again. */
  async tell(outcome: Settled, { threadId, isNew }: CallTarget): Promise<void> {
    const thread = threadId ?? GENERAL;
    if (outcome.kind === "unreachable") await this.#tellOnce(null, outcome.detail);
    if (outcome.kind === "closed" && isNew) await this.#tellOnce(thread, outcome.detail);
    if (outcome.kind === "done") await this.#tellOnce(null, null);
    if (outcome.kind === "done" && isNew) await this.#tellOnce(thread, null);
  }

  /** The service is back: nothing waits for it any more. */
  back(): void {
    if (this.#failures > 0) this.#parkedUntil = 0;
    this.#failures = 0;
  }

  /** The chat gave a sign of life. @returns whether it could not be reached, and is now worth a try */
  revive(): boolean {
    if (!this.#isLost) return false;
    this.#parkedUntil = 0;
    return true;
  }

  /** The chat gets nothing any more: if it does again, all is found out, and told, anew. */
  forget(): void {
    [this.#parkedUntil, this.#isLost] = [0, false];
    this.#shut.clear();
    this.#told.clear();
  }

  async #tellOnce(threadId: number | null, reason: string | null): Promise<void> {
    if (this.#told.get(threadId) === (reason === null)) return;
    await this.#onReachable({ chatId: this.#chatId, threadId }, reason);
    this.#told.set(threadId, reason === null);
  }

  /** For how long the whole chat is left alone. What Telegram asks to wait for is kept to with the pace. */
  #parkMsAfter(outcome: Settled): number {
    if (outcome.kind === "unavailable") return backoffMs(this.#failures);
    return outcome.kind === "unreachable" ? PROBE_MS : 0;
  }
}
