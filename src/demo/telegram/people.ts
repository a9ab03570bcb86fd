import { must } from "../../lib/must.ts";
import { moveToSupergroup, setBlocked, setBotAdmin } from "./belonging.ts";
import type { Sendable } from "./state/chat.ts";
import { typedContent } from "./state/content.ts";
import type { Service } from "./state/service.ts";
import { wireChat, wireMessage, wireUser } from "./state/wire.ts";
import { tell, type Written } from "./writing.ts";

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

/** What the admins of a group do with it. */
interface DemoAdmins {
  /** An admin of a group makes the bot one, too, or takes that back. */
  readonly setBotAdmin: (groupId: number, isAdmin: boolean) => void;
  /** Somebody deletes a thread of a forum, with all that is in it. */
  readonly deleteThread: (chatId: number, threadId: number) => void;
  /** An admin of a forum closes a thread, or opens it again. */
  readonly closeThread: (chatId: number, threadId: number, isClosed: boolean) => void;
  /** An admin of a group forbids the bot to send something, or allows it again. */
  readonly allow: (chatId: number, what: Sendable, isAllowed: boolean) => void;
  /** A group becomes a supergroup with another id. */
  readonly migrate: (oldId: number, newId: number) => void;
}

/** What people do in the chats; each deed becomes the update that Telegram would make of it. */
export interface DemoPeople extends DemoAdmins {
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
}

export function createPeople(service: Service): DemoPeople {
  const { chats, changes, media, updates } = service;
  return {
    say: ({ text, ...where }) => tell(service, where, { content: typedContent(text), media: null }),

    sendPhoto: ({ photo, caption = "", ...where }) => {
      const kept = media.keep({ kind: "photo", fileName: "photo.jpg", mimeType: "image/jpeg", bytes: photo });
      return tell(service, where, { content: typedContent(caption), media: kept });
    },

    press: (press) => pressButton(service, press),
    forge: (forged) => forge(service, forged),
    push: updates.push,

    block: (chatId) => setBlocked(service, chatId, true),
    unblock: (chatId) => setBlocked(service, chatId, false),
    addBot: (groupId, userId) => setBlocked(service, groupId, false, userId),

    setBotAdmin: (groupId, isAdmin) => setBotAdmin(service, groupId, isAdmin),

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

    migrate: (oldId, newId) => moveToSupergroup(service, oldId, newId),
  };
}

function pressButton(service: Service, press: Press): string {
  const { chatId, messageId } = press;
  const chat = service.chats.get(chatId);
  const found = [...chat.messages.values()]
    .reverse()
    .filter((message) => messageId === undefined || message.id === messageId)
    .flatMap((message) => message.buttons.flat().map((button) => ({ message, button })))
    .find(({ button }) => ("data" in press ? dataOf(button) === press.data : button.text === press.label));
  const data = found && dataOf(found.button);
  if (!found || data === undefined) throw new Error(`No button to press for ${JSON.stringify(press)}`);
  return forge(service, { ...press, messageId: found.message.id, data });
}

function forge(
  { bot, chats, queries, updates }: Service,
  { chatId, userId = chatId, messageId, data }: Forged,
): string {
  const chat = chats.get(chatId);
  const message = chat.messages.get(messageId);
  const queryId = queries.open({ chatId, userId });
  updates.push({
    callback_query: {
      id: queryId,
      from: wireUser(must(chat.members.get(userId), `Person ${userId}`)),
      message: message
        ? wireMessage(chat, message, bot)
        : { chat: wireChat(chat), message_id: messageId, date: 0 as const },
      chat_instance: String(chat.id),
      data,
    },
  });
  return queryId;
}

function dataOf(button: object): string | undefined {
  return "callback_data" in button && typeof button.callback_data === "string" ? button.callback_data : undefined;
}
