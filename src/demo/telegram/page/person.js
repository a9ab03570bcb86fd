/** Does in the chat what the person at the page did; a refusal by the server is thrown with its words. */
async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Writes a text; `who` is `{ chatId, userId }`, `replyTo` the id of the message that it answers, or `null`. */
export function say(who, text, replyTo) {
  return post("/say", { ...who, text, ...(replyTo !== null && { replyTo }) });
}

/** Sends a picture file with a caption, which may be empty; the rest as in `say`. */
export async function sendPhoto(who, file, caption, replyTo) {
  const photo = new Uint8Array(await file.arrayBuffer()).toBase64();
  return post("/photo", { ...who, photo, caption, ...(replyTo !== null && { replyTo }) });
}

/** Presses an inline button. */
export function press(who, messageId, data) {
  return post("/press", { ...who, messageId, data });
}
