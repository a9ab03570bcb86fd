import type { Change } from "./state/changes.ts";
import type { DemoChat } from "./state/chat.ts";
import type { StoredMessage } from "./state/message.ts";
import type { Service } from "./state/service.ts";
import { show } from "./view.ts";

/** The page shows at most this many of the newest messages of a chat when it opens. */
const shownMessages = 200;

/** What a page is told when it opens: all that it shows. */
export function pageState(service: Service): object {
  const { bot, chats } = service;
  return {
    type: "state",
    bot: { firstName: bot.first_name, username: bot.username },
    chats: chats.all().map((chat) => whole(service, chat)),
  };
}

/** What a page is told of a change; `null`: nothing. */
export function pageEvent(service: Service, change: Change): object | null {
  const { chats } = service;
  if (change.type === "call") return null;
  if (change.type === "commands") return { type: "chats", chats: chats.all().map((chat) => summary(service, chat)) };
  if (change.type === "chat") return { type: "chats", chats: [summary(service, chats.get(change.chatId))] };
  if (change.type !== "message") return change;
  const chat = chats.get(change.chatId);
  const message = chat.messages.get(change.messageId);
  return message ? { ...change, message: pageMessage(chat, message) } : null;
}

function summary({ bot, commands }: Service, chat: DemoChat) {
  const pinned = chat.messages.get(chat.pinnedIds.at(-1) ?? 0);
  return {
    id: chat.id,
    // A private chat is seen by its person: under the name of the bot.
    title: chat.type === "private" ? bot.first_name : chat.title,
    isGroup: chat.type !== "private",
    members: [...chat.members.values()],
    composer: chat.composer,
    /** Each member's menu of commands. */
    menus: Object.fromEntries([...chat.members.keys()].map((id) => [id, commands.visible(chat, id)])),
    pinned: pinned ? pageMessage(chat, pinned) : null,
  };
}

function whole(service: Service, chat: DemoChat) {
  const newest = [...chat.messages.values()].slice(-shownMessages);
  return { ...summary(service, chat), messages: newest.map((message) => pageMessage(chat, message)) };
}

/** A message for the page, which fetches the bytes by address. */
function pageMessage(chat: DemoChat, message: StoredMessage) {
  const shown = show(chat, message);
  const url = message.media && `/media/${message.media.path}`;
  return {
    ...shown,
    photo: shown.photo && { url, width: shown.photo.width, height: shown.photo.height },
    document: shown.document && { url, fileName: shown.document.fileName },
  };
}
