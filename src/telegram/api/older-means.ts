import type { Transformer } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";

/** What a server that is older than a means says of it, as its source has it; one of ours fails in neither way otherwise. */
const NO_BUTTON = /inline keyboard button|BUTTON_\w*INVALID|unallowed in the inline keyboard/i;
const NO_TAG = /Unsupported start tag "?([\w-]+)/i;
const NO_FOLD = /expandable|attribute of the tag "?blockquote/i;
/** How a quotation that unfolds is named among the tags: where only that is not known, it is a quotation still. */
const FOLD = "blockquote expandable";

/** The means that a server does not know. */
interface Unknown {
  readonly buttons: boolean;
  readonly tags: ReadonlySet<string>;
}

/**
 * Makes a call once more without what an older Bot API server does not know: colours of buttons, spent ones and those that copy; times in
 * each reader's zone, quotations, those that unfold, and any other tag that it names. What is left says the same. A server names one at a time, and all that one call was
 * refused for before it was taken, no later one tries again in this run. A client that is older than a means leaves it out by itself.
 */
export function withOlderMeans(): Transformer {
  let unknown: Unknown = { buttons: false, tags: new Set() };
  return async (call, method, payload, signal) => {
    for (let found = unknown; ;) {
      const answer = await call(method, older(payload, found), signal);
      // Another call may have found something in the meantime.
      if (answer.ok) unknown = both(unknown, found);
      if (answer.ok || answer.error_code !== 400) return answer;
      const more = both(found, namedIn(answer.description));
      if (more.buttons === found.buttons && more.tags.size === found.tags.size) return answer;
      found = more;
    }
  };
}

const namedIn = (description: string): Unknown => {
  const tag = NO_FOLD.test(description) ? FOLD : NO_TAG.exec(description)?.[1];
  return { buttons: NO_BUTTON.test(description), tags: new Set(tag === undefined ? [] : [tag]) };
};

const both = (one: Unknown, other: Unknown): Unknown => ({
  buttons: one.buttons || other.buttons,
  tags: new Set([...one.tags, ...other.tags]),
});

function older<T extends object>(payload: T, { buttons, tags }: Unknown): T {
  const plain = buttons && "reply_markup" in payload ? { reply_markup: olderMarkup(payload.reply_markup) } : {};
  return { ...(tags.size > 0 ? olderWords(payload, tags) : payload), ...plain };
}

const olderMarkup = (markup: unknown): unknown =>
  typeof markup === "object" && markup !== null && "inline_keyboard" in markup && Array.isArray(markup.inline_keyboard)
    ? { inline_keyboard: markup.inline_keyboard.map(olderRow).filter((row) => row.length > 0) }
    : markup;

const olderRow = (row: readonly InlineKeyboardButton[]): readonly object[] =>
  row
    .filter((button) => !("disabled" in button || "copy_text" in button))
    .map((button) => Object.fromEntries(Object.entries(button).filter(([name]) => name !== "style")));

function olderWords<T extends object>(words: T, tags: Unknown["tags"]): T {
  const older = (markup: string): string => [...tags].reduce(withoutTag, markup);
  const media = "media" in words && isWords(words.media) ? { media: olderWords(words.media, tags) } : {};
  const text = "text" in words && typeof words.text === "string" ? { text: older(words.text) } : {};
  const caption = "caption" in words && typeof words.caption === "string" ? { caption: older(words.caption) } : {};
  return "parse_mode" in words || "media" in words ? { ...words, ...media, ...text, ...caption } : words;
}

const isWords = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is escaped is no tag. */
const withoutTag = (markup: string, tag: string): string =>
  tag === FOLD
    ? markup.replaceAll(`<${FOLD}>`, "<blockquote>")
    : markup.replace(new RegExp(`</?${tag}(?:\\s[^>]*)?>`, "g"), "");
