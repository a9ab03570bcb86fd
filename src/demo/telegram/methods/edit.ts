import type { Message } from "grammy/types";
import type { DemoChat } from "../state/chat.ts";
import { readCaption, readText } from "../state/content.ts";
import { readInlineKeyboard } from "../state/keyboards.ts";
import { mediaKind } from "../state/media.ts";
import type { StoredMessage } from "../state/message.ts";
import { type Params, readInteger, readObject } from "../state/params.ts";
import { badRequest } from "../state/refusal.ts";
import type { Method, Service } from "../state/service.ts";
import { wireMessage } from "../state/wire.ts";
import { requireRight } from "./send.ts";

/** The bot can take back what it sent for this long (FACTS: C1). */
const deletableForMs = 48 * 3_600_000;

const notModified =
  "message is not modified: specified new message content and reply markup are exactly the same as " +
  "a current content and reply markup of the message";

/** The methods that change or remove what stands in a chat. An edit without `reply_markup` takes the buttons away. */
export const editMethods: Readonly<Record<string, Method>> = {
  editMessageText: (params, service) => {
    const content = readText(params);
    const { chat, message } = findEditable(params, service);
    if (message.media) throw badRequest("there is no text in the message to edit");
    return edit(service, chat, message, { content, buttons: readInlineKeyboard(params) });
  },

  editMessageCaption: (params, service) => {
    const content = readCaption(params);
    const { chat, message } = findEditable(params, service);
    if (!message.media) throw badRequest("there is no caption in the message to edit");
    return edit(service, chat, message, { content, buttons: readInlineKeyboard(params) });
  },

  editMessageMedia: async (params, service) => {
    const item = readObject(params, "media");
    if (!item) throw badRequest("input media is not specified");
    const content = readCaption(item);
    const { chat, message } = findEditable(params, service);
    const media = await service.media.receive(mediaKind(item), item["media"], params);
    requireRight(chat, media);
    return edit(service, chat, message, { content, media, buttons: readInlineKeyboard(params) });
  },

  editMessageReplyMarkup: (params, service) => {
    const { chat, message } = findEditable(params, service);
    return edit(service, chat, message, { buttons: readInlineKeyboard(params) });
  },

  deleteMessage: (params, service) => {
    const chat = service.chats.writable(params);
    const message = chat.messages.get(readInteger(params, "message_id") ?? 0);
    if (!message) throw badRequest("message to delete not found");
    const isOwn = message.from === "bot" || chat.type === "private" || chat.isBotAdmin;
    if (!isOwn || service.now() - message.sentAt > deletableForMs) throw badRequest("message can't be deleted");
    chat.messages.delete(message.id);
    service.changes.publish({ type: "deleted", chatId: chat.id, messageId: message.id });
    if (chat.pinnedIds.includes(message.id)) {
      chat.pinnedIds = chat.pinnedIds.filter((id) => id !== message.id);
      service.changes.publish({ type: "chat", chatId: chat.id });
    }
    return true;
  },
};

function findEditable(params: Params, { chats }: Service): { chat: DemoChat; message: StoredMessage } {
  const chat = chats.writable(params);
  const messageId = readInteger(params, "message_id");
  if (messageId === undefined) throw badRequest("message identifier is not specified");
  const message = chat.messages.get(messageId);
  if (!message) throw badRequest("message to edit not found");
  if (message.from !== "bot" || message.isLocked) throw badRequest("message can't be edited");
  return { chat, message };
}

function edit(
  { bot, changes, now }: Service,
  chat: DemoChat,
  message: StoredMessage,
  change: Partial<Pick<StoredMessage, "content" | "media" | "buttons">>,
): Message {
  const edited = { ...message, ...change, editedAt: now(), edits: message.edits + 1 };
  if (visibleParts(edited) === visibleParts(message)) throw badRequest(notModified);
  chat.messages.set(message.id, edited);
  changes.publish({ type: "message", chatId: chat.id, messageId: message.id });
  return wireMessage(chat, edited, bot);
}

function visibleParts({ content, media, buttons }: StoredMessage): string {
  const { text, entities } = content;
  return JSON.stringify([text, entities, media?.fileId, buttons]);
}
