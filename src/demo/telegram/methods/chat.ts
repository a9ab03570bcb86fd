import type { ChatMember } from "grammy/types";
import { readInteger } from "../params.ts";
import type { Chat } from "../chats.ts";
import { badRequest } from "../refusal.ts";
import type { Method, Service } from "../service.ts";
import { wireBot, wireFullChat, wireUser } from "../wire.ts";

/** The methods that ask about a chat or pin in it. */
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

  pinChatMessage: (params, service) => {
    const chat = service.chats.writable(params);
    requirePinRight(chat);
    const message = chat.messages.get(readInteger(params, "message_id") ?? 0);
    if (!message) throw badRequest("message to pin not found");
    setPinned(service, chat, [...chat.pinnedIds.filter((id) => id !== message.id), message.id]);
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

function botMember(chat: Chat, bot: Service["bot"]): ChatMember {
  const user = wireBot(bot);
  if (chat.isBlocked) return { status: "kicked", user, until_date: 0 };
  if (!chat.isBotAdmin) return { status: "member", user };
  return { status: "administrator", user, can_be_edited: false, can_pin_messages: true } as ChatMember;
}

function requirePinRight(chat: Chat): void {
  if (chat.type !== "private" && !chat.isBotAdmin) {
    throw badRequest("not enough rights to manage pinned messages in the chat");
  }
}

function setPinned({ changes }: Service, chat: Chat, pinnedIds: number[]): void {
  chat.pinnedIds = pinnedIds;
  changes.publish({ type: "chat", chatId: chat.id });
}
