import type { ChatMember } from "grammy/types";
import { append, type DemoChat, type Sendable, type StoredMessage } from "./state/chats.ts";
import { typedContent } from "./state/content.ts";
import type { Service } from "./state/service.ts";
import { wireBot, wireChat, wireMessage, wireUser } from "./state/wire.ts";

/** Where somebody writes; in a private chat it is the chat's own person when `userId` is left out. */
interface Written {
  readonly chatId: number;
  readonly userId?: number;
  /** The id of the message that it answers. */
  readonly replyTo?: number;
  /** The thread of a forum; left out: that of the message that it answers, else General. */
  readonly threadId?: number;
}

interface Typed extends Written {
  readonly text: string;
}

/** A picture as PNG or JPEG. */
interface Photographed extends Written {
  readonly photo: Uint8Array;
  readonly caption?: string;
}

/** Somebody presses the inline button with this data or label: on that message, or on the newest one that has it. */
type Press = {
  readonly chatId: number;
  readonly userId?: number;
  readonly messageId?: number;
} & ({ readonly data: string } | { readonly label: string });

/** Somebody's own client sends data of its own making for a press on a message, whatever buttons that has. */
interface Forged {
  readonly chatId: number;
  readonly userId?: number;
  readonly messageId: number;
  readonly data: string;
}

/** What people do in the chats; each deed becomes the update that Telegram would make of it. */
export interface DemoPeople {
  /** Returns the id of the new message. */
  readonly say: (typed: Typed) => number;
  /** Returns the id of the new message. @throws {Refusal} when it is not a picture. */
  readonly sendPhoto: (photographed: Photographed) => number;
  /** Returns the id of the callback query, under which its answer will be found. @throws {Error} when there is no such button. */
  readonly press: (press: Press) => string;
  /** Returns the id of the callback query. */
  readonly forge: (forged: Forged) => string;
  /** Hands the bot an update as it is, whatever it says. */
  readonly push: Service["updates"]["push"];
  /** A person blocks the bot, or a group throws it out. */
  readonly block: (chatId: number) => void;
  readonly unblock: (chatId: number) => void;
  /** Somebody takes the bot into a group in which it is not. */
  readonly addBot: (groupId: number, userId: number) => void;
  /** Somebody deletes a thread of a forum, with all that is in it. */
  readonly deleteThread: (chatId: number, threadId: number) => void;
  /** An admin of a forum closes a thread, or opens it again. */
  readonly closeThread: (chatId: number, threadId: number, isClosed: boolean) => void;
  /** An admin of a group forbids the bot to send something, or allows it again. */
  readonly allow: (chatId: number, what: Sendable, isAllowed: boolean) => void;
  /** A group becomes a supergroup with another id. */
  readonly migrate: (oldId: number, newId: number) => void;
}

export function createPeople(service: Service): DemoPeople {
  const { bot, chats, changes, media, now, queries, updates } = service;

  function write(where: Written, parts: Pick<StoredMessage, "content" | "media" | "service">): StoredMessage {
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

  /** Privacy mode: in a group where it is not an admin, a bot hears only what is meant for it. */
  function isHeard(chat: DemoChat, { content, replyToId }: StoredMessage): boolean {
    if (chat.isBlocked) return false;
    if (chat.type === "private" || chat.isBotAdmin || bot.can_read_all_group_messages) return true;
    if (chat.messages.get(replyToId ?? 0)?.from === "bot") return true;
    const isToBot = (word: string) => word.toLowerCase().endsWith(`@${bot.username.toLowerCase()}`);
    const commands = content.entities
      .filter((entity) => entity.type === "bot_command")
      .map(({ offset, length }) => content.text.slice(offset, offset + length));
    return commands.some((word) => !word.includes("@") || isToBot(word)) || content.text.split(/\s+/).some(isToBot);
  }

  function setBlocked(chatId: number, isBlocked: boolean, userId?: number): void {
    const chat = chats.get(chatId);
    const from = chat.members.get(userId ?? [...chat.members.keys()][0]!)!;
    if (chat.isBlocked === isBlocked) return;
    chat.isBlocked = isBlocked;
    const user = wireBot(bot);
    const asMember = (isOut: boolean): ChatMember =>
      isOut ? { status: "kicked", user, until_date: 0 } : { status: "member", user };
    updates.push({
      my_chat_member: {
        chat: wireChat(chat),
        from: wireUser(from),
        date: Math.floor(now() / 1000),
        old_chat_member: asMember(!isBlocked),
        new_chat_member: asMember(isBlocked),
      },
    });
    changes.publish({ type: "chat", chatId });
  }

  /** Writes, and lets the bot hear it if it may. */
  function tell(where: Written, parts: Pick<StoredMessage, "content" | "media">): number {
    const chat = chats.get(where.chatId);
    chat.isStarted = true;
    const message = write(where, { ...parts, service: null });
    if (isHeard(chat, message)) updates.push({ message: wireMessage(chat, message, bot) as never });
    return message.id;
  }

  function forge({ chatId, userId = chatId, messageId, data }: Forged): string {
    const chat = chats.get(chatId);
    const message = chat.messages.get(messageId);
    const queryId = queries.open({ chatId, userId });
    updates.push({
      callback_query: {
        id: queryId,
        from: wireUser(chat.members.get(userId)!),
        message: message
          ? wireMessage(chat, message, bot)
          : { chat: wireChat(chat), message_id: messageId, date: 0 as const },
        chat_instance: String(chat.id),
        data,
      },
    });
    return queryId;
  }

  return {
    say: ({ text, ...where }) => tell(where, { content: typedContent(text), media: null }),

    sendPhoto: ({ photo, caption = "", ...where }) => {
      const kept = media.keep({ kind: "photo", fileName: "photo.jpg", mimeType: "image/jpeg", bytes: photo });
      return tell(where, { content: typedContent(caption), media: kept });
    },

    press: (press) => {
      const { chatId, messageId } = press;
      const chat = chats.get(chatId);
      const found = [...chat.messages.values()]
        .reverse()
        .filter((message) => messageId === undefined || message.id === messageId)
        .flatMap((message) => message.buttons.flat().map((button) => ({ message, button })))
        .find(({ button }) => ("data" in press ? dataOf(button) === press.data : button.text === press.label));
      const data = found && dataOf(found.button);
      if (!found || data === undefined) throw new Error(`No button to press for ${JSON.stringify(press)}`);
      return forge({ ...press, messageId: found.message.id, data });
    },
    forge,
    push: updates.push,

    block: (chatId) => setBlocked(chatId, true),
    unblock: (chatId) => setBlocked(chatId, false),
    addBot: (groupId, userId) => setBlocked(groupId, false, userId),

    deleteThread: (chatId, threadId) => {
      const chat = chats.get(chatId);
      chat.threadIds.delete(threadId);
      for (const { id } of [...chat.messages.values()].filter((message) => message.threadId === threadId)) {
        chat.messages.delete(id);
        changes.publish({ type: "deleted", chatId, messageId: id });
      }
    },

    closeThread: (chatId, threadId, isClosed) => {
      const { closedThreadIds } = chats.get(chatId);
      if (isClosed) closedThreadIds.add(threadId);
      else closedThreadIds.delete(threadId);
    },

    allow: (chatId, what, isAllowed) => {
      const { forbidden } = chats.get(chatId);
      if (isAllowed) forbidden.delete(what);
      else forbidden.add(what);
    },

    migrate: (oldId, newId) => {
      const old = chats.get(oldId);
      const { title, members, isBotAdmin } = old;
      const fresh = chats.addGroup({ id: newId, title, members: [...members.values()], isBotAdmin });
      const userId = [...members.keys()][0]!;
      const said = { content: typedContent("This group was upgraded to a supergroup"), media: null };
      const last = write({ chatId: oldId, userId }, { ...said, service: { migratedTo: newId } });
      const first = write({ chatId: newId, userId }, { ...said, service: { migratedFrom: oldId } });
      old.migratedTo = newId;
      updates.push({ message: wireMessage(old, last, bot) as never });
      updates.push({ message: wireMessage(fresh, first, bot) as never });
      changes.publish({ type: "chat", chatId: newId });
    },
  };
}

function dataOf(button: object): string | undefined {
  return "callback_data" in button ? (button.callback_data as string) : undefined;
}
