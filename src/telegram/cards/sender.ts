import type { Api } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Alarm } from "../../alarms/types.ts";
import type { CardSender, Form, Outcome } from "../../dispatch/types.ts";
import type { AlarmPictures } from "../../plots/alarm-pictures.ts";
import type { ChatMessage } from "../api/chat-message.ts";
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
import { MessageWriter, type MessageWords } from "./message-writer.ts";
import { lines, type Html } from "../api/render.ts";
import { ringView, followUpView } from "./ring-view.ts";

/** What showing cards needs. */
interface TelegramCardOptions {
  readonly api: Api;
  /** What a chat's cards show besides their alarm. */
  readonly contextOf: (alarm: Alarm, chatId: number) => CardContext;
  /** The buttons of a card that is there already. */
  readonly buttonsBelow: (alarm: Alarm, chatId: number, messageId: number) => InlineKeyboardButton[][];
  /** The trends that cards bring. */
  readonly pictures: AlarmPictures;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}

/** What a message says, as text and as words below a picture: mostly one of them is asked for. */
interface CardWords {
  readonly text: () => MessageWords;
  readonly caption: () => MessageWords;
}

/** Shows cards and boards in Telegram. */
export class TelegramCards implements CardSender {
  readonly #options: TelegramCardOptions;
  readonly #writer: MessageWriter;

  constructor(options: TelegramCardOptions) {
    this.#options = options;
    this.#writer = new MessageWriter(options.api);
  }

  async send(...[place, alarm, how]: Parameters<CardSender["send"]>): Promise<Outcome> {
    const { pictures } = this.#options;
    const { isSilent, form, replyTo, reason } = how;
    const { chatId } = place;
    const view = lines(ringView(alarm, reason, this.#momentIn(chatId)), this.#cardOf(alarm, chatId, form));
    const content = { view, form, buttons: cardButtons(alarm, this.#momentIn(chatId)) };
    const outcome = await this.#writer.send(place, content, { isSilent, replyTo });
    // The text does not wait for it: an alarm never waits for a picture.
    if (outcome.kind === "done" && outcome.messageId !== null) pictures.want(alarm, chatId, outcome.messageId);
    return outcome;
  }

  async edit(...[chatId, messageId, alarm, { form }]: Parameters<CardSender["edit"]>): Promise<Outcome> {
    const { contextOf, buttonsBelow, pictures } = this.#options;
    const more = { form, buttons: buttonsBelow(alarm, chatId, messageId) };
    const contents: CardWords = {
      text: () => ({ view: this.#cardOf(alarm, chatId, form), ...more }),
      caption: () => ({
        view: form === "short" ? shortCardView(alarm) : cardCaption(alarm, contextOf(alarm, chatId)),
        ...more,
      }),
    };
    const message = { chatId, messageId };
    const outcome = (await this.#illustrate(message, contents)) ?? (await this.#rewrite(message, contents));
    // How it ended is drawn once more.
    if (outcome.kind === "done" && alarm.state === "cleared") pictures.want(alarm, chatId, messageId);
    return outcome;
  }

  retire(...[chatId, messageId, alarm, { form }]: Parameters<CardSender["retire"]>): Promise<Outcome> {
    const more = { form, buttons: [] };
    return this.#rewrite(
      { chatId, messageId },
      {
        text: () => ({ view: outdatedView(alarm), ...more }),
        caption: () => ({ view: shortOutdatedView(alarm), ...more }),
      },
    );
  }

  say(...[place, messageId, alarm, what]: Parameters<CardSender["say"]>): Promise<Outcome> {
    const { followUp, isSilent, form } = what;
    const view = followUpView(alarm, followUp, this.#momentIn(place.chatId));
    return this.#writer.send(place, { view, form, buttons: [] }, { isSilent, replyTo: messageId });
  }

  showBoard(...[board, content, { form }]: Parameters<CardSender["showBoard"]>): Promise<Outcome> {
    const { chatId, messageId } = board;
    const view = boardView(board, content, this.#momentIn(chatId));
    const shown = { view, form, buttons: boardButtons(board, content) };
    if (messageId !== null) return this.#writer.edit({ chatId, messageId }, shown);
    // What is all over wakes nobody.
    const isSilent = content.active === 0 || board.kind === "found";
    return this.#writer.send(board, shown, { isSilent, replyTo: null });
  }

  pin(chatId: number, messageId: number, isPinned: boolean): Promise<void> {
    return this.#writer.pin({ chatId, messageId }, isPinned);
  }

  /** Edits text, or the words below a picture if the message has one; what is known of that may be from before a failure. */
  async #rewrite(message: ChatMessage, contents: CardWords): Promise<Outcome> {
    const asText = () => this.#writer.edit(message, contents.text());
    const asCaption = () => this.#writer.editCaption(message, contents.caption());
    const hasPicture = this.#options.pictures.has(message.chatId, message.messageId);
    const [first, second] = hasPicture ? [asCaption, asText] : [asText, asCaption];
    const outcome = await first();
    const isOther = outcome.kind === "gone" && /there is no (text|caption) in the message/.test(outcome.detail);
    return isOther ? second() : outcome;
  }

  /** Puts the picture into a message that waits for one. @returns `null`: there is none, or it may not be there */
  async #illustrate(message: ChatMessage, { caption }: CardWords): Promise<Outcome | null> {
    const { pictures } = this.#options;
    const { chatId, messageId } = message;
    const picture = pictures.waiting(chatId, messageId);
    if (picture === null) return null;
    const outcome = await this.#writer.illustrate(message, caption(), picture);
    if (outcome.kind === "limited" || outcome.kind === "unavailable") return outcome;
    pictures.settle(chatId, messageId, outcome.kind === "done");
    // A chat may take text but no pictures; whether it takes nothing at all, the text will tell.
    return outcome.kind === "done" ? outcome : null;
  }

  #cardOf(alarm: Alarm, chatId: number, form: Form): Html {
    return form === "short" ? shortCardView(alarm) : cardView(alarm, this.#options.contextOf(alarm, chatId));
  }

  #momentIn(chatId: number) {
    return { timeZone: this.#options.timeZoneOf(chatId), now: this.#options.now() };
  }
}
