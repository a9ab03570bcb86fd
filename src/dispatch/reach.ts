import type { Clock } from "../lib/time/clock.ts";
import { backoffMs } from "../lib/backoff.ts";
import { PROBE_MS, type Settled } from "./conclude.ts";
import type { Outage } from "./gather.ts";
import { GENERAL, type Place } from "./types.ts";

/** Where a call went: the thread of its card or board, and whether it was to be a new message there. */
interface Target {
  readonly threadId: number | null;
  readonly isNew: boolean;
}

/** Whether a chat, and each thread in it, can be reached, as far as the calls of this run tell. */
export interface Reach {
  /** How long the chat is to be left alone; 0 if it need not be. */
  waitMs(): number;
  /** The newest stretch of time in which the chat could not be reached, the one before this run included. */
  outage(): Outage;
  /** Why nothing can be sent into a thread just now; `null`: as far as is known it can. */
  closed(threadId: number | null): string | null;
  /** Takes what came of a call. */
  note(outcome: Settled, target: Target): void;
  /** Tells whoever it concerns what is new about it; may be tried again. */
  tell(outcome: Settled, target: Target): Promise<void>;
  /** The service is back: nothing waits for it any more. */
  back(): void;
  /** The chat gave a sign of life. @returns whether it could not be reached, and is now worth a try */
  revive(): boolean;
}

/**
 * Takes that a chat, or one thread of it, cannot be reached (`reason`), or was reached for the first time in this run or since
 * (`null`). `threadId` is `null` for the whole chat, `GENERAL` for what has no thread.
 */
export type OnReachable = (place: Place, reason: string | null) => Promise<void>;

/** Begins to note how one chat can be reached. Nothing is known at first. */
export function createReach(
  chatId: number,
  { clock, onReachable }: { readonly clock: Clock; readonly onReachable: OnReachable },
): Reach {
  /** Calls that failed in a row for want of the service, whatever they were about. */
  let failures = 0;
  /** By the clock that nobody sets, as are the times of `shut`. */
  let parkedUntil = 0;
  const shut = new Map<number, { readonly reason: string; readonly until: number }>();
  // Before this run there was nobody to reach the chat.
  let outage: Outage = { fromAt: Number.NEGATIVE_INFINITY, untilAt: clock.now() };
  /** What was told in this run, of the chat (`null`) and its threads. */
  const told = new Map<number | null, boolean>();

  async function tellOnce(threadId: number | null, reason: string | null): Promise<void> {
    if (told.get(threadId) === (reason === null)) return;
    await onReachable({ chatId, threadId }, reason);
    told.set(threadId, reason === null);
  }

  /** For how long the whole chat is left alone. What Telegram asks to wait for is kept to with the pace. */
  function parkMsAfter(outcome: Settled): number {
    if (outcome.kind === "unavailable") return backoffMs(failures);
    return outcome.kind === "unreachable" ? PROBE_MS : 0;
  }

  return {
    waitMs: () => Math.max(0, parkedUntil - clock.elapsed()),
    outage() {
      // The clock was set back since it ended: what comes from now on would count as having come in it.
      const { untilAt } = outage;
      if (untilAt !== null && untilAt > clock.now()) outage = { ...outage, untilAt: clock.now() };
      return outage;
    },
    closed(threadId) {
      const found = shut.get(threadId ?? GENERAL);
      return found && found.until > clock.elapsed() ? found.reason : null;
    },
    note(outcome, { threadId, isNew }) {
      parkedUntil = clock.elapsed() + parkMsAfter(outcome);
      failures = outcome.kind === "unavailable" ? failures + 1 : 0;
      const thread = threadId ?? GENERAL;
      // The message that is edited may be an old one, in another thread than what is new goes to.
      if (outcome.kind === "closed" && isNew)
        shut.set(thread, { reason: outcome.detail, until: clock.elapsed() + PROBE_MS });
      if (outcome.kind === "done" && isNew) shut.delete(thread);
      const isAway = ["limited", "unavailable", "unreachable"].includes(outcome.kind);
      if (isAway && outage.untilAt !== null) outage = { fromAt: clock.now(), untilAt: null };
      if (!isAway && outage.untilAt === null) outage = { ...outage, untilAt: clock.now() };
    },
    async tell(outcome, { threadId, isNew }) {
      const thread = threadId ?? GENERAL;
      if (outcome.kind === "unreachable") await tellOnce(null, outcome.detail);
      if (outcome.kind === "closed" && isNew) await tellOnce(thread, outcome.detail);
      if (outcome.kind === "done") await tellOnce(null, null);
      if (outcome.kind === "done" && isNew) await tellOnce(thread, null);
    },
    back() {
      if (failures > 0) parkedUntil = 0;
      failures = 0;
    },
    revive() {
      if (told.get(null) !== false) return false;
      parkedUntil = 0;
      return true;
    },
  };
}
