import { byId, element } from "./dom.js";
import { anchor, formatted } from "./entities.js";

/** The list item of one message. `deeds` says what its buttons do: `{ say(text), press(message, data), reply(message), follow(url) }`. */
export function messageItem(message, chat, deeds) {
  if (message.isService) return serviceItem(message);
  const isMine = message.from === chat.userId;
  const text = message.caption ?? message.text;
  const bubble = element(
    "div",
    { className: message.photo ? "bubble with-photo" : "bubble" },
    chat.isGroup && !isMine ? element("p", { className: "sender", textContent: nameOf(message.from, chat) }) : null,
    quoteOf(message, chat),
    message.photo ? photo(message.photo, text) : null,
    message.document ? documentLink(message.document) : null,
    element(
      "div",
      { className: "text" },
      ...formatted(text, message.entities, deeds),
      element("span", { className: "meta" }, ...metaOf(message)),
    ),
  );
  const reply = element("button", { type: "button", className: "reply", textContent: "↩", ariaLabel: "Reply" });
  reply.addEventListener("click", () => deeds.reply(message));
  const item = element(
    "li",
    { className: isMine ? "message mine" : "message" },
    bubble,
    message.buttons.length > 0 ? inlineKeyboard(message, deeds) : null,
    isMine ? null : reply,
  );
  item.dataset.id = message.messageId;
  return item;
}

function serviceItem(message) {
  const item = element("li", { className: "service", textContent: message.text });
  item.dataset.id = message.messageId;
  return item;
}

/** What stands for a message in one line: pinned, quoted, or in the list of chats. */
export function oneLine(message) {
  const text = (message.caption ?? message.text).split("\n")[0];
  return text || (message.photo ? "Photo" : "Document");
}

/** Who wrote it. */
export function nameOf(from, chat) {
  if (from === "bot") return chat.botName;
  return chat.members.find((member) => member.id === from)?.firstName ?? "Somebody";
}

function quoteOf(message, chat) {
  const original = chat.messages.get(message.replyTo);
  if (!original) return null;
  const quote = element(
    "button",
    { type: "button", className: "quote" },
    element("strong", { textContent: nameOf(original.from, chat) }),
    element("span", { textContent: oneLine(original) }),
  );
  quote.addEventListener("click", () => showMessage(original.messageId));
  return quote;
}

/** Brings a message of the open chat into view and marks it for a moment. */
export function showMessage(messageId) {
  const item = byId("messages").querySelector(`[data-id="${messageId}"]`);
  item?.scrollIntoView({ block: "center", behavior: "smooth" });
  flash(item);
}

/** Marks a message for a moment. */
export function flash(item) {
  item?.animate({ opacity: [0.45, 1] }, { duration: 700, easing: "ease-out" });
}

function photo({ url, width, height }, caption) {
  const alt = caption.split("\n")[0] || "Photo";
  const button = element(
    "button",
    { type: "button", className: "photo", ariaLabel: `Enlarge: ${alt}` },
    element("img", { src: url, alt, width, height }),
  );
  button.addEventListener("click", () => {
    const dialog = byId("photo");
    Object.assign(dialog.querySelector("img"), { src: url, alt });
    dialog.showModal();
  });
  return button;
}

function documentLink({ url, fileName }) {
  return element("a", { className: "document", href: url, download: fileName, textContent: `📄 ${fileName}` });
}

function inlineKeyboard(message, deeds) {
  const rows = message.buttons.map((row) =>
    element("div", { className: "keys" }, ...row.map((button) => inlineButton(message, button, deeds))),
  );
  return element("div", { className: "inline-keyboard" }, ...rows);
}

function inlineButton(message, button, deeds) {
  const style = button.style ? `key ${button.style}` : "key";
  if (button.url && /^https?:/i.test(button.url)) {
    return anchor(button.url, { className: style }, [`${button.text} ↗`], deeds);
  }
  const key = element("button", { type: "button", className: style, textContent: button.text });
  key.disabled = button.callback_data === undefined && button.copy_text === undefined;
  key.addEventListener("click", () => {
    if (button.copy_text) return void navigator.clipboard.writeText(button.copy_text.text).then(() => flash(key));
    key.classList.add("busy");
    deeds.press(message, button.callback_data);
  });
  return key;
}

function metaOf(message) {
  const time = new Date(message.sentAt);
  return [
    message.receiverId ? element("span", { textContent: "only you see this" }) : null,
    message.isSilent ? element("span", { title: "Sent without a sound", textContent: "🔕" }) : null,
    message.editedAt === null ? null : element("span", { textContent: "edited" }),
    element("time", { dateTime: time.toISOString(), textContent: clock(time) }),
  ];
}

function clock(time) {
  return time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
