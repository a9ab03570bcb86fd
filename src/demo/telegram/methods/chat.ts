import type { ChatMember } from "grammy/types";
import { botMember } from "../state/bot-member.ts";
import { append, type DemoChat } from "../state/chat.ts";
import { typedContent } from "../state/content.ts";
import type { StoredMessage } from "../state/message.ts";
import { readBoolean, readInteger, readString } from "../state/params.ts";
import { badRequest } from "../state/refusal.ts";
import type { Method, Service } from "../state/service.ts";
import { wireFullChat, messageUpdate, wireUser } from "../state/wire.ts";

/** Of a member: 0 to 16 characters, no emoji (FACTS: F2). */
const MAX_TAG = 16;

/** The methods that ask about a chat, pin in it, or tag its members. */
export const chatMethods: Readonly<Record<string, Method>> = {
  getChat: (params, { bot, chats }) => wireFullChat(chats.readable(params), bot),

  getChatMember: (params, { bot, chats }): ChatMember => {
    const chat = chats.readable(params);
    const userId = readInteger(params, "user_id");
    if (userId === bot.id) return botMember(chat, bot);
    const member = chat.members.get(userId ?? 0);
    if (!member) throw badRequest("member not found");
    return { status: "member", user: wireUser(member) };
  },

  leaveChat: (params, service) => {
    const chat = service.chats.writable(params);
    if (chat.type === "private") throw badRequest("chat member status can't be changed in private chats");
    chat.isBlocked = true;
    service.changes.publish({ type: "chat", chatId: chat.id });
    return true;
  },

  pinChatMessage: (params, service) => {
    const chat = service.chats.writable(params);
    requirePinRight(chat);
    const message = chat.messages.get(readInteger(params, "message_id") ?? 0);
    if (!message) throw badRequest("message to pin not found");
    const isNew = !chat.pinnedIds.includes(message.id);
    setPinned(service, chat, [...chat.pinnedIds.filter((id) => id !== message.id), message.id]);
    if (isNew) tellPinned(service, chat, message, readBoolean(params, "disable_notification"));
    return true;
  },

  setChatMemberTag: (params, service) => {
    const chat = service.chats.writable(params);
    const tag = readString(params, "tag") ?? "";
    if (chat.type !== "supergroup") throw badRequest("method is available only for supergroups");
    if (!chat.isBotAdmin) throw badRequest("not enough rights to manage member tags");
    if (tag.length > MAX_TAG || /\p{Extended_Pictographic}/u.test(tag)) throw badRequest("CHAT_MEMBER_TAG_INVALID");
    const userId = readInteger(params, "user_id") ?? 0;
    if (!chat.members.has(userId)) throw badRequest("member not found");
    if (tag === "") chat.tags.delete(userId);
    else chat.tags.set(userId, tag);
    service.changes.publish({ type: "chat", chatId: chat.id });
    return true;
  },

  unpinChatMessage: (params, service) => {
    const chat = service.chats.writable(params);
    requirePinRight(chat);
    const messageId = readInteger(params, "message_id") ?? chat.pinnedIds.at(-1);
    if (messageId === undefined || !chat.messages.has(messageId)) throw badRequest("message to unpin not found");
    setPinned(
      service,
      chat,
      chat.pinnedIds.filter((id) => id !== messageId),
    );
    return true;
  },
};

function requirePinRight(chat: DemoChat): void {
  if (chat.type !== "private" && !chat.isBotAdmin) {
    throw badRequest("not enough rights to manage pinned messages in the chat");
  }
}

function setPinned({ changes }: Service, chat: DemoChat, pinnedIds: number[]): void {
  chat.pinnedIds = pinnedIds;
  changes.publish({ type: "chat", chatId: chat.id });
}

/** Everybody in the chat sees who pinned what, and the bot hears of it, too, though it did it itself. */
function tellPinned(service: Service, chat: DemoChat, pinned: StoredMessage, isSilent: boolean): void {
  const { bot, changes, now, updates } = service;
  const line = pinned.content.text.split("\n")[0] || "a picture or file";
  const message = append(chat, {
    from: "bot",
    content: typedContent(`${bot.first_name} pinned “${line}”`),
    media: null,
    service: { pinnedId: pinned.id },
    albumId: null,
    buttons: [],
    isLocked: true,
    isSilent,
    threadId: pinned.threadId,
    replyToId: null,
    sentAt: now(),
  });
  changes.publish({ type: "message", chatId: chat.id, messageId: message.id });
  updates.push(messageUpdate(chat, message, bot));
}
