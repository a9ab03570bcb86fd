import type { Transformer } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";

/** What a server that is older than a means says of it, as its source has it; one of ours fails in neither way otherwise. */
const NO_BUTTON = /inline keyboard button|BUTTON_\w*INVALID|unallowed in the inline keyboard/i;
const NO_TAG = /Unsupported start tag "?tg-time|expandable/i;

/** The means that a server does not know. */
interface Unknown {
  buttons: boolean;
  tags: boolean;
}

/**
 * Makes a call once more without what an older Bot API server does not know: colours of buttons, spent ones and those that copy; times in
 * each reader's zone, and quotations that unfold. What is left says the same. What one call was refused for, no later one tries again in
 * this run. A client that is older than a means leaves it out by itself.
 */
export function withOlderMeans(): Transformer {
  const unknown: Unknown = { buttons: false, tags: false };
  return async (call, method, payload, signal) => {
    const answer = await call(method, older(payload, unknown), signal);
    if (answer.ok || answer.error_code !== 400) return answer;
    const found = { ...unknown };
    if (NO_BUTTON.test(answer.description)) found.buttons = true;
    if (NO_TAG.test(answer.description)) found.tags = true;
    const again = older(payload, found);
    if (JSON.stringify(again) === JSON.stringify(older(payload, unknown))) return answer;
    const second = await call(method, again, signal);
    if (second.ok) Object.assign(unknown, found);
    return second;
  };
}

function older<T extends object>(payload: T, { buttons, tags }: Unknown): T {
  const plain = buttons && "reply_markup" in payload ? { reply_markup: olderMarkup(payload.reply_markup) } : {};
  return { ...(tags ? olderWords(payload) : payload), ...plain };
}

const olderMarkup = (markup: unknown): unknown =>
  typeof markup === "object" && markup !== null && "inline_keyboard" in markup && Array.isArray(markup.inline_keyboard)
    ? { inline_keyboard: markup.inline_keyboard.map(olderRow).filter((row) => row.length > 0) }
    : markup;

const olderRow = (row: readonly InlineKeyboardButton[]): readonly object[] =>
  row
    .filter((button) => !("disabled" in button || "copy_text" in button))
    .map((button) => Object.fromEntries(Object.entries(button).filter(([name]) => name !== "style")));

function olderWords<T extends object>(words: T): T {
  const media = "media" in words && isWords(words.media) ? { media: olderWords(words.media) } : {};
  const text = "text" in words && typeof words.text === "string" ? { text: olderHtml(words.text) } : {};
  const caption = "caption" in words && typeof words.caption === "string" ? { caption: olderHtml(words.caption) } : {};
  return "parse_mode" in words || "media" in words ? { ...words, ...media, ...text, ...caption } : words;
}

const isWords = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is escaped is no tag. */
const olderHtml = (markup: string): string =>
  markup.replace(/<\/?tg-time\b[^>]*>/g, "").replaceAll("<blockquote expandable>", "<blockquote>");
