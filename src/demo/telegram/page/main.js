import { paintAvatar, showChats, showPeople } from "./chat-list.js";
import { createComposer } from "./composer.js";
import { byId } from "./dom.js";
import { oneLine, showMessage } from "./message.js";
import { remove, showAll, showOne } from "./message-list.js";
import { press, say, sendPhoto } from "./person.js";
import { whenReleased } from "./pointer.js";
import { showTries } from "./tries.js";

/** Chats by id; each with its messages by id, in order, and the number of those that nobody has seen. */
let chats = new Map();
let bot = { firstName: "", username: "" };
let openId = null;
/** Who looks: one of those who have a private chat. */
let userId = null;
let actionTimer;
let toastTimer;

const actionTexts = {
  typing: "Typing…",
  upload_photo: "Uploading a photo…",
  upload_document: "Uploading a document…",
};
/** Telegram shows an action for at most 5 s, or until a message comes. */
const actionMs = 5_000;
const toastMs = 3_500;

const who = () => ({ chatId: openId, userId });
const composer = createComposer({
  say: (text, replyTo) => attempt(say(who(), text, replyTo)),
  sendPhoto: (file, caption, replyTo) => attempt(sendPhoto(who(), file, caption, replyTo)),
});
const deeds = {
  say: (text) => composer.send(text),
  press: (message, data) => attempt(press(who(), message.messageId, data)),
  reply: (message) => composer.reply(message),
  follow,
};

const handlers = {
  state: (event) => {
    bot = event.bot;
    const unread = (id) => chats.get(id)?.unread ?? 0;
    chats = new Map(event.chats.map((chat) => [chat.id, withMessages(chat, chat.messages, unread(chat.id))]));
    const isKnown = people().some(({ id }) => id === userId);
    look(isKnown ? userId : (people()[0]?.id ?? event.chats[0]?.members[0]?.id ?? null));
  },
  chats: (event) => {
    for (const chat of event.chats) {
      const known = chats.get(chat.id);
      chats.set(chat.id, { ...withMessages(chat, [], known?.unread ?? 0), ...(known && { messages: known.messages }) });
    }
    if (openId === null) look(event.chats[0].members[0].id);
    else showOpenChat();
  },
  message: ({ chatId, message }) => {
    const chat = chats.get(chatId);
    const isNew = !chat.messages.has(message.messageId);
    chat.messages.set(message.messageId, message);
    if (chatId === openId) {
      if (message.from === "bot") showAction(null);
      showOne(message, chat, deeds);
      if (chat.pinned?.messageId === message.messageId) showPinned(Object.assign(chat, { pinned: message }));
    } else if (isNew && message.from !== userId) {
      chat.unread += 1;
    }
    showSide();
  },
  deleted: ({ chatId, messageId }) => {
    chats.get(chatId).messages.delete(messageId);
    if (chatId === openId) remove(messageId);
  },
  action: ({ chatId, action }) => {
    if (chatId === openId) showAction(actionTexts[action] ?? "Working…");
  },
  answer: ({ answer }) => {
    for (const key of document.querySelectorAll(".key.busy")) key.classList.remove("busy");
    if (answer.text === null || answer.userId !== userId) return;
    if (answer.showAlert) showAlert(answer.text);
    else showToast(answer.text);
  },
};

function withMessages(chat, messages, unread) {
  return { ...chat, botName: bot.firstName, userId, unread, messages: new Map(messages.map((m) => [m.messageId, m])) };
}

/** Those who have a private chat, each with what is unread there. */
const people = () =>
  [...chats.values()]
    .filter((chat) => !chat.isGroup)
    .map((chat) => ({ ...chat.members[0], unread: chat.unread, chatId: chat.id }));

/** The chats of who looks. */
const mine = () => [...chats.values()].filter((chat) => chat.members.some(({ id }) => id === userId));

/** Lets somebody else look; the chat stays open if it is theirs as well. */
function look(id) {
  userId = id;
  byId("toast").hidePopover();
  for (const chat of mine()) Object.assign(chat, { userId });
  openChat(mine().some((chat) => chat.id === openId) ? openId : (mine()[0]?.id ?? null));
}

/** As Telegram does with a deep link to a bot: its chat with who taps is opened, and it is sent the code. Whether it was such a link. */
function follow(url) {
  const { hostname, pathname, searchParams } = new URL(url);
  const code = searchParams.get("start");
  const own = people().find(({ id }) => id === userId);
  if (hostname !== "t.me" || pathname !== `/${bot.username}` || code === null || !own) return false;
  openChat(own.chatId);
  void attempt(say(who(), `/start ${code}`, null));
  return true;
}

function openChat(chatId) {
  openId = chatId;
  const chat = chats.get(chatId);
  if (!chat) return;
  chat.unread = 0;
  showAction(null);
  showAll(chat, deeds);
  showOpenChat();
}

/** Shows all around the messages of the open chat. */
function showOpenChat() {
  const chat = chats.get(openId);
  byId("title").textContent = chat.title;
  byId("subtitle").textContent = chat.isGroup ? `${chat.members.length} members and the bot` : `@${bot.username} · bot`;
  paintAvatar(byId("avatar"), chat);
  showPinned(chat);
  composer.show({ ...chat, commands: chat.menus[userId] ?? [] });
  showSide();
}

function showSide() {
  byId("side").hidden = mine().length < 2 && people().length < 2;
  showPeople(people(), userId, look);
  showChats(mine(), openId, openChat);
}

function showPinned({ pinned }) {
  const bar = byId("pinned");
  bar.hidden = pinned === null;
  bar.textContent = pinned ? `📌 ${oneLine(pinned)}` : "";
}

function showAction(text) {
  clearTimeout(actionTimer);
  const line = byId("action");
  line.hidden = text === null;
  line.textContent = text ?? "";
  if (text !== null) actionTimer = setTimeout(() => showAction(null), actionMs);
}

function showToast(text) {
  const toast = byId("toast");
  toast.textContent = text;
  toast.showPopover();
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.hidePopover(), toastMs);
}

function showAlert(text) {
  byId("alert-text").textContent = text;
  byId("alert").showModal();
}

byId("pinned").addEventListener("click", () => showMessage(chats.get(openId).pinned.messageId));

/** Says in a toast why something that the person did was not done. */
async function attempt(deed) {
  try {
    await deed;
  } catch (error) {
    showToast(error.message);
  }
}

void attempt(showTries(showToast));

// The browser opens the stream again by itself, and the server then tells everything anew.
const events = new EventSource("/events");
events.addEventListener("message", ({ data }) => {
  const event = JSON.parse(data);
  whenReleased(() => handlers[event.type](event));
});
events.addEventListener("error", () => {
  byId("subtitle").textContent = "Reconnecting…";
});
