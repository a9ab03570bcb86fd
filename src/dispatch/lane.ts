import { decide, shownCard, type Decision } from "../alarms/decide.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { PendingCard } from "../store/cards.ts";
import type { CardChange, Store } from "../store/store.ts";
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
  /** Nothing can be shown in the chat. */
  readonly onUnreachable: (chatId: number, detail: string) => Promise<void>;
}

/** The cards of one chat, one call after the other, so that no chat ever waits for another. */
export interface Lane {
  /** Says that there may be work; cheap, and never lost. */
  wake(): void;
  /** Says that the chat can be reached again. @returns whether it could not */
  revive(): boolean;
  /** Resolves when the call under way, if any, is settled. */
  stop(): Promise<void>;
}

type Settled = Exclude<Outcome, { readonly kind: "migrated" }>;

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

/** 1 s, 2 s, 4 s … 60 s. */
const backoffMs = (failures: number): number =>
  Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10));

/** Creates the lane of one chat. It does nothing until it is woken. */
export function createLane(chatId: number, options: LaneOptions): Lane {
  const { store, sender, pace, clock, log } = options;
  let running: Promise<void> | null = null;
  let isAwaken = false;
  let isStopped = false;
  let cancelTimer: (() => void) | null = null;
  /** Calls that failed in a row for want of the service, whatever the card. */
  let failures = 0;
  let parkedUntil = 0;
  /** Cards wait while it is; after a restart one call finds out anew. */
  let isUnreachable = false;

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
        log.error({ err: error, chatId }, "card not settled; it will be looked at again");
        return backoffMs(0);
      });
    }
    if (waitMs) cancelTimer = clock.after(waitMs, wake);
  }

  /** @returns how long until there may be work again; `null` if only a wake can tell */
  async function step(): Promise<number | null> {
    if (isUnreachable) return null;
    const now = clock.now();
    const waitMs = Math.max(parkedUntil - now, pace.waitMs(chatId));
    if (waitMs > 0) return waitMs;
    const pending = await store.nextPending(chatId, now);
    if (pending) {
      await show(pending);
      return 0;
    }
    const retryAt = await store.nextRetryAt(chatId);
    return retryAt === null ? null : Math.max(1, retryAt - now);
  }

  async function show(pending: PendingCard): Promise<void> {
    const decision = decide(pending.alarm, pending.card);
    let outcome = await call(pending, decision, false);
    if (outcome.kind === "markup") {
      log.error({ alarm: pending.alarm.id, reason: outcome.detail }, "markup refused; showing the card as plain text");
      outcome = await call(pending, decision, true);
    }
    if (outcome.kind === "migrated") return options.onMigrated(chatId, outcome.chatId);
    if (outcome.kind === "unreachable") isUnreachable = true;
    const change = conclude(pending, decision, outcome);
    await store.settle(pending, change, {
      alarmId: pending.alarm.id,
      chatId,
      decidedAt: clock.now(),
      version: pending.alarm.version,
      reason: decision.reason,
      action: decision.action,
      result: outcome.kind === "done" ? "ok" : `${outcome.kind}: ${outcome.detail}`,
    });
    if (outcome.kind === "unreachable") await options.onUnreachable(chatId, outcome.detail);
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

  /** The one place that decides whether, and when, a call is made again. */
  function conclude({ alarm, card, attempts }: PendingCard, decision: Decision, outcome: Settled): CardChange {
    const now = clock.now();
    if (outcome.kind !== "unavailable") failures = 0;
    switch (outcome.kind) {
      case "done":
        return { kind: "shown", card: shownCard(alarm, card, decision, outcome.messageId) };
      case "limited":
        parkedUntil = now + outcome.retryAfterMs;
        log.warn({ chatId, retryAfterMs: outcome.retryAfterMs }, "Telegram asks to wait");
        return { kind: "retry", retryAt: parkedUntil };
      case "unavailable":
        parkedUntil = now + backoffMs(failures++);
        log.warn({ chatId, reason: outcome.detail, retryAt: parkedUntil }, "Telegram not available");
        return { kind: "retry", retryAt: now + backoffMs(attempts) };
      case "unreachable":
        log.error({ chatId, reason: outcome.detail }, "chat cannot be reached");
        return { kind: "retry", retryAt: now };
      case "gone":
        // An old message that is not there needs no words any more; a card that is not there is sent anew.
        return decision.action === "retire"
          ? { kind: "shown", card: shownCard(alarm, card, decision, null) }
          : { kind: "gone" };
      case "markup":
      case "refused":
        if (decision.action === "retire") return { kind: "shown", card: shownCard(alarm, card, decision, null) };
        log.error({ chatId, alarm: alarm.id, reason: outcome.detail }, "Telegram refuses the card");
        return { kind: "refused", refusal: outcome.detail };
    }
  }

  return {
    wake,
    revive() {
      const wasUnreachable = isUnreachable;
      isUnreachable = false;
      if (wasUnreachable) wake();
      return wasUnreachable;
    },
    async stop() {
      isStopped = true;
      cancelTimer?.();
      await running;
    },
  };
}
