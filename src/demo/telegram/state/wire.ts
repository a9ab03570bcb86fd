import type { Chat, ChatFullInfo, Message, Update, User, UserFromGetMe } from "grammy/types";
import { must } from "../../../lib/must.ts";
import type { DemoChat, DemoPerson } from "./chat.ts";
import type { Media } from "./media.ts";
import type { ServiceNote, StoredMessage } from "./message.ts";

/** A person as the wire names one. */
export function wireUser(person: DemoPerson): User {
  return { id: person.id, is_bot: false, first_name: person.firstName, language_code: "en" };
}

/** A chat as it stands in messages and updates. */
export function wireChat(chat: DemoChat): Exclude<Chat, Chat.ChannelChat> {
  if (chat.type === "private") return { id: chat.id, type: "private", first_name: chat.title };
  if (chat.type === "group") return { id: chat.id, type: "group", title: chat.title };
  return { id: chat.id, type: "supergroup", title: chat.title, ...(chat.isForum && { is_forum: true as const }) };
}

/** A chat as `getChat` tells it; what nobody here asks for is left out. */
export function wireFullChat(
  chat: DemoChat,
  bot: UserFromGetMe,
): Chat & Pick<ChatFullInfo, "accent_color_id" | "max_reaction_count" | "pinned_message"> {
  const pinned = chat.messages.get(chat.pinnedIds.at(-1) ?? 0);
  return {
    ...wireChat(chat),
    accent_color_id: 0,
    max_reaction_count: 11,
    ...(pinned && { pinned_message: wireMessage(chat, pinned, bot) }),
  };
}

/** A message outside of channels: those do not exist here. */
type WireMessage = Message & Update.NonChannel;

/** A message without the one that it answers. */
type AloneMessage = Omit<Message, "reply_to_message" | "chat" | "from"> & Update.NonChannel;

/** What a message says or tells. */
type WireContent = Pick<
  Message,
  | "text"
  | "entities"
  | "photo"
  | "document"
  | "caption"
  | "caption_entities"
  | "pinned_message"
  | "migrate_to_chat_id"
  | "migrate_from_chat_id"
>;

/** A message as calls return it and updates carry it; the one that it answers is told without what that answers. */
export function wireMessage(chat: DemoChat, message: StoredMessage, bot: UserFromGetMe): WireMessage {
  const replyTo = chat.messages.get(message.replyToId ?? 0);
  return {
    ...wireAlone(chat, message, bot),
    // For the types it would have to have a `reply_to_message` that is undefined, which no message off the wire has.
    ...(replyTo && { reply_to_message: wireAlone(chat, replyTo, bot) as NonNullable<Message["reply_to_message"]> }),
  };
}

function wireAlone(chat: DemoChat, message: StoredMessage, bot: UserFromGetMe): AloneMessage {
  const { threadId, from, editedAt, albumId, buttons, receiverId } = message;
  const receiver = receiverId === undefined ? null : must(chat.members.get(receiverId), `Person ${receiverId}`);
  return {
    message_id: receiver ? 0 : message.id,
    ...(receiver && { ephemeral_message_id: message.id, receiver_user: wireUser(receiver) }),
    date: Math.floor(message.sentAt / 1000),
    chat: wireChat(chat),
    from: from === "bot" ? wireBot(bot) : wireUser(must(chat.members.get(from), `Person ${from}`)),
    ...(threadId !== null && { message_thread_id: threadId, is_topic_message: true as const }),
    ...(editedAt !== null && { edit_date: Math.floor(editedAt / 1000) }),
    ...(albumId !== null && { media_group_id: albumId }),
    ...wireContent(chat, message, bot),
    ...(buttons.length > 0 && { reply_markup: { inline_keyboard: buttons.map((row) => [...row]) } }),
  };
}

/** The update that tells the bot of a message. */
export const messageUpdate = (chat: DemoChat, message: StoredMessage, bot: UserFromGetMe): Pick<Update, "message"> => ({
  message: wireMessage(chat, message, bot),
});

/** The bot as sender: without what only getMe tells. */
export function wireBot(bot: UserFromGetMe): User {
  return { id: bot.id, is_bot: true, first_name: bot.first_name, username: bot.username };
}

function wireContent(chat: DemoChat, message: StoredMessage, bot: UserFromGetMe): WireContent {
  const { text, entities } = message.content;
  const found = entities.length > 0 && [...entities];
  if (message.media) {
    return {
      ...wireMedia(message.media),
      ...(text !== "" && { caption: text }),
      ...(found && { caption_entities: found }),
    };
  }
  const said = message.service ? wireService(chat, message.service, bot) : { text };
  return { ...said, ...(found && { entities: found }) };
}

function wireService(chat: DemoChat, service: ServiceNote, bot: UserFromGetMe): WireContent {
  if ("migratedTo" in service) return { migrate_to_chat_id: service.migratedTo };
  if ("migratedFrom" in service) return { migrate_from_chat_id: service.migratedFrom };
  const pinned = chat.messages.get(service.pinnedId);
  // Of a message that is gone, the wire has only the number and the date 0.
  const gone = { message_id: service.pinnedId, chat: wireChat(chat), date: 0 as const };
  return { pinned_message: pinned ? wireAlone(chat, pinned, bot) : gone };
}

function wireMedia(media: Media): Pick<Message, "photo" | "document"> {
  const file = { file_id: media.fileId, file_unique_id: media.fileUniqueId, file_size: media.bytes.length };
  return media.kind === "photo"
    ? { photo: [{ ...file, width: media.width, height: media.height }] }
    : { document: { ...file, file_name: media.fileName, mime_type: media.mimeType } };
}
