import type { NewMessage, StoredMessage } from "./message.ts";

/** Somebody who can write in a chat. */
export interface DemoPerson {
  readonly id: number;
  readonly firstName: string;
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

/** A chat as it is set up. */
interface NewChat {
  readonly id: number;
  readonly type: "private" | "group" | "supergroup";
  readonly title: string;
  readonly members: ReadonlyMap<number, DemoPerson>;
  isBotAdmin: boolean;
  readonly isForum: boolean;
  readonly threadIds: Set<number>;
  /** False until the person of a private chat has written. */
  isStarted: boolean;
}

/** One chat with all that it holds. */
export interface DemoChat extends NewChat {
  /** Threads that are there, and in which only admins may write. */
  readonly closedThreadIds: Set<number>;
  /** What the group does not let the bot send. */
  readonly forbidden: Set<Sendable>;
  /** The person blocked the bot, or the group threw it out. */
  isBlocked: boolean;
  migratedTo: number | null;
  composer: Composer | null;
  /** Ids of the pinned messages, the last pinned at the end. */
  pinnedIds: number[];
  /** What stands beside the names of members. */
  readonly tags: Map<number, string>;
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

/** A private chat in which nothing has been written. */
export function privateChat({ id, firstName, isStarted = true }: PrivateChatOptions): DemoChat {
  return emptyChat({
    id,
    type: "private",
    title: firstName,
    members: new Map([[id, { id, firstName }]]),
    isBotAdmin: false,
    isForum: false,
    threadIds: new Set(),
    isStarted,
  });
}

/** A group in which nothing has been written. */
export function groupChat(options: GroupOptions): DemoChat {
  const { id, title, members, isBotAdmin = false, isForum = false, threadIds = [] } = options;
  return emptyChat({
    id,
    type: isForum || id < -1e12 ? "supergroup" : "group",
    title,
    members: new Map(members.map((member) => [member.id, member])),
    isBotAdmin,
    isForum,
    threadIds: new Set(threadIds),
    isStarted: true,
  });
}

function emptyChat(chat: NewChat): DemoChat {
  return {
    ...chat,
    closedThreadIds: new Set(),
    forbidden: new Set(),
    isBlocked: false,
    migratedTo: null,
    composer: null,
    pinnedIds: [],
    tags: new Map(),
    lastMessageId: 0,
    messages: new Map(),
  };
}

/** Puts a new message at the end of a chat, under the chat's next number. */
export function append(chat: DemoChat, message: NewMessage): StoredMessage {
  chat.lastMessageId += 1;
  const stored = { ...message, id: chat.lastMessageId, editedAt: null, edits: 0 };
  chat.messages.set(stored.id, stored);
  return stored;
}
