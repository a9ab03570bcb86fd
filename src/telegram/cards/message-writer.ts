import { InputFile, InputMediaBuilder, type Api } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { GENERAL, type Form, type Outcome, type Place } from "../../dispatch/types.ts";
import type { ChatMessage } from "../api/chat-message.ts";
import { outcomeOf } from "../api/failure.ts";
import { toPlain, type Html } from "../api/render.ts";

/** What a message says, and the buttons below it. */
export interface MessageWords {
  readonly view: Html;
  readonly form: Form;
  readonly buttons: InlineKeyboardButton[][];
}

/** How a new message comes. */
interface Sending {
  readonly isSilent: boolean;
  /** The message that it answers; `null`: none. */
  readonly replyTo: number | null;
}

/** Makes the calls that write messages, one each. Every failure is an outcome. */
export class MessageWriter {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  send({ chatId, threadId }: Place, content: MessageWords, { isSilent, replyTo }: Sending): Promise<Outcome> {
    return attempt(null, async () => {
      const { text, ...mode } = toText(content);
      const sent = await this.#api.sendMessage(chatId, text, {
        ...mode,
        ...(threadId === null || threadId === GENERAL ? {} : { message_thread_id: threadId }),
        // A tap on the quote leads to what was before; whether that is still there does not matter.
        ...(replyTo === null ? {} : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
        ...(content.buttons.length === 0 ? {} : { reply_markup: keyboardOf(content) }),
        disable_notification: isSilent,
      });
      return sent.message_id;
    });
  }

  edit({ chatId, messageId }: ChatMessage, content: MessageWords): Promise<Outcome> {
    return attempt(messageId, async () => {
      const { text, ...mode } = toText(content);
      await this.#api.editMessageText(chatId, messageId, text, { ...mode, reply_markup: keyboardOf(content) });
      return messageId;
    });
  }

  /** Edits the words below a picture. */
  editCaption({ chatId, messageId }: ChatMessage, content: MessageWords): Promise<Outcome> {
    return attempt(messageId, async () => {
      const { text, ...mode } = toText(content);
      const more = { caption: text, ...mode, reply_markup: keyboardOf(content) };
      await this.#api.editMessageCaption(chatId, messageId, more);
      return messageId;
    });
  }

  /** Puts a picture into a message, also into one that was text so far (Bot API: editMessageMedia). */
  illustrate({ chatId, messageId }: ChatMessage, content: MessageWords, picture: Uint8Array): Promise<Outcome> {
    return attempt(messageId, async () => {
      const { text, ...mode } = toText(content);
      const photo = InputMediaBuilder.photo(new InputFile(picture, "trend.png"), { caption: text, ...mode });
      await this.#api.editMessageMedia(chatId, messageId, photo, { reply_markup: keyboardOf(content) });
      return messageId;
    });
  }

  /** Only where the bot may: whether it worked does not matter. */
  async pin({ chatId, messageId }: ChatMessage, isPinned: boolean): Promise<void> {
    const call = isPinned
      ? this.#api.pinChatMessage(chatId, messageId, { disable_notification: true })
      : this.#api.unpinChatMessage(chatId, messageId);
    await call.catch(() => undefined);
  }
}

const keyboardOf = ({ buttons }: MessageWords) => ({ inline_keyboard: buttons });

const toText = ({ view, form }: MessageWords): { text: string; parse_mode?: "HTML" } =>
  form === "plain" ? { text: toPlain(view) } : { text: view.html, parse_mode: "HTML" };

async function attempt(messageId: number | null, call: () => Promise<number>): Promise<Outcome> {
  try {
    return { kind: "done", messageId: await call() };
  } catch (error) {
    return outcomeOf(error, messageId);
  }
}
