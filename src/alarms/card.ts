/** What a chat is shown of an alarm, and is to be told. */

/** Why a card rings. */
export const RING_REASONS = [
  "first",
  /** It stood at the broker when we listened there for the first time: told together with its like, and silently. */
  "found",
  "returned",
  "escalated",
  /** Nobody has acknowledged it. */
  "reminder",
  /** Nobody has acknowledged it, so the next one is told. */
  "passedOn",
  /** Its owner is reminded that it is still active. */
  "owner",
  /** It was shelved, and is still active. */
  "unshelved",
  /** It is over, and nobody has acknowledged it. */
  "wentUnseen",
] as const;
export type RingReason = (typeof RING_REASONS)[number];

/** The rings that tell something new of an alarm: all others only remind of it. */
export const NEWS: readonly RingReason[] = ["first", "returned", "escalated"];

/** What a short reply to a card says. */
export type FollowUp = "cleared" | "shelfEnding" | "late";

/** What the chats are to be told of a change, beyond a silent edit. */
export interface Notification {
  readonly ring: RingReason | null;
  /** The chats that it rings in; `null`: all that are told of the alarm. */
  readonly ringsIn: readonly number[] | null;
  readonly followUp: FollowUp | null;
}

/** What one chat was last shown for one alarm, and what it is still to be told. */
export interface Card {
  readonly alarmId: number;
  readonly chatId: number;
  /** The thread of a forum group. */
  readonly threadId: number | null;
  /** The Telegram message that is the card now; `null`: none was sent, or a board stands for it. */
  readonly messageId: number | null;
  /** The messages that were the card before, and do not say yet that the alarm went on in another one; oldest first. */
  readonly outdatedMessageIds: readonly number[];
  /** Whether a picture was drawn that is to be put into the message. */
  readonly isPictureDue: boolean;
  /** The board that it is on, if any. */
  readonly boardId: number | null;
  /** `Alarm.version` that it shows, or did when it came on a board; 0: none yet. */
  readonly version: number;
  /** How often it was to ring, how often it has rung, and why it is to ring when these differ. */
  readonly rings: number;
  readonly rung: number;
  readonly ringReason: RingReason;
  /** A short reply that is still owed. */
  readonly followUp: FollowUp | null;
}
