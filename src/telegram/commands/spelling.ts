import type { Message, Update } from "grammy/types";
import { BUTTONS } from "../dialogues/keyboard.ts";
import { rejoined } from "../api/unlinked.ts";

const BUTTON_TEXTS = new Map(Object.values(BUTTONS).map((text) => [text.toLowerCase(), text]));

/**
 * An update as if commands and the texts of buttons had been written as we write them: a phone makes `/Status` of `/status`, and some
 * people shout. What stands behind a command is left as it is, but for what keeps words from being links, which comes along with what is
 * copied from a card.
 */
export function spelled(update: Update): Update {
  const { message } = update;
  if (message?.text === undefined) return update;
  const button = BUTTON_TEXTS.get(message.text.trim().toLowerCase().replace(/\s+/g, " "));
  const text = button ?? rejoined(withCommand(message));
  return text === message.text ? update : { ...update, message: { ...message, text } };
}

/** The text with a command at its beginning in lower case; Telegram marks it, and counts as JavaScript does. */
function withCommand({ text = "", entities = [] }: Message): string {
  const command = entities.find(({ type, offset }) => type === "bot_command" && offset === 0);
  if (command === undefined) return text;
  return text.slice(0, command.length).toLowerCase() + text.slice(command.length);
}
