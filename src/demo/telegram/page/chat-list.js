import { byId, element } from "./dom.js";
import { nameOf, oneLine } from "./message.js";

const list = byId("chats");
const looking = byId("people");

/** Shows the chats with what was last written and how much is unread. */
export function showChats(chats, openId, open) {
  list.replaceChildren(...chats.map((chat) => entry(chat, chat.id === openId, open)));
  const unread = chats.reduce((sum, chat) => sum + chat.unread, 0);
  const title = chats.find((chat) => chat.id === openId)?.title ?? "Chats";
  document.title = unread > 0 ? `(${unread}) ${title}` : title;
}

/** Shows who may look, if there are several: `people` are members with what is unread in their own chat. */
export function showPeople(people, userId, choose) {
  const state = JSON.stringify([people, userId]);
  // A button that is replaced loses the keyboard's focus.
  if (state === looking.dataset.state) return;
  looking.dataset.state = state;
  looking.hidden = people.length < 2;
  looking.replaceChildren(
    ...people.map(({ id, firstName, unread }) =>
      element("button", {
        type: "button",
        textContent: unread > 0 && id !== userId ? `${firstName} (${unread})` : firstName,
        ariaPressed: String(id === userId),
        onclick: () => choose(id),
      }),
    ),
  );
}

/** Fills the round sign of a chat: its initial on a colour of its own. */
export function paintAvatar(avatar, chat) {
  avatar.textContent = [...chat.title][0] ?? "";
  avatar.style.setProperty("--hue", String((Math.abs(chat.id) * 47) % 360));
}

function entry(chat, isOpen, open) {
  const avatar = element("span", { className: "avatar", ariaHidden: "true" });
  paintAvatar(avatar, chat);
  const newest = [...chat.messages.values()].at(-1);
  const badge = element("span", { className: "unread", textContent: chat.unread, ariaLabel: `${chat.unread} unread` });
  const button = element(
    "button",
    { type: "button", onclick: () => open(chat.id) },
    avatar,
    element("span", { className: "chat-title", textContent: chat.title }),
    element("span", {
      className: "chat-newest",
      textContent: newest ? `${newest.from === "bot" ? "" : `${nameOf(newest.from, chat)}: `}${oneLine(newest)}` : "",
    }),
    chat.unread > 0 ? badge : null,
  );
  if (isOpen) button.setAttribute("aria-current", "true");
  return button;
}
