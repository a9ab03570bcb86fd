import type { Api } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Alarm } from "../alarms/types.ts";
import type { CardSender, Form, Outcome, Place } from "../dispatch/types.ts";
import { boardButtons, boardView } from "./board-view.ts";
import { cardButtons } from "./card-buttons.ts";
import { cardView, outdatedView, ringView, sayingView, shortCardView, type CardContext } from "./card-view.ts";
import { outcomeOf } from "./failure.ts";
import { lines, toPlain, type Html } from "./render.ts";

/** Shows cards and boards in Telegram. */
export function createCardSender(options: {
  readonly api: Api;
  /** What a chat's cards show besides their alarm. */
  readonly contextOf: (alarm: Alarm, chatId: number) => CardContext;
  /** The buttons of a card that is there already. */
  readonly buttonsBelow: (alarm: Alarm, chatId: number, messageId: number) => InlineKeyboardButton[][];
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}): CardSender {
  const { api, contextOf, buttonsBelow, timeZoneOf, now } = options;
  const momentOf = (chatId: number) => ({ timeZone: timeZoneOf(chatId), now: now() });
  const cardOf = (alarm: Alarm, chatId: number, form: Form): Html =>
    form === "short" ? shortCardView(alarm) : cardView(alarm, contextOf(alarm, chatId));

  const send = (place: Place, view: Html, form: Form, more: SendMore): Promise<Outcome> =>
    attempt(null, async () => {
      const { text, ...mode } = toText(view, form);
      const { buttons, replyTo, isSilent } = more;
      const sent = await api.sendMessage(place.chatId, text, {
        ...mode,
        ...(place.threadId === null ? {} : { message_thread_id: place.threadId }),
        // A tap on the quote leads to what was before; whether that is still there does not matter.
        ...(replyTo === null ? {} : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
        ...(buttons === null ? {} : { reply_markup: { inline_keyboard: buttons } }),
        disable_notification: isSilent,
      });
      return sent.message_id;
    });

  const edit = (
    chatId: number,
    messageId: number,
    view: Html,
    form: Form,
    buttons: InlineKeyboardButton[][],
  ): Promise<Outcome> =>
    attempt(messageId, async () => {
      const { text, ...mode } = toText(view, form);
      await api.editMessageText(chatId, messageId, text, { ...mode, reply_markup: { inline_keyboard: buttons } });
      return messageId;
    });

  return {
    send(place, alarm, { isSilent, form, replyTo, reason }) {
      const view = lines(ringView(alarm, reason, now()), cardOf(alarm, place.chatId, form));
      return send(place, view, form, { isSilent, replyTo, buttons: cardButtons(alarm) });
    },
    edit: (chatId, messageId, alarm, { form }) =>
      edit(chatId, messageId, cardOf(alarm, chatId, form), form, buttonsBelow(alarm, chatId, messageId)),
    retire: (chatId, messageId, alarm, { form }) => edit(chatId, messageId, outdatedView(alarm), form, []),
    say(place, messageId, alarm, { saying, isSilent, form }) {
      const view = sayingView(alarm, saying, momentOf(place.chatId));
      return send(place, view, form, { isSilent, replyTo: messageId, buttons: null });
    },
    showBoard(board, content, { form }) {
      const view = boardView(board, content, momentOf(board.chatId));
      const buttons = boardButtons(board, content);
      if (board.messageId !== null) return edit(board.chatId, board.messageId, view, form, buttons);
      // What is all over wakes nobody.
      return send(board, view, form, { isSilent: content.active === 0, replyTo: null, buttons });
    },
    async pin(chatId, messageId, isPinned) {
      const call = isPinned
        ? api.pinChatMessage(chatId, messageId, { disable_notification: true })
        : api.unpinChatMessage(chatId, messageId);
      // Only where the bot may.
      await call.catch(() => undefined);
    },
  };
}

interface SendMore {
  readonly isSilent: boolean;
  readonly replyTo: number | null;
  readonly buttons: InlineKeyboardButton[][] | null;
}

function toText(view: Html, form: Form): { text: string; parse_mode?: "HTML" } {
  return form === "plain" ? { text: toPlain(view) } : { text: view.html, parse_mode: "HTML" };
}

async function attempt(messageId: number | null, call: () => Promise<number>): Promise<Outcome> {
  try {
    return { kind: "done", messageId: await call() };
  } catch (error) {
    return outcomeOf(error, messageId);
  }
}
