import type { Message } from "grammy/types";
import { append, type DemoChat } from "../state/chat.ts";
import { type MessageContent, readCaption, readText } from "../state/content.ts";
import { readReplyMarkup, type ReplyMarkup } from "../state/keyboards.ts";
import { mediaKind, type Media } from "../state/media.ts";
import type { StoredMessage } from "../state/message.ts";
import {
  type Params,
  paramsOf,
  readBoolean,
  readInteger,
  readJsonParam,
  readObject,
  readString,
} from "../state/params.ts";
import { badRequest } from "../state/refusal.ts";
import type { Method, Service } from "../state/service.ts";
import { wireMessage } from "../state/wire.ts";

const chatActions = new Set(
  ["typing", "upload_photo", "upload_document", "record_video", "upload_video", "record_voice", "upload_voice"].concat([
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
  ]),
);

/** The methods that put something new into a chat. What is wrong with the text is said before what is wrong with the chat. */
export const sendMethods: Readonly<Record<string, Method>> = {
  sendMessage: (params, service) => {
    const content = readText(params);
    return send(service, service.chats.writable(params), params, { content, media: null });
  },

  sendPhoto: async (params, service) => {
    const content = readCaption(params);
    const chat = service.chats.writable(params);
    const media = await service.media.receive("photo", params["photo"], params);
    return send(service, chat, params, { content, media });
  },

  sendDocument: async (params, service) => {
    const content = readCaption(params);
    const chat = service.chats.writable(params);
    const media = await service.media.receive("document", params["document"], params);
    return send(service, chat, params, { content, media });
  },

  sendMediaGroup: async (params, service) => {
    const items = readJsonParam(params, "media");
    if (!Array.isArray(items) || items.length < 2 || items.length > 10) {
      throw badRequest("media group must contain 2-10 items");
    }
    const chat = service.chats.writable(params);
    const album = items.map(paramsOf).map((item) => ({ item, content: readCaption(item), kind: mediaKind(item) }));
    if (new Set(album.map(({ kind }) => kind)).size > 1) {
      throw badRequest("can't use the media of the specified type in the album");
    }
    const parts: { content: MessageContent; media: Media }[] = [];
    for (const { item, content, kind } of album) {
      parts.push({ content, media: await service.media.receive(kind, item["media"], params) });
    }
    const albumId = `${chat.id}:${chat.lastMessageId + 1}`;
    return parts.map((part) => send(service, chat, { ...params, reply_markup: undefined }, { ...part, albumId }));
  },

  sendChatAction: (params, service) => {
    const chat = service.chats.writable(params);
    const action = readString(params, "action") ?? "";
    if (!chatActions.has(action)) throw badRequest("wrong parameter action in request");
    service.changes.publish({ type: "action", chatId: chat.id, action });
    return true;
  },
};

/** What makes one message different from the next; where and how it stands is read from the call. */
interface Parts extends Pick<StoredMessage, "content" | "media"> {
  readonly albumId?: string;
}

function send(service: Service, chat: DemoChat, params: Params, { content, media, albumId = "" }: Parts): Message {
  requireRight(chat, media);
  const markup = readReplyMarkup(params);
  const replyToId = readReplyTo(params, chat);
  const receiverId = readReceiver(params, chat, service);
  const message = append(chat, {
    content,
    media,
    from: "bot",
    service: null,
    // An answer stands in the thread of what it answers.
    threadId: readThread(params, chat) ?? chat.messages.get(replyToId ?? 0)?.threadId ?? null,
    replyToId,
    albumId: albumId || null,
    buttons: markup?.kind === "inline" ? markup.rows : [],
    isLocked: markup !== null && markup.kind !== "inline",
    isSilent: readBoolean(params, "disable_notification"),
    sentAt: service.now(),
    ...(receiverId === null ? {} : { receiverId }),
  });
  service.changes.publish({ type: "message", chatId: chat.id, messageId: message.id });
  if (markup && markup.kind !== "inline") setComposer(service, chat, message.id, markup);
  return wireMessage(chat, message, service.bot);
}

/** @throws {Refusal} when the group does not let the bot send what this is. */
export function requireRight(chat: DemoChat, media: Media | null): void {
  const what = media === null ? "text messages" : (`${media.kind}s` as const);
  if (chat.forbidden.has(what) && !chat.isBotAdmin) throw badRequest(`not enough rights to send ${what} to the chat`);
}

function setComposer(
  { changes }: Service,
  chat: DemoChat,
  messageId: number,
  markup: Exclude<ReplyMarkup, { kind: "inline" }>,
): void {
  const isKeyboard = markup.kind === "keyboard";
  chat.composer =
    markup.kind === "remove"
      ? null
      : {
          messageId,
          rows: isKeyboard ? markup.rows : [],
          isOneTime: isKeyboard && markup.isOneTime,
          isForceReply: !isKeyboard,
          placeholder: markup.placeholder,
        };
  changes.publish({ type: "chat", chatId: chat.id });
}

/** General, whose id is 1, is no thread to be named: it is where messages without one go (FACTS: C3). */
function readThread(params: Params, chat: DemoChat): number | null {
  const threadId = readInteger(params, "message_thread_id");
  if (threadId === undefined) return null;
  if (!chat.threadIds.has(threadId)) throw badRequest("message thread not found");
  if (chat.closedThreadIds.has(threadId) && !chat.isBotAdmin) throw badRequest("TOPIC_CLOSED");
  return threadId;
}

function readReplyTo(params: Params, chat: DemoChat): number | null {
  const reply = readObject(params, "reply_parameters");
  const messageId = reply && readInteger(reply, "message_id");
  if (!reply || messageId === undefined) return null;
  if (chat.messages.has(messageId)) return messageId;
  if (!readBoolean(reply, "allow_sending_without_reply")) throw badRequest("message to be replied not found");
  return null;
}

/**
 * Who alone is to see a message: a member of a group who pressed a button there within 15 s, or any member where the bot is an
 * administrator (FACTS: F2). The words of the refusals are ours: the real ones are not known.
 */
function readReceiver(params: Params, chat: DemoChat, { queries }: Service): number | null {
  const ephemeral = readObject(params, "ephemeral_message_parameters");
  if (!ephemeral) return null;
  const userId = readInteger(ephemeral, "receiver_user_id");
  if (chat.type === "private") throw badRequest("ephemeral messages can be sent only in groups");
  if (userId === undefined || !chat.members.has(userId)) throw badRequest("ephemeral message receiver not found");
  const queryId = readString(ephemeral, "callback_query_id") ?? "";
  if (!chat.isBotAdmin && !queries.isRecent(queryId, { chatId: chat.id, userId })) {
    throw badRequest("not enough rights to send ephemeral messages");
  }
  return userId;
}
