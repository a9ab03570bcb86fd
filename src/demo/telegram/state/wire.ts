import { must } from "../../../lib/must.ts";
import type { ChatFullInfo, Message, Update, User, UserFromGetMe } from "grammy/types";
import type { DemoChat, DemoPerson, ServiceNote, StoredMessage } from "./chats.ts";
import type { Media } from "./media.ts";

/** A person as the wire names one. */
export function wireUser(person: DemoPerson): User {
  return { id: person.id, is_bot: false, first_name: person.firstName, language_code: "en" };
}

/** A chat as it stands in messages and updates. */
export function wireChat(chat: DemoChat): Message["chat"] {
  if (chat.type === "private") return { id: chat.id, type: "private", first_name: chat.title };
  if (chat.type === "group") return { id: chat.id, type: "group", title: chat.title };
  return { id: chat.id, type: "supergroup", title: chat.title, ...(chat.isForum && { is_forum: true as const }) };
}

/** A chat as `getChat` tells it; what nobody here asks for is left out. */
export function wireFullChat(chat: DemoChat, bot: UserFromGetMe): ChatFullInfo {
  const pinned = chat.messages.get(chat.pinnedIds.at(-1) ?? 0);
  return {
    ...wireChat(chat),
    accent_color_id: 0,
    max_reaction_count: 11,
    ...(pinned && { pinned_message: wireMessage(chat, pinned, bot) }),
  } as ChatFullInfo;
}

/** A message as calls return it and updates carry it; the one that it answers is told without what that answers. */
export function wireMessage(chat: DemoChat, message: StoredMessage, bot: UserFromGetMe, depth = 0): Message {
  const { content, media, service } = message;
  const replyTo = depth === 0 ? chat.messages.get(message.replyToId ?? 0) : undefined;
  return {
    message_id: message.id,
    date: Math.floor(message.sentAt / 1000),
    chat: wireChat(chat),
    from:
      message.from === "bot" ? wireBot(bot) : wireUser(must(chat.members.get(message.from), `Person ${message.from}`)),
    ...(message.threadId !== null && { message_thread_id: message.threadId, is_topic_message: true }),
    ...(replyTo && { reply_to_message: wireMessage(chat, replyTo, bot, depth + 1) }),
    ...(message.editedAt !== null && { edit_date: Math.floor(message.editedAt / 1000) }),
    ...(message.albumId !== null && { media_group_id: message.albumId }),
    ...(service ? wireService(chat, service, bot) : media ? wireMedia(media) : { text: content.text }),
    ...(media && content.text !== "" && { caption: content.text }),
    ...(content.entities.length > 0 && { [media ? "caption_entities" : "entities"]: content.entities }),
    ...(message.buttons.length > 0 && { reply_markup: { inline_keyboard: message.buttons } }),
  } as Message;
}

/** The update that tells the bot of a message. */
export const messageUpdate = (chat: DemoChat, message: StoredMessage, bot: UserFromGetMe): Pick<Update, "message"> =>
  // The types know a message by its chat; here it has any.
  ({ message: wireMessage(chat, message, bot) as NonNullable<Update["message"]> });

/** The bot as sender: without what only getMe tells. */
export function wireBot(bot: UserFromGetMe): User {
  return { id: bot.id, is_bot: true, first_name: bot.first_name, username: bot.username };
}

function wireService(chat: DemoChat, service: ServiceNote, bot: UserFromGetMe): Partial<Message> {
  if ("migratedTo" in service) return { migrate_to_chat_id: service.migratedTo };
  if ("migratedFrom" in service) return { migrate_from_chat_id: service.migratedFrom };
  const pinned = chat.messages.get(service.pinnedId);
  // Of a message that is gone, the wire has only the number and the date 0.
  const gone = { message_id: service.pinnedId, chat: wireChat(chat), date: 0 as const };
  return { pinned_message: pinned ? wireMessage(chat, pinned, bot, 1) : gone };
}

function wireMedia(media: Media): Pick<Message, "photo" | "document"> {
  const file = { file_id: media.fileId, file_unique_id: media.fileUniqueId, file_size: media.bytes.length };
  return media.kind === "photo"
    ? { photo: [{ ...file, width: media.width, height: media.height }] }
    : { document: { ...file, file_name: media.fileName, mime_type: media.mimeType } };
}
