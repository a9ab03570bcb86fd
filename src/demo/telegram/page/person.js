/** Does in the chat what the person at the page did; a refusal by the server is thrown with its words. */
async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Writes a text; `replyTo` is the id of the message that it answers, or `null`. */
export function say(chatId, text, replyTo) {
  return post("/say", { chatId, text, ...(replyTo !== null && { replyTo }) });
}

/** Sends a picture file with a caption, which may be empty; `replyTo` as in `say`. */
export async function sendPhoto(chatId, file, caption, replyTo) {
  const photo = new Uint8Array(await file.arrayBuffer()).toBase64();
  return post("/photo", { chatId, photo, caption, ...(replyTo !== null && { replyTo }) });
}

/** Presses an inline button. */
export function press(chatId, messageId, data) {
  return post("/press", { chatId, messageId, data });
}
