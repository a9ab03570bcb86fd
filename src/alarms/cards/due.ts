import { breaksThrough, decide, flickers, severityOfRing, type Reason } from "./decide.ts";
import type { Card, Notification, RingReason } from "../card.ts";
import { rankOf, type Alarm } from "../types.ts";

/** What rings goes before what is only edited: the ranks of rings begin here, those of everything else end below. */
export const RING_RANK = 10;
/** From this rank on, a card is to ring for what is critical. */
export const CRITICAL_RING_RANK = RING_RANK + rankOf("critical");
/** A critical alarm that nobody was told of just now goes before all others. */
export const HIGHEST_RANK = CRITICAL_RING_RANK + 1;

/** That something is to be done for a card. */
export interface Due {
  /** What is higher goes first; see `RING_RANK`. */
  readonly rank: number;
}

/**
 * Whether something is to be done for a card, and how urgently; `null`: nothing. It is so exactly if `decide` has something to
 * do: this is the one place that says whether a card waits, and the store only keeps the answer beside the card.
 */
export function dueOf(alarm: Alarm, card: Card): Due | null {
  const decision = decide(alarm, card);
  switch (decision.action) {
    case "none":
    // None gathers here.
    case "board":
      return null;
    case "send":
      return {
        rank: ringsFirst(alarm, decision.reason)
          ? HIGHEST_RANK
          : RING_RANK + rankOf(severityOfRing(alarm, decision.reason)),
      };
    case "edit":
      return { rank: rankOfEdit(decision.reason, alarm) };
    case "say":
      return { rank: EDIT_RANKS.followUp };
    case "retire":
      return { rank: EDIT_RANKS.outdated };
  }
}

/**
 * The board that stands for a card, which has no message of its own; `null`: none does, or it is to ring. A board shows each alarm as it is by
 * then, so nothing is due for the card when its alarm goes on: only the board is to be shown anew.
 */
export const boardOf = (alarm: Alarm, card: Card): number | null =>
  card.messageId === null && decide(alarm, card).action !== "send" ? card.boardId : null;

/**
 * Whether a ring goes before all that waits. A critical alarm that comes and goes rings each time, too, but the first of them must not wait
 * behind the tenth time of another one.
 */
export const ringsFirst = (alarm: Alarm, reason: RingReason): boolean =>
  breaksThrough(alarm, reason) && reason !== "found" && !(reason === "returned" && alarm.handling.starts.length > 1);

/**
 * What tells more goes first: that it is over or in somebody's hands, then that it is said, that it came once more, a picture, an old
 * message, which says its last word. What comes and goes is another one in a moment.
 */
const EDIT_RANKS = { turned: 6, followUp: 5, repeated: 2, pictured: 2, outdated: 1, flickers: 0 } as const;
/** That of an old message which is to say that its alarm went on below. */
export const OUTDATED_RANK = EDIT_RANKS.outdated;

function rankOfEdit(reason: Reason, alarm: Alarm): number {
  if (reason === "pictured") return EDIT_RANKS.pictured;
  if (flickers(alarm, reason)) return EDIT_RANKS.flickers;
  return (reason === "repeated" ? EDIT_RANKS.repeated : EDIT_RANKS.turned) + rankOf(alarm.peakSeverity);
}

/** The card of a chat that is told of an alarm for the first time. */
export const newCard = (
  alarmId: number,
  to: { readonly chatId: number; readonly threadId: number | null },
  ring: RingReason | null,
): Card => ({
  alarmId,
  chatId: to.chatId,
  threadId: to.threadId,
  messageId: null,
  outdatedMessageIds: [],
  isPictureDue: false,
  boardId: null,
  version: 0,
  rings: 1,
  rung: 0,
  ringReason: ring ?? "first",
  followUp: null,
});

/** The card of a chat that is told of something new; its next message goes into the thread to which routes send it now. */
export function toldCard(
  before: Card,
  threadId: number | null,
  { ring, followUp }: Pick<Notification, "ring" | "followUp">,
): Card {
  // A chat that was passed over, as somebody was quicker or put it aside, is told when that holds no more.
  const card = wasNeverShown(before) ? { ...before, rung: 0 } : before;
  const waits = card.rings > card.rung;
  const isNewToTell = waits && (card.ringReason === "first" || card.ringReason === "returned");
  // What happened is told: what only reminds of it does not take its place.
  const isStillToTell = isNewToTell || (waits && card.ringReason === "escalated" && ring !== "returned");
  if (ring !== null) {
    const ringReason = isStillToTell ? card.ringReason : ring;
    return { ...card, threadId, rings: card.rings + 1, ringReason, followUp: null };
  }
  return {
    ...card,
    threadId: card.messageId === null ? threadId : card.threadId,
    // A card that is being sent as it was before is answered when it is there; one that only waits will say it itself.
    followUp: followUp ?? card.followUp,
  };
}

const wasNeverShown = ({ version, messageId, boardId }: Card): boolean =>
  version === 0 && messageId === null && boardId === null;

/** The card as it is kept after a call: what the call showed, and what it was to tell meanwhile. */
export const cardAfterCall = (kept: Card, before: Card, shown: Card): Card => ({
  ...kept,
  messageId: shown.messageId,
  outdatedMessageIds: shown.outdatedMessageIds,
  boardId: shown.boardId,
  version: shown.version,
  rung: shown.rung,
  followUp: kept.followUp === before.followUp ? shown.followUp : kept.followUp,
  isPictureDue: before.isPictureDue && !shown.isPictureDue ? false : kept.isPictureDue,
});
