import type { Card } from "../card.ts";
import type { Alarm } from "../types.ts";
import type { Decision, Gathering } from "./decide.ts";

/** The card after its decision was carried out; `messageId` is the message that shows it now. */
export function shownCard(
  alarm: Alarm,
  card: Card,
  decision: Decision,
  messageId: number | null,
  gathering: Gathering | null = null,
): Card {
  switch (decision.action) {
    case "retire":
      return { ...card, outdatedMessageIds: card.outdatedMessageIds.slice(1) };
    case "say":
      return { ...card, followUp: null };
    case "send":
      return {
        ...card,
        messageId,
        outdatedMessageIds: outdatedWith(card),
        boardId: gathering?.boardId ?? card.boardId,
        version: alarm.version,
        rung: card.rings,
        // It says itself what there is to say.
        followUp: null,
        isPictureDue: false,
      };
    case "board":
      return {
        ...card,
        boardId: gathering?.boardId ?? card.boardId,
        // What was told by a card of its own before goes on on the board.
        messageId: null,
        outdatedMessageIds: outdatedWith(card),
        version: alarm.version,
        rung: card.rings,
        // No board tells that something may be critical now.
        followUp: card.followUp === "late" ? card.followUp : null,
        isPictureDue: false,
      };
    case "edit":
      return {
        ...card,
        messageId,
        boardId: gathering?.boardId ?? card.boardId,
        version: alarm.version,
        rung: card.rings,
        isPictureDue: false,
      };
    case "none":
      return restingCard(card);
  }
}

/** The card with nothing left to do: a ring or a reply that was due makes no sense any more. */
export const restingCard = (card: Card): Card => ({ ...card, rung: card.rings, followUp: null, isPictureDue: false });

const outdatedWith = ({ outdatedMessageIds, messageId }: Card): readonly number[] =>
  messageId === null ? outdatedMessageIds : [...outdatedMessageIds, messageId];
