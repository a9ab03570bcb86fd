import type { Api } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { CardSender, Outcome } from "../dispatch/types.ts";
import { cardButtons } from "./card-buttons.ts";
import { cardView, outdatedView } from "./card-view.ts";
import { outcomeOf } from "./failure.ts";
import { toPlain, type Html } from "./render.ts";

/** Shows cards in Telegram. */
export function createCardSender(options: {
  readonly api: Api;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}): CardSender {
  const { api, timeZoneOf, now } = options;

  function edit(
    chatId: number,
    messageId: number,
    view: Html,
    isPlain: boolean,
    buttons: InlineKeyboardButton[][],
  ): Promise<Outcome> {
    return attempt(messageId, async () => {
      const { text, ...mode } = toText(view, isPlain);
      await api.editMessageText(chatId, messageId, text, { ...mode, reply_markup: { inline_keyboard: buttons } });
      return messageId;
    });
  }

  return {
    send: (chatId, alarm, { isSilent, isPlain, replyTo }) =>
      attempt(null, async () => {
        const { text, ...mode } = toText(cardView(alarm, timeZoneOf(chatId), now()), isPlain);
        // A tap on the quote leads to what was before; whether that is still there does not matter.
        const reply =
          replyTo === null ? {} : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } };
        const sent = await api.sendMessage(chatId, text, {
          ...mode,
          ...reply,
          reply_markup: { inline_keyboard: cardButtons(alarm) },
          disable_notification: isSilent,
        });
        return sent.message_id;
      }),
    edit: (chatId, messageId, alarm, { isPlain }) =>
      edit(chatId, messageId, cardView(alarm, timeZoneOf(chatId), now()), isPlain, cardButtons(alarm)),
    retire: (chatId, messageId, alarm, { isPlain }) => edit(chatId, messageId, outdatedView(alarm), isPlain, []),
  };
}

function toText(view: Html, isPlain: boolean): { text: string; parse_mode?: "HTML" } {
  return isPlain ? { text: toPlain(view) } : { text: view.html, parse_mode: "HTML" };
}

async function attempt(messageId: number | null, call: () => Promise<number>): Promise<Outcome> {
  try {
    return { kind: "done", messageId: await call() };
  } catch (error) {
    return outcomeOf(error, messageId);
  }
}
