import type { BoardContent } from "../store/alarms/board-content.ts";
import type { Board } from "../store/alarms/board-rows.ts";
import type { Logger } from "../lib/log.ts";
import type { Task } from "./after-call.ts";
import type { CardSender, Form, Outcome } from "./types.ts";

/** Makes the one call that a task asks for; a task without a call is done at once. */
export function perform(
  { pending: { alarm, card }, decision }: Task,
  sender: CardSender,
  log: Logger,
): Promise<Outcome> {
  const { chatId } = card;
  return inSomeForm({ alarm: alarm.id }, log, async (form) => {
    switch (decision.action) {
      case "send": {
        const { isSilent, reason } = decision;
        return sender.send(card, alarm, { isSilent, form, replyTo: card.messageId, reason });
      }
      case "edit":
        return sender.edit(chatId, decision.messageId, alarm, { form });
      case "retire":
        return sender.retire(chatId, decision.messageId, alarm, { form });
      case "say": {
        const { reason: followUp, isSilent } = decision;
        return sender.say(card, decision.messageId, alarm, { followUp, isSilent, form });
      }
      case "board":
      case "none":
        return { kind: "done", messageId: card.messageId };
    }
  });
}

/** Shows a board. */
export function performBoard(board: Board, content: BoardContent, sender: CardSender, log: Logger): Promise<Outcome> {
  return inSomeForm({ board: board.id }, log, (form) => sender.showBoard(board, content, { form }));
}

/** What the service does not understand is shown as plain text, and what is too long for it in short. */
async function inSomeForm(what: object, log: Logger, call: (form: Form) => Promise<Outcome>): Promise<Outcome> {
  const outcome = await call("full");
  if (outcome.kind !== "markup" && outcome.kind !== "tooLong") return outcome;
  const form = outcome.kind === "markup" ? "plain" : "short";
  log.error({ ...what, reason: outcome.detail, form }, "refused as it was; showing it in another form");
  return call(form);
}
