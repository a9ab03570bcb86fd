import type { FollowUp, RingReason } from "../alarms/card.ts";
import type { Alarm } from "../alarms/types.ts";
import type { BoardContent } from "../store/alarms/board-content.ts";
import type { Board } from "../store/alarms/board-rows.ts";

/** What became of one call to the chat service, in the terms that decide what to do next. */
export type Outcome =
  /** `isAsBefore`: the message shows just that already, so that nothing was changed. */
  | { readonly kind: "done"; readonly messageId: number | null; readonly isAsBefore?: true }
  /** Asked to wait; who looks at every call tells the pace, which keeps to it exactly (pace.ts). */
  | { readonly kind: "limited"; readonly retryAfterMs: number; readonly detail: string }
  /** Network, 5xx, a body that is no answer: not our fault; try again, for ever. The call may have been applied. */
  | { readonly kind: "unavailable"; readonly detail: string }
  /** The markup was not understood: the same as plain text will do. */
  | { readonly kind: "markup"; readonly detail: string }
  /** It is longer than the service takes: a shorter model will do. */
  | { readonly kind: "tooLong"; readonly detail: string }
  /** The message to edit is not there any more. */
  | { readonly kind: "gone"; readonly detail: string }
  /** The group became a supergroup, under another id. */
  | { readonly kind: "migrated"; readonly chatId: number; readonly detail: string }
  /** The chat threw us out, blocked us, or is not there: nothing can be shown in it until it says so itself. */
  | { readonly kind: "unreachable"; readonly detail: string }
  /** The thread was closed or deleted: nothing new can be shown in it; the rest of the chat goes on. */
  | { readonly kind: "closed"; readonly detail: string }
  /** This message is refused for good. */
  | { readonly kind: "refused"; readonly detail: string };

/** Whether a call counts against the pace of its chat: it did what it was asked for, or may have. What is refused costs nothing. */
export const isSpent = (outcome: Outcome): boolean =>
  outcome.kind === "unavailable" || (outcome.kind === "done" && outcome.isAsBefore !== true);

/** How much of a message is made: what the service did not take is made again with less. */
export type Form = "full" | "plain" | "short";

/** A chat, and the thread of a forum group. */
export interface Place {
  readonly chatId: number;
  readonly threadId: number | null;
}

/** A forum's first thread, which a message without a thread goes to; calls must not name it (Bot API: “message thread not found”). */
export const GENERAL = 1;

/** The chat edge, as the dispatcher needs it. Never throws: every failure is an outcome. */
export interface CardSender {
  /** @param how `replyTo`: the message that was the card before, if there is one; `reason`: why it rings */
  send(
    place: Place,
    alarm: Alarm,
    how: {
      readonly isSilent: boolean;
      readonly form: Form;
      readonly replyTo: number | null;
      readonly reason: RingReason;
    },
  ): Promise<Outcome>;
  edit(chatId: number, messageId: number, alarm: Alarm, how: { readonly form: Form }): Promise<Outcome>;
  /** Says in an old message that the alarm went on in a newer one. */
  retire(chatId: number, messageId: number, alarm: Alarm, how: { readonly form: Form }): Promise<Outcome>;
  /** Answers a card with a few words. @param messageId `null`: it has no message of its own */
  say(
    place: Place,
    messageId: number | null,
    alarm: Alarm,
    what: { readonly followUp: FollowUp; readonly isSilent: boolean; readonly form: Form },
  ): Promise<Outcome>;
  /** Shows a board, in its message if it has one. */
  showBoard(board: Board, content: BoardContent, how: { readonly form: Form }): Promise<Outcome>;
  /** Pins or unpins a board's message, where the bot may; whether that worked does not matter. */
  pin(chatId: number, messageId: number, isPinned: boolean): Promise<void>;
}
