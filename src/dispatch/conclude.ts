import { shownCard, type Decision, type Gathering } from "../alarms/decide.ts";
import { MAX_RETRY_MS, type PendingCard } from "../store/cards.ts";
import type { CardChange } from "../store/store.ts";
import type { Outcome } from "./types.ts";

/** An outcome of the chat that was asked; a migrated one is followed instead. */
export type Settled = Exclude<Outcome, { readonly kind: "migrated" }>;

/** What to do about a card. */
export interface Task {
  readonly pending: PendingCard;
  readonly decision: Decision;
  readonly gathering: Gathering | null;
}

/** What follows from a call: what to note of the card, and for how long to leave its whole chat alone. */
export interface Conclusion {
  readonly change: CardChange;
  readonly parkMs: number;
}

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
/** Rights in a group are given back without a word to us. */
export const PROBE_MS = 600_000;

/** 1 s, 2 s, 4 s … up to `maxMs`. */
export const backoffMs = (failures: number, maxMs = MAX_BACKOFF_MS): number =>
  Math.min(maxMs, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 20));

/**
 * The one place that decides whether, and when, a call for a card is made again.
 * @param state `serviceFailures`: calls that failed in a row before this one for want of the service, whatever the card
 */
export function conclude(
  { pending: { alarm, card, attempts }, decision, gathering }: Task,
  outcome: Settled,
  { now, serviceFailures }: { readonly now: number; readonly serviceFailures: number },
): Conclusion {
  const shown = (messageId: number | null): Conclusion => ({
    change: {
      kind: "shown",
      card: shownCard(alarm, card, decision, messageId, gathering),
      messageId: decision.action === "send" || decision.action === "say" ? messageId : null,
    },
    parkMs: 0,
  });
  const retry = (inMs: number, parkMs: number, refusal: string | null = null): Conclusion => ({
    change: { kind: "retry", retryAt: now + inMs, refusal },
    parkMs,
  });
  // What is only courtesy: an old message that cannot be edited needs no words any more, a reply can be done without.
  const isCourtesy = decision.action === "retire" || decision.action === "say";

  switch (outcome.kind) {
    case "done":
      return shown(outcome.messageId);
    case "limited":
      return retry(0, outcome.retryAfterMs);
    case "unavailable":
      return retry(backoffMs(attempts), backoffMs(serviceFailures));
    case "unreachable":
      return retry(0, PROBE_MS);
    case "gone":
      // A card that is not there is sent anew.
      return isCourtesy ? shown(null) : { change: { kind: "gone" }, parkMs: 0 };
    case "markup":
    case "tooLong":
    case "refused":
      if (isCourtesy) return shown(null);
      // What was never seen is worth asking for again, rarely; what is shown already waits for the next change.
      if (decision.action === "send") return retry(backoffMs(attempts, MAX_RETRY_MS), 0, outcome.detail);
      return { change: { kind: "refused", refusal: outcome.detail }, parkMs: 0 };
  }
}
