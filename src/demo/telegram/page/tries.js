import { byId, element } from "./dom.js";

/** Shows what may be tried besides the chat, if there is anything; `tell` says what came of a press. */
export async function showTries(tell) {
  const { about, labels } = await (await fetch("/tries")).json();
  const box = byId("tries");
  box.hidden = labels.length === 0;
  // On a phone it would leave no room for the chat.
  box.open = matchMedia("(min-width: 721px)").matches;
  const buttons = labels.map((label, index) =>
    element("button", { type: "button", textContent: label, onclick: () => void attempt(index) }),
  );
  byId("tries-about").replaceChildren(...about.map((text) => element("p", { textContent: text })));
  byId("tries-causes").replaceChildren(...buttons);

  async function attempt(index) {
    const headers = { "content-type": "application/json" };
    const response = await fetch("/try", { method: "POST", headers, body: JSON.stringify({ index }) });
    tell(await response.text());
  }
}
