import { byId, element } from "./dom.js";
import { flash, messageItem } from "./message.js";

const list = byId("messages");
const scroller = byId("scroller");
const toNewest = byId("to-newest");

toNewest.addEventListener("click", () => scrollToNewest("smooth"));
scroller.addEventListener("scroll", () => {
  if (isAtNewest()) toNewest.hidden = true;
});

/** Shows a whole chat, from its newest message. */
export function showAll(chat, deeds) {
  list.replaceChildren();
  for (const message of chat.messages.values()) append(message, chat, deeds);
  scrollToNewest();
}

/** Shows a new message, or an edited one in its old place. */
export function showOne(message, chat, deeds) {
  if (!isFor(message, chat)) return;
  const old = find(message.messageId);
  const stays = isAtNewest();
  if (old) {
    const focused = [...old.querySelectorAll("button")].indexOf(document.activeElement);
    const item = messageItem(message, chat, deeds);
    old.replaceWith(item);
    item.querySelectorAll("button")[focused]?.focus();
    flash(item);
  } else {
    append(message, chat, deeds);
  }
  if (stays || message.from === chat.userId) scrollToNewest();
  else if (!old) toNewest.hidden = false;
}

/** Takes a deleted message away. */
export function remove(messageId) {
  find(messageId)?.remove();
}

function find(messageId) {
  return list.querySelector(`[data-id="${messageId}"]`);
}

/** An ephemeral message is for one person. */
const isFor = ({ receiverId }, chat) => receiverId === undefined || receiverId === chat.userId;

function append(message, chat, deeds) {
  if (!isFor(message, chat)) return;
  const day = new Date(message.sentAt).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  const days = list.querySelectorAll(".day");
  if (days[days.length - 1]?.textContent !== day) list.append(element("li", { className: "day", textContent: day }));
  list.append(messageItem(message, chat, deeds));
}

/** The scroller counts backwards from its end, the newest message. */
function isAtNewest() {
  return scroller.scrollTop > -80;
}

function scrollToNewest(behavior = "instant") {
  scroller.scrollTo({ top: 0, behavior });
  toNewest.hidden = true;
}
