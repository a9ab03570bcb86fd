import { InputFile, InputMediaBuilder, type Api } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Alarm } from "../../alarms/types.ts";
import { GENERAL, type CardSender, type Form, type Outcome, type Place } from "../../dispatch/types.ts";
import type { AlarmPictures } from "../../plots/alarm-pictures.ts";
import { boardButtons, boardView } from "./board-view.ts";
import { cardButtons } from "../access/card-buttons.ts";
import {
  cardCaption,
  cardView,
  outdatedView,
  shortCardView,
  shortOutdatedView,
  type CardContext,
} from "./card-view.ts";
import { outcomeOf } from "../api/failure.ts";
import { lines, toPlain, type Html } from "../api/render.ts";
import { ringView, sayingView } from "./ring-view.ts";

/** Shows cards and boards in Telegram. */
export function createCardSender(options: {
  readonly api: Api;
  /** What a chat's cards show besides their alarm. */
  readonly contextOf: (alarm: Alarm, chatId: number) => CardContext;
  /** The buttons of a card that is there already. */
  readonly buttonsBelow: (alarm: Alarm, chatId: number, messageId: number) => InlineKeyboardButton[][];
  /** The trends that cards bring. */
  readonly pictures: AlarmPictures;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}): CardSender {
  const { api, contextOf, buttonsBelow, pictures, timeZoneOf, now } = options;
  const momentOf = (chatId: number) => ({ timeZone: timeZoneOf(chatId), now: now() });
  const cardOf = (alarm: Alarm, chatId: number, form: Form): Html =>
    form === "short" ? shortCardView(alarm) : cardView(alarm, contextOf(alarm, chatId));

  const send = (place: Place, view: Html, form: Form, more: SendMore): Promise<Outcome> =>
    attempt(null, async () => {
      const { text, ...mode } = toText(view, form);
      const { buttons, replyTo, isSilent } = more;
      const sent = await api.sendMessage(place.chatId, text, {
        ...mode,
        ...(place.threadId === null || place.threadId === GENERAL ? {} : { message_thread_id: place.threadId }),
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

  /** A card with a picture has its words below it. */
  const editCaption = (
    chatId: number,
    messageId: number,
    caption: Html,
    form: Form,
    { buttons, picture }: { readonly buttons: InlineKeyboardButton[][]; readonly picture: Uint8Array | null },
  ): Promise<Outcome> =>
    attempt(messageId, async () => {
      const { text, ...mode } = toText(caption, form);
      const more = { reply_markup: { inline_keyboard: buttons } };
      if (picture === null) await api.editMessageCaption(chatId, messageId, { caption: text, ...mode, ...more });
      else {
        // Telegram takes a picture into a message that was text so far, too (Bot API: editMessageMedia).
        const photo = InputMediaBuilder.photo(new InputFile(picture, "trend.png"), { caption: text, ...mode });
        await api.editMessageMedia(chatId, messageId, photo, more);
      }
      return messageId;
    });

  /** Edits text, or the words below a picture if the message has one; what is known of that may be from before a failure. */
  async function rewrite(chatId: number, messageId: number, views: Views, form: Form): Promise<Outcome> {
    const asText = () => edit(chatId, messageId, views.text, form, views.buttons);
    const asCaption = () => editCaption(chatId, messageId, views.caption, form, { ...views, picture: null });
    const [first, second] = pictures.has(chatId, messageId) ? [asCaption, asText] : [asText, asCaption];
    const outcome = await first();
    const isOther = outcome.kind === "gone" && /there is no (text|caption) in the message/.test(outcome.detail);
    return isOther ? second() : outcome;
  }

  /** Puts the picture into a message that waits for one. @returns `null`: there is none, or it may not be there */
  async function illustrate(
    chatId: number,
    messageId: number,
    { caption, buttons }: Views,
    form: Form,
  ): Promise<Outcome | null> {
    const picture = pictures.waiting(chatId, messageId) ?? null;
    if (picture === null) return null;
    const outcome = await editCaption(chatId, messageId, caption, form, { buttons, picture });
    if (outcome.kind === "limited" || outcome.kind === "unavailable") return outcome;
    pictures.settle(chatId, messageId, outcome.kind === "done");
    // A chat may take text but no pictures; whether it takes nothing at all, the text will tell.
    return outcome.kind === "done" ? outcome : null;
  }

  return {
    async send(place, alarm, { isSilent, form, replyTo, reason }) {
      const view = lines(ringView(alarm, reason, momentOf(place.chatId)), cardOf(alarm, place.chatId, form));
      const outcome = await send(place, view, form, { isSilent, replyTo, buttons: cardButtons(alarm, now()) });
      // The text does not wait for it: an alarm never waits for a picture.
      if (outcome.kind === "done" && outcome.messageId !== null) pictures.want(alarm, place.chatId, outcome.messageId);
      return outcome;
    },
    async edit(chatId, messageId, alarm, { form }) {
      const caption = form === "short" ? shortCardView(alarm) : cardCaption(alarm, contextOf(alarm, chatId));
      const buttons = buttonsBelow(alarm, chatId, messageId);
      const views = { text: cardOf(alarm, chatId, form), caption, buttons };
      const outcome =
        (await illustrate(chatId, messageId, views, form)) ?? (await rewrite(chatId, messageId, views, form));
      // How it ended is drawn once more.
      if (outcome.kind === "done" && alarm.state === "cleared") pictures.want(alarm, chatId, messageId);
      return outcome;
    },
    retire(chatId, messageId, alarm, { form }) {
      const [text, caption] = [outdatedView(alarm), shortOutdatedView(alarm)];
      return rewrite(chatId, messageId, { text, caption, buttons: [] }, form);
    },
    say(place, messageId, alarm, { saying, isSilent, form }) {
      const view = sayingView(alarm, saying, momentOf(place.chatId));
      return send(place, view, form, { isSilent, replyTo: messageId, buttons: null });
    },
    showBoard(board, content, { form }) {
      const view = boardView(board, content, momentOf(board.chatId));
      const buttons = boardButtons(board, content);
      if (board.messageId !== null) return edit(board.chatId, board.messageId, view, form, buttons);
      // What is all over wakes nobody.
      return send(board, view, form, {
        isSilent: content.active === 0 || board.kind === "found",
        replyTo: null,
        buttons,
      });
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

/** What a message says, as text and as words below a picture. */
interface Views {
  readonly text: Html;
  readonly caption: Html;
  readonly buttons: InlineKeyboardButton[][];
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
