import { decide, type Decision } from "../alarms/decide.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { MAX_RETRY_MS, type PendingCard } from "../store/cards.ts";
import type { Store } from "../store/store.ts";
import { backoffMs, conclude, type Settled } from "./conclude.ts";
import type { Pace } from "./pace.ts";
import type { CardSender, Outcome } from "./types.ts";

/** What a lane needs of the store. */
export type CardStore = Pick<Store, "nextPending" | "nextRetryAt" | "settle">;

/** What the lanes of one dispatcher share. */
export interface LaneOptions {
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

  /** @returns how long until there may be work again; `null` if only a wake can tell */
  async function step(): Promise<number | null> {
    await unsettled?.();
    unsettled = null;
    const now = clock.now();
    const waitMs = Math.max(parkedUntil - clock.elapsed(), pace.waitMs(chatId));
    if (waitMs > 0) return waitMs;
    const pending = await store.nextPending(chatId, now);
    storeFailures = 0;
    if (pending) {
      await show(pending);
      return 0;
    }
    const retryAt = await store.nextRetryAt(chatId);
    return retryAt === null ? null : Math.min(MAX_RETRY_MS, Math.max(1, retryAt - now));
  }

  async function show(pending: PendingCard): Promise<void> {
    const decision = decide(pending.alarm, pending.card);
    let outcome = await call(pending, decision, false);
    if (outcome.kind === "markup") {
      log.error({ alarm: pending.alarm.id, reason: outcome.detail }, "markup refused; showing the card as plain text");
      outcome = await call(pending, decision, true);
    }
    if (outcome.kind === "migrated") return options.onMigrated(chatId, outcome.chatId);
    unsettled = settlement(pending, decision, outcome);
  }

  /** What is to be noted of a call, to be done until it has worked. */
  function settlement(pending: PendingCard, decision: Decision, outcome: Settled): () => Promise<void> {
    const now = clock.now();
    const { change, parkMs } = conclude(pending, decision, outcome, { now, serviceFailures });
    serviceFailures = outcome.kind === "unavailable" ? serviceFailures + 1 : 0;
    parkedUntil = clock.elapsed() + parkMs;
    const result = outcome.kind === "done" ? "ok" : `${outcome.kind}: ${outcome.detail}`;
    const { alarm } = pending;
    if (outcome.kind !== "done")
      log.warn({ chatId, alarm: alarm.id, action: decision.action, result, parkMs }, "card not shown");
    const { reason, action } = decision;
    const record = { alarmId: alarm.id, chatId, decidedAt: now, version: alarm.version, reason, action, result };
    let isSettled = false;
    return async () => {
      if (!isSettled) await store.settle(pending, change, record);
      isSettled = true;
      await noteReachable(outcome);
    };
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

  async function call({ alarm, card }: PendingCard, decision: Decision, isPlain: boolean): Promise<Outcome> {
    switch (decision.action) {
      case "send":
        return sender.send(chatId, alarm, { isSilent: decision.isSilent, isPlain, replyTo: card.messageId });
      case "edit":
        return sender.edit(chatId, decision.messageId, alarm, { isPlain });
      case "retire":
        return sender.retire(chatId, decision.messageId, alarm, { isPlain });
      case "none":
        return { kind: "done", messageId: card.messageId };
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
    },
  };
}
