import type { Card } from "../alarms/card.ts";
import { shownCard } from "../alarms/cards/shown-card.ts";
import { type Decision, type Gathering } from "../alarms/cards/decide.ts";
import type { Alarm } from "../alarms/types.ts";
import { MAX_RETRY_MS } from "../store/alarms/card-waits.ts";
import type { CardChange, DecisionRecord } from "../store/alarms/decisions.ts";
import type { PendingCard } from "../store/alarms/pending.ts";
import { backoffMs, SOON, type Backoff } from "../lib/backoff.ts";
import type { Outcome } from "./types.ts";

/** An outcome of the chat that was asked; a migrated one is followed instead. */
export type Settled = Exclude<Outcome, { readonly kind: "migrated" }>;

/** What to do about a card. */
export interface Task {
  readonly pending: PendingCard;
  readonly decision: Decision;
  readonly gathering: Gathering | null;
}

/** What is refused of a card is asked for more and more rarely. */
export const REFUSED: Backoff = { ...SOON, mostMs: MAX_RETRY_MS };
/** Telegram does not tell us when rights in a group are given back, or a thread is opened again. */
export const PROBE_MS = 600_000;

const LEFT: ReadonlySet<Settled["kind"]> = new Set(["gone", "closed", "markup", "tooLong", "refused"]);

/** The one place that decides whether, and when, a call for a card is made again; reach.ts tells when its chat is called again. */
export function changeAfterCall(
  { pending: { alarm, card, attempts }, decision, gathering }: Task,
  outcome: Settled,
  now: number,
): CardChange {
  const shown = (messageId: number | null): CardChange => ({
    kind: "shown",
    card: shownCard(alarm, card, decision, messageId, gathering),
    messageId: decision.action === "send" || decision.action === "say" ? messageId : null,
  });
  const retry = (inMs: number, refusal: string | null = null): CardChange => ({
    kind: "retry",
    retryAt: now + inMs,
    isFailure: true,
    refusal,
  });
  // What was never seen is worth asking for again, rarely.
  const retryRefused = ({ detail }: Settled & { readonly detail: string }): CardChange =>
    retry(backoffMs(attempts, REFUSED), detail);
  // What is only courtesy: an old message that cannot be edited needs no words any more, a reply can be done without.
  const isCourtesy = decision.action === "retire" || decision.action === "say";
  // A message that cannot be kept in use in quiet hours is left; the board has the alarm.
  if (decision.action === "edit" && gathering !== null && LEFT.has(outcome.kind)) {
    const left: Decision = { action: "board", reason: gathering.kind };
    return { kind: "shown", card: shownCard(alarm, card, left, null, gathering), messageId: null };
  }

  switch (outcome.kind) {
    case "done":
      return shown(outcome.messageId);
    case "limited":
    case "unreachable":
      // The chat is left alone for a while; that is no failure of the card whose turn it was.
      return { kind: "retry", retryAt: now, isFailure: false, refusal: null };
    case "unavailable":
      return retry(backoffMs(attempts));
    case "closed":
      // Words that come when it is open again come too late; an old card that looks alive misleads for as long as it stands. But the
      // newer one, which may be in another thread, is not to wait behind it.
      return decision.action === "say" || (decision.action === "retire" && isEditDue(alarm, card))
        ? shown(null)
        : // What is refused of an old message says nothing of the card.
          retry(PROBE_MS, decision.action === "retire" ? null : outcome.detail);
    case "gone":
      if (isCourtesy) return shown(null);
      // A card that is not there is sent anew; what was to be new, and answered nothing, cannot be gone.
      return card.messageId === null ? retryRefused(outcome) : { kind: "gone" };
    case "markup":
    case "tooLong":
    case "refused":
      if (isCourtesy) return shown(null);
      // What is shown already waits for the next change.
      if (decision.action === "send") return retryRefused(outcome);
      return {
        kind: "refused",
        card: shownCard(alarm, card, decision, card.messageId, gathering),
        refusal: outcome.detail,
      };
  }
}

/** Whether the message that is the card now is to be brought up to date. */
const isEditDue = ({ version }: Alarm, card: Card): boolean => card.messageId !== null && card.version < version;

/** A card that is decided again and again without a call is parked for the longest wait that there is. */
export const parked = (now: number): CardChange => ({
  kind: "retry",
  retryAt: now + MAX_RETRY_MS,
  isFailure: true,
  refusal: null,
});

/** What came of a call, in words. */
export const resultOf = (outcome: Settled, decision?: Task["decision"]): string => {
  if (outcome.kind !== "done") return `${outcome.kind}: ${outcome.detail}`;
  return decision && "isSilent" in decision && decision.isSilent ? "silent" : "ok";
};

/** The line that /why tells. */
export const recordOf = (
  { pending: { alarm, card }, decision: { reason, action } }: Task,
  result: string,
  decidedAt: number,
): DecisionRecord => ({
  alarmId: alarm.id,
  chatId: card.chatId,
  decidedAt,
  version: alarm.version,
  reason,
  action,
  result,
});
