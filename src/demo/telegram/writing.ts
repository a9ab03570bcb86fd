import { append, type DemoChat } from "./state/chat.ts";
import type { StoredMessage } from "./state/message.ts";
import type { Service } from "./state/service.ts";
import { messageUpdate } from "./state/wire.ts";

/** Where somebody writes; in a private chat it is the chat's own person when `userId` is left out. */
export interface Written {
  readonly chatId: number;
  readonly userId?: number;
  /** The id of the message that it answers. */
  readonly replyTo?: number;
  /** The thread of a forum; left out: that of the message that it answers, else General. */
  readonly threadId?: number;
}

/** Puts a message of a person into a chat; the bot does not hear of it by that. */
export function write(
  { chats, changes, now }: Service,
  where: Written,
  parts: Pick<StoredMessage, "content" | "media" | "service">,
): StoredMessage {
  const { chatId, userId = chatId, replyTo = null } = where;
  const chat = chats.get(chatId);
  if (!chat.members.has(userId)) throw new Error(`Person ${userId} is not in chat ${chatId}`);
  const message = append(chat, {
    ...parts,
    from: userId,
    replyToId: replyTo,
    threadId: where.threadId ?? chat.messages.get(replyTo ?? 0)?.threadId ?? null,
    albumId: null,
    buttons: [],
    isLocked: false,
    isSilent: false,
    sentAt: now(),
  });
  if (chat.composer?.isOneTime || chat.composer?.isForceReply) {
    chat.composer = null;
    changes.publish({ type: "chat", chatId: chat.id });
  }
  changes.publish({ type: "message", chatId: chat.id, messageId: message.id });
  return message;
}

/** Writes, and lets the bot hear it if it may. @returns the id of the new message */
export function tell(service: Service, where: Written, parts: Pick<StoredMessage, "content" | "media">): number {
  const { bot, chats, updates } = service;
  const chat = chats.get(where.chatId);
  chat.isStarted = true;
  const message = write(service, where, { ...parts, service: null });
  if (isHeard(chat, message, bot)) updates.push(messageUpdate(chat, message, bot));
  return message.id;
}

/** Privacy mode: in a group where it is not an admin, a bot hears only what is meant for it. */
function isHeard(chat: DemoChat, { content, replyToId }: StoredMessage, bot: Service["bot"]): boolean {
  if (chat.isBlocked) return false;
  if (chat.type === "private" || chat.isBotAdmin || bot.can_read_all_group_messages) return true;
  if (chat.messages.get(replyToId ?? 0)?.from === "bot") return true;
  const isToBot = (word: string) => word.toLowerCase().endsWith(`@${bot.username.toLowerCase()}`);
  const commands = content.entities
    .filter((entity) => entity.type === "bot_command")
    .map(({ offset, length }) => content.text.slice(offset, offset + length));
  return commands.some((word) => !word.includes("@") || isToBot(word)) || content.text.split(/\s+/).some(isToBot);
}
