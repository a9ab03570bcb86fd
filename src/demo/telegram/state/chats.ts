import type { MessageContent } from "./content.ts";
import type { InlineKeyboard } from "./keyboards.ts";
import type { Media } from "./media.ts";
import { type Params, readInteger, readString } from "./params.ts";
import { badRequest, forbidden } from "./refusal.ts";

/** Somebody who can write in a chat. */
export interface DemoPerson {
  readonly id: number;
  readonly firstName: string;
}

/** What a message of the service itself tells; on the wire it stands in the place of a text. */
export type ServiceNote =
  | { readonly pinnedId: number }
  | { readonly migratedTo: number }
  | { readonly migratedFrom: number };

/** A message as the chat holds it; an edit replaces it by another with the same `id`. */
export interface StoredMessage {
  readonly id: number;
  readonly threadId: number | null;
  readonly from: "bot" | number;
  readonly content: MessageContent;
  readonly media: Media | null;
  /** `null`: somebody wrote the message. If not, `content` is what the chat shows of it. */
  readonly service: ServiceNote | null;
  readonly albumId: string | null;
  readonly buttons: InlineKeyboard;
  /** Sent together with a reply keyboard or the like: Telegram lets nobody edit it then. */
  readonly isLocked: boolean;
  readonly isSilent: boolean;
  readonly replyToId: number | null;
  readonly sentAt: number;
  readonly editedAt: number | null;
  readonly edits: number;
}

/** What stands at the text field of a chat: the keys of a reply keyboard, or a request to answer one message. */
export interface Composer {
  readonly messageId: number;
  readonly rows: readonly (readonly string[])[];
  readonly isOneTime: boolean;
  readonly isForceReply: boolean;
  readonly placeholder: string | null;
}

/** What a group can forbid to send, in the words of Telegram's refusals (FACTS: C3). */
export type Sendable = "text messages" | "photos" | "documents";

/** One chat with all that it holds. */
export interface DemoChat {
  readonly id: number;
  readonly type: "private" | "group" | "supergroup";
  readonly title: string;
  readonly members: ReadonlyMap<number, DemoPerson>;
  readonly isBotAdmin: boolean;
  readonly isForum: boolean;
  readonly threadIds: Set<number>;
  /** Threads that are there, and in which only admins may write. */
  readonly closedThreadIds: Set<number>;
  /** What the group does not let the bot send. */
  readonly forbidden: Set<Sendable>;
  /** False until the person of a private chat has written. */
  isStarted: boolean;
  /** The person blocked the bot, or the group threw it out. */
  isBlocked: boolean;
  migratedTo: number | null;
  composer: Composer | null;
  /** Ids of the pinned messages, the last pinned at the end. */
  pinnedIds: number[];
  lastMessageId: number;
  readonly messages: Map<number, StoredMessage>;
}

/** What a group is made from; an id below -10^12 makes it a supergroup, as does `isForum`. */
export interface GroupOptions {
  readonly id: number;
  readonly title: string;
  readonly members: readonly DemoPerson[];
  readonly isBotAdmin?: boolean;
  readonly isForum?: boolean;
  /** Threads (forum topics) besides General. */
  readonly threadIds?: readonly number[];
}

/** What a private chat is made from; `isStarted: false` for a person who never pressed Start. */
export interface PrivateChatOptions extends DemoPerson {
  readonly isStarted?: boolean;
}

/** All chats that the service knows. */
export interface Chats {
  readonly addPrivate: (options: PrivateChatOptions) => DemoChat;
  readonly addGroup: (options: GroupOptions) => DemoChat;
  readonly all: () => readonly DemoChat[];
  /** A chat by its id, for people and tests. @throws {Error} when there is none. */
  readonly get: (chatId: number) => DemoChat;
  /** The chat that a call names, which the bot may at least see. @throws {Refusal} */
  readonly readable: (params: Params) => DemoChat;
  /** The chat that a call names, where the bot may write. @throws {Refusal} */
  readonly writable: (params: Params) => DemoChat;
}

export function createChats(): Chats {
  const byId = new Map<number, DemoChat>();

  function add(
    chat: Omit<
      DemoChat,
      | "closedThreadIds"
      | "forbidden"
      | "isBlocked"
      | "migratedTo"
      | "composer"
      | "pinnedIds"
      | "lastMessageId"
      | "messages"
    >,
  ) {
    const added: DemoChat = {
      ...chat,
      closedThreadIds: new Set(),
      forbidden: new Set(),
      isBlocked: false,
      migratedTo: null,
      composer: null,
      pinnedIds: [],
      lastMessageId: 0,
      messages: new Map(),
    };
    byId.set(chat.id, added);
    return added;
  }

  function readable(params: Params): DemoChat {
    const name = readString(params, "chat_id") ?? "";
    if (name === "") throw badRequest("chat_id is empty");
    const chat = byId.get(readInteger(params, "chat_id") ?? 0);
    if (!chat) throw badRequest("chat not found");
    if (chat.migratedTo !== null) {
      throw badRequest("group chat was upgraded to a supergroup chat", { migrate_to_chat_id: chat.migratedTo });
    }
    return chat;
  }

  return {
    addPrivate: ({ id, firstName, isStarted = true }) =>
      add({
        id,
        type: "private",
        title: firstName,
        members: new Map([[id, { id, firstName }]]),
        isBotAdmin: false,
        isForum: false,
        threadIds: new Set(),
        isStarted,
      }),
    addGroup: ({ id, title, members, isBotAdmin = false, isForum = false, threadIds = [] }) =>
      add({
        id,
        type: isForum || id < -1e12 ? "supergroup" : "group",
        title,
        members: new Map(members.map((member) => [member.id, member])),
        isBotAdmin,
        isForum,
        threadIds: new Set(threadIds),
        isStarted: true,
      }),
    all: () => [...byId.values()],
    get: (chatId) => {
      const chat = byId.get(chatId);
      if (!chat) throw new Error(`There is no chat ${chatId}`);
      return chat;
    },
    readable,
    writable: (params) => {
      const chat = readable(params);
      if (!chat.isStarted) throw forbidden("bot can't initiate conversation with a user");
      if (chat.isBlocked && chat.type === "private") throw forbidden("bot was blocked by the user");
      if (chat.isBlocked)
        throw forbidden(`bot was kicked from the ${chat.type === "group" ? "group" : "supergroup"} chat`);
      return chat;
    },
  };
}

/** Puts a new message at the end of a chat, under the chat's next number. */
export function append(chat: DemoChat, message: Omit<StoredMessage, "id" | "editedAt" | "edits">): StoredMessage {
  chat.lastMessageId += 1;
  const stored = { ...message, id: chat.lastMessageId, editedAt: null, edits: 0 };
  chat.messages.set(stored.id, stored);
  return stored;
}
