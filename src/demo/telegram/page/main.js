import { paintAvatar, showChats } from "./chat-list.js";
import { createComposer } from "./composer.js";
import { byId } from "./dom.js";
import { oneLine, showMessage } from "./message.js";
import { remove, showAll, showOne } from "./message-list.js";
import { press, say, sendPhoto } from "./person.js";

/** Chats by id; each with its messages by id, in order, and the number of those that nobody has seen. */
let chats = new Map();
let bot = { firstName: "", username: "" };
let openId = null;
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

const composer = createComposer({
  say: (text, replyTo) => attempt(say(openId, text, replyTo)),
  sendPhoto: (file, caption, replyTo) => attempt(sendPhoto(openId, file, caption, replyTo)),
});
const deeds = {
  say: (text) => composer.send(text),
  press: (message, data) => attempt(press(openId, message.messageId, data)),
  reply: (message) => composer.reply(message),
};

const handlers = {
  state: (event) => {
    bot = event.bot;
    const unread = (id) => chats.get(id)?.unread ?? 0;
    chats = new Map(event.chats.map((chat) => [chat.id, withMessages(chat, chat.messages, unread(chat.id))]));
    openChat(chats.has(openId) ? openId : (event.chats[0]?.id ?? null));
  },
  chats: (event) => {
    for (const chat of event.chats) {
      const known = chats.get(chat.id);
      chats.set(chat.id, { ...withMessages(chat, [], known?.unread ?? 0), ...(known && { messages: known.messages }) });
    }
    if (openId === null) openChat(event.chats[0].id);
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
    } else if (isNew && message.from !== chat.userId) {
      chat.unread += 1;
    }
    showChats([...chats.values()], openId, openChat);
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
    if (answer.text === null || answer.userId !== chats.get(openId)?.userId) return;
    if (answer.showAlert) showAlert(answer.text);
    else showToast(answer.text);
  },
};

function withMessages(chat, messages, unread) {
  return { ...chat, botName: bot.firstName, unread, messages: new Map(messages.map((m) => [m.messageId, m])) };
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
  composer.show(chat);
  showChats([...chats.values()], openId, openChat);
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

// The browser opens the stream again by itself, and the server then tells everything anew.
const events = new EventSource("/events");
events.addEventListener("message", ({ data }) => {
  const event = JSON.parse(data);
  handlers[event.type](event);
});
events.addEventListener("error", () => {
  byId("subtitle").textContent = "Reconnecting…";
});
