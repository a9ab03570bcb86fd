import { type DemoChat, groupChat, type GroupOptions, privateChat, type PrivateChatOptions } from "./chat.ts";
import { type Params, readInteger, readString } from "./params.ts";
import { badRequest, forbidden } from "./refusal.ts";

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

  function add(chat: DemoChat): DemoChat {
    byId.set(chat.id, chat);
    return chat;
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
    addPrivate: (options) => add(privateChat(options)),
    addGroup: (options) => add(groupChat(options)),
    all: () => [...byId.values()],
    get: (chatId) => {
      const chat = byId.get(chatId);
      if (!chat) throw new Error(`There is no chat ${chatId}`);
      return chat;
    },
    readable,
    writable: (params) => {
      const chat = readable(params);
      requireWritable(chat);
      return chat;
    },
  };
}

/** @throws {Refusal} when the bot may not write in it. */
function requireWritable({ type, isStarted, isBlocked }: DemoChat): void {
  if (!isStarted) throw forbidden("bot can't initiate conversation with a user");
  if (!isBlocked) return;
  if (type === "private") throw forbidden("bot was blocked by the user");
  throw forbidden(`bot was kicked from the ${type} chat`);
}
