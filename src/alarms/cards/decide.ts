import { hasGoneOn, isHeldOpen } from "../lifecycle/chatter.ts";
import type { Card, RingReason, FollowUp } from "../card.ts";
import type { Alarm, Severity } from "../types.ts";

/** Why a board stands for new cards. */
export type BoardKind =
  /** More new alarms than anybody can read. */
  | "flood"
  /** The chat sleeps: told together when it wakes. */
  | "quietHours"
  /** The chat could not be reached: told together when it can. */
  | "catchUp"
  /** Several came within seconds. */
  | "together"
  /** More reminders than anybody can read. */
  | "reminders"
  /** It stood at the broker when we listened there for the first time. */
  | "found";

/** Why a chat is shown something, or not; stored with each call and told by /why. */
export type Reason =
  | RingReason
  | FollowUp
  | BoardKind
  | "acknowledged"
  | "shelved"
  | "closed"
  | "reopened"
  | "repeated"
  | "chattering"
  | "repeating"
  | "pictured"
  | "outdated"
  | "upToDate";

/** What to do so that one chat sees what it should see now. */
export type Decision =
  | { readonly action: "send"; readonly reason: RingReason; readonly isSilent: boolean }
  | { readonly action: "edit"; readonly reason: Reason; readonly messageId: number }
  /** Says in the message that was the card before that the alarm went on in another one. */
  | { readonly action: "retire"; readonly reason: Reason; readonly messageId: number }
  /** Answers the card with a few words; `null`: a board stands for it, and they are a message of their own. */
  | { readonly action: "say"; readonly reason: FollowUp; readonly messageId: number | null; readonly isSilent: boolean }
  /** Puts it on the board that gathers, which follows it by itself from then on. */
  | { readonly action: "board"; readonly reason: BoardKind }
  | { readonly action: "none"; readonly reason: Reason };

/** The board that gathers what is new in a chat just now. */
export interface Gathering {
  readonly boardId: number;
  readonly kind: BoardKind;
}

/** Compares what a chat should see of an alarm with what its card last showed. */
export function decide(alarm: Alarm, card: Card, gathering: Gathering | null = null): Decision {
  const ring = dueRing(alarm, card);
  if (ring !== null) {
    if (gathering && (ring === "found" || !breaksThrough(alarm, ring))) return gathered(card, gathering);
    // Nothing to interrupt anybody for: it is information, it is over already, or nobody knows since when it stands.
    const isOver = alarm.state === "cleared" && !breaksThrough(alarm, ring) && ring !== "wentUnseen";
    const isSilent = severityOfRing(alarm, ring) === "info" || isOver || ring === "found";
    return { action: "send", reason: ring, isSilent };
  }
  // Somebody was quicker than the escalation to this chat.
  if (card.messageId === null && card.boardId === null) return { action: "none", reason: "upToDate" };
  const [outdated] = card.outdatedMessageIds;
  const retire: Decision | null =
    outdated === undefined ? null : { action: "retire", reason: "outdated", messageId: outdated };
  // Progress of what the chat knows: the card follows silently. A board that stands for it need not be asked: see `boardOf`.
  if (card.version < alarm.version && card.messageId !== null) {
    const reason = progressOf(alarm);
    return retire && flickers(alarm, reason) ? retire : { action: "edit", reason, messageId: card.messageId };
  }
  const followUp = card.messageId === null && card.followUp !== "late" ? null : dueFollowUp(alarm, card);
  if (followUp !== null) {
    return { action: "say", reason: followUp, messageId: card.messageId, isSilent: !soundsOut(alarm, followUp) };
  }
  if (card.isPictureDue && card.messageId !== null) {
    return { action: "edit", reason: "pictured", messageId: card.messageId };
  }
  // An old card that looks alive misleads; but whoever looks at the newest first is told more.
  return retire ?? { action: "none", reason: "upToDate" };
}

/** Whether progress will be another one in a moment: of an alarm that comes and goes. An old message's last word goes before it. */
export const flickers = ({ handling }: Alarm, reason: Reason): boolean =>
  reason === "chattering" || (handling.repeats.isQuiet && (reason === "repeating" || reason === "cleared"));

/**
 * A card that is to ring goes on the board. Where that is shown only at the end of quiet hours, the message that is there stays in use
 * until then: it says silently how it is, and can be acknowledged.
 */
const gathered = ({ messageId }: Card, { kind }: Gathering): Decision =>
  kind === "quietHours" && messageId !== null
    ? { action: "edit", reason: kind, messageId }
    : { action: "board", reason: kind };

/** The severity that a ring tells: news has the severity of what happened, a reminder that of now. */
export function severityOfRing({ severity, peakSeverity, handling }: Alarm, reason: RingReason): Severity {
  if (reason === "first" || reason === "found" || reason === "returned" || reason === "wentUnseen") return peakSeverity;
  return reason === "escalated" ? (handling.rise?.to ?? peakSeverity) : severity;
}

/**
 * Whether a ring is a message of its own, also in floods and quiet hours: for an alarm that is critical, or was critical and came and
 * went before anybody saw it.
 */
export const breaksThrough = (alarm: Alarm, reason: RingReason): boolean =>
  severityOfRing(alarm, reason) === "critical" && (alarm.state === "active" || alarm.handling.returned !== null);

/** The ring that is due, if it still makes sense: what was to ring may be over, or seen, by now. */
function dueRing(alarm: Alarm, card: Card): RingReason | null {
  const isWaiting = alarm.state === "active" && alarm.handling.shelf === null;
  // The chat has not seen this alarm at all, or its message is gone.
  if (card.messageId === null && card.boardId === null) {
    if (card.version > 0) return card.ringReason;
    if (card.ringReason === "found") return "found";
    if (card.ringReason !== "passedOn") return "first";
  }
  if (card.rings <= card.rung) return null;
  switch (card.ringReason) {
    case "first":
    case "found":
      return card.ringReason;
    case "returned":
      // What went on to chatter before this could be told was heard of often enough: its message, or the board, says so.
      return hasGoneOn(alarm) && (card.messageId !== null || card.boardId !== null) ? null : "returned";
    case "escalated":
      return isWaiting || (alarm.state === "cleared" && breaksThrough(alarm, "escalated")) ? "escalated" : null;
    case "unshelved":
      return isWaiting ? "unshelved" : null;
    case "reminder":
    case "passedOn":
      return isWaiting && alarm.acknowledgedAt === null ? card.ringReason : null;
    case "wentUnseen":
      return alarm.handling.returned !== null ? "wentUnseen" : null;
    case "owner":
      return isWaiting && alarm.acknowledgedAt !== null ? card.ringReason : null;
  }
}

/** Whether a reply is heard: the end of what rang as critical, that nobody has acknowledged; once for what comes and goes. */
function soundsOut({ peakSeverity, severity, acknowledgedAt, handling }: Alarm, followUp: FollowUp): boolean {
  if (followUp === "shelfEnding") return severity === "critical";
  if (followUp === "late") return true;
  return peakSeverity === "critical" && acknowledgedAt === null && handling.starts.length <= 1;
}

function dueFollowUp(alarm: Alarm, { followUp }: Card): FollowUp | null {
  if (followUp === "cleared") return alarm.state === "cleared" ? followUp : null;
  // What is newer has come meanwhile.
  if (followUp === "late") return alarm.handling.lagging?.doubt === "critical" ? followUp : null;
  return followUp !== null && alarm.handling.shelf !== null ? followUp : null;
}

function progressOf(alarm: Alarm): Reason {
  const { closing, reopening } = alarm.handling;
  if (alarm.state === "cleared") return closing === null ? "cleared" : "closed";
  if ((alarm.handling.shelf?.at ?? 0) >= alarm.lastReceivedAt) return "shelved";
  const isNews = alarm.acknowledgedAt !== null && alarm.acknowledgedAt >= alarm.lastReceivedAt;
  if (isNews) return "acknowledged";
  if ((reopening?.at ?? 0) >= alarm.lastReceivedAt) return "reopened";
  if (isHeldOpen(alarm)) return "chattering";
  return alarm.handling.repeats.isQuiet ? "repeating" : "repeated";
}
