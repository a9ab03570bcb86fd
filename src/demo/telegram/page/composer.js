import { byId, element } from "./dom.js";
import { nameOf, oneLine } from "./message.js";

const field = byId("text");
const photoFile = byId("photo-file");
const strip = byId("reply");
const keyboard = byId("keyboard");
const menu = byId("menu");

/** The text field with what belongs to it: the reply strip, photos, the reply keyboard and the menu of commands. */
export function createComposer({ say, sendPhoto }) {
  let chat = null;
  let replyTo = null;

  function send(text, answered = replyTo) {
    if (text.trim() !== "") say(text, answered);
    setReply(null);
  }

  function setReply(message) {
    replyTo = message?.messageId ?? null;
    strip.hidden = message === null;
    if (message) byId("reply-text").textContent = `${nameOf(message.from, chat)}: ${oneLine(message)}`;
  }

  /** Follows the chat: its commands, and what the bot asked to stand at the text field. */
  function show(shown) {
    const isOther = shown.id !== chat?.id;
    chat = shown;
    if (isOther) {
      field.value = "";
      setReply(null);
    }
    const { composer, commands } = chat;
    field.placeholder = composer?.placeholder ?? "Message";
    if (composer?.isForceReply) setReply(chat.messages.get(composer.messageId) ?? null);
    // In a group, a key answers the message that brought it: so the bot hears it.
    const answered = chat.isGroup ? (composer?.messageId ?? null) : null;
    showKeyboard(composer?.rows ?? [], (text) => send(text, answered));
    showMenu(commands, send);
  }

  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send(field.value);
    field.value = "";
  });
  byId("attach-button").addEventListener("click", () => photoFile.click());
  // A photo goes as soon as it is chosen; what was typed is its caption.
  photoFile.addEventListener("change", () => {
    sendPhoto(photoFile.files[0], field.value, replyTo);
    setReply(null);
    field.value = "";
    photoFile.value = "";
  });
  byId("reply-cancel").addEventListener("click", () => setReply(null));

  return {
    show,
    send,
    reply: (message) => {
      setReply(message);
      field.focus();
    },
  };
}

function showKeyboard(rows, send) {
  keyboard.hidden = rows.length === 0;
  const key = (text) =>
    element("button", { type: "button", className: "key", textContent: text, onclick: () => send(text) });
  keyboard.replaceChildren(...rows.map((row) => element("div", { className: "keys" }, ...row.map(key))));
}

function showMenu(commands, send) {
  byId("menu-button").hidden = commands.length === 0;
  const entries = commands.map(({ command, description }) => {
    const choose = () => {
      menu.hidePopover();
      send(`/${command}`);
    };
    return element(
      "button",
      { type: "button", onclick: choose },
      element("span", { textContent: description }),
      element("span", { className: "name", textContent: `/${command}` }),
    );
  });
  menu.replaceChildren(...entries);
}
