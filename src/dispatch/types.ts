import type { Alarm } from "../alarms/types.ts";

/** What became of one call to the chat service, in the terms that decide what to do next. */
export type Outcome =
  | { readonly kind: "done"; readonly messageId: number | null }
  /** Asked to wait; obeyed exactly. */
  | { readonly kind: "limited"; readonly retryAfterMs: number; readonly detail: string }
  /** Network, 5xx, a body that is no answer: nobody's fault here; try again, for ever. It may have been applied. */
  | { readonly kind: "unavailable"; readonly detail: string }
  /** The markup was not understood: the same as plain text will do. */
  | { readonly kind: "markup"; readonly detail: string }
  /** The message to edit is not there any more. */
  | { readonly kind: "gone"; readonly detail: string }
  /** The group became a supergroup, under another id. */
  | { readonly kind: "migrated"; readonly chatId: number; readonly detail: string }
  /** The chat threw us out, blocked us, or is not there: nothing can be shown in it until it says so itself. */
  | { readonly kind: "unreachable"; readonly detail: string }
  /** This message is refused for good. */
  | { readonly kind: "refused"; readonly detail: string };

/** The chat edge, as the dispatcher needs it. Never throws: every failure is an outcome. */
export interface CardSender {
  /** @param how `replyTo`: the message that was the card before, if there is one */
  send(
    chatId: number,
    alarm: Alarm,
    how: { readonly isSilent: boolean; readonly isPlain: boolean; readonly replyTo: number | null },
  ): Promise<Outcome>;
  edit(chatId: number, messageId: number, alarm: Alarm, how: { readonly isPlain: boolean }): Promise<Outcome>;
  /** Says in an old message that the alarm went on in a newer one. */
  retire(chatId: number, messageId: number, alarm: Alarm, how: { readonly isPlain: boolean }): Promise<Outcome>;
}
