import { isWorse } from "./lifecycle.ts";
import type { Alarm, Card } from "./types.ts";

/** Why a chat is shown something, or not; stored with each call and told by /why. */
export type Reason =
  | "first"
  | "returned"
  | "escalated"
  | "cleared"
  | "acknowledged"
  | "repeated"
  | "outdated"
  | "upToDate";

/** What to do so that one chat sees what it should see now. */
export type Decision =
  | { readonly action: "send"; readonly reason: Reason; readonly isSilent: boolean }
  | { readonly action: "edit"; readonly reason: Reason; readonly messageId: number }
  /** Says in the message that was the card before that the alarm went on in another one. */
  | { readonly action: "retire"; readonly reason: Reason; readonly messageId: number }
  | { readonly action: "none"; readonly reason: Reason };

/** The card after its decision was carried out; `messageId` is the message that shows it now. */
export function shownCard(alarm: Alarm, card: Card, decision: Decision, messageId: number | null): Card {
  if (decision.action === "retire") return { ...card, outdatedMessageId: null };
  const shown = { ...card, messageId, version: alarm.version, occurrence: alarm.occurrence };
  if (decision.action !== "send") return shown;
  return { ...shown, rungSeverity: alarm.peakSeverity, outdatedMessageId: card.messageId ?? card.outdatedMessageId };
}

/** Compares what a chat should see of an alarm with what its card last showed. */
export function decide(alarm: Alarm, card: Card): Decision {
  // Nothing to interrupt anybody for: it is information, or it is over already.
  const isSilent = alarm.severity === "info" || alarm.state === "cleared";

  // The chat has not seen this alarm at all.
  if (card.messageId === null) return { action: "send", reason: "first", isSilent };
  // It came again after it was over: an edit of an old message would be seen by nobody.
  if (card.occurrence < alarm.occurrence) return { action: "send", reason: "returned", isSilent };
  // It became worse than what the chat was rung for.
  if (alarm.state === "active" && isWorse(alarm.peakSeverity, card.rungSeverity)) {
    return { action: "send", reason: "escalated", isSilent };
  }
  // An old card that looks alive misleads.
  if (card.outdatedMessageId !== null) {
    return { action: "retire", reason: "outdated", messageId: card.outdatedMessageId };
  }
  // The card shows the alarm as it is.
  if (card.version >= alarm.version) return { action: "none", reason: "upToDate" };
  // The rest is progress of what the chat knows: the card follows silently.
  return { action: "edit", reason: progressOf(alarm), messageId: card.messageId };
}

function progressOf(alarm: Alarm): Reason {
  if (alarm.state === "cleared") return "cleared";
  const isNews = alarm.acknowledgedAt !== null && alarm.acknowledgedAt >= alarm.lastReceivedAt;
  return isNews ? "acknowledged" : "repeated";
}
