import { unlinked } from "./unlinked.ts";

/**
 * Text that is safe to send with `parse_mode: "HTML"`. Only this file makes it, so nothing reaches a chat unescaped, and nothing from
 * outside becomes a command or a link there.
 */
export interface Html {
  readonly html: string;
}

type HtmlPart = Html | string | number;

/**
 * Builds HTML from a template: what stands in the template is markup, what is put in is text and is escaped, and broken where
 * Telegram would link it, unless it is `Html` already. Within `code` and `pre` Telegram links nothing, so there it stays as it is and
 * can be copied. Telegram knows few tags: b, i, u, s, code, pre, a, blockquote, tg-spoiler, tg-time.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let markup = "";
  const made = strings.map((string, i) => {
    markup += string;
    const part = parts[i] ?? "";
    if (typeof part === "object") return string + part.html;
    const text = String(part);
    const broken = unlinked(text);
    return string + escape(broken === text || isLinkable(markup) ? broken : text);
  });
  return { html: made.join("") };
}

/** Words of our own, whose commands and links are to work: never what somebody outside wrote. */
export const ours = (text: string): Html => ({ html: escape(text) });

/** Whether Telegram links what stands behind this markup: not within a tag, nor in code. */
function isLinkable(markup: string): boolean {
  if (markup.lastIndexOf("<") > markup.lastIndexOf(">")) return false;
  return (markup.match(/<(?:code|pre)\b/g)?.length ?? 0) === (markup.match(/<\/(?:code|pre)>/g)?.length ?? 0);
}

/**
 * An instant that each reader sees by their own clock, or as its age, which goes on by itself; clients that are older than that show the
 * text as it stands.
 * @param at epoch ms
 */
export const timeView = (at: number, format: "age" | "time" | "date and time", text: string): Html =>
  html`<tg-time unix="${Math.floor(at / 1_000)}" format="${FORMATS[format]}">${text}</tg-time>`;

/** As the Bot API names them (FACTS: C6). */
const FORMATS = { age: "r", time: "T", "date and time": "dT" } as const;

/** Puts parts one below the other; those that are `null` are left out. */
export function lines(...parts: readonly (Html | null)[]): Html {
  return join(
    parts.filter((part) => part !== null),
    "\n",
  );
}

/** Puts parts one after the other. */
export function join(parts: readonly Html[], separator: string): Html {
  return { html: parts.map((part) => part.html).join(escape(separator)) };
}

/** Telegram takes 4096 characters of text; escapes count less than here, so there is room to spare. */
export const MAX_TEXT = 4_096;

/** Room for what counts those that are dropped. */
const REST_LENGTH = 20;

/** What has a form or is tappable: Telegram shows so many in a message, and what comes behind them as bare text. */
export const MAX_ENTITIES = 100;

/** Below a picture Telegram takes less (FACTS: C1). */
export const MAX_CAPTION = 1_024;

/**
 * Puts items below a head as far as they fit into one message; those that do not are dropped and counted.
 * @param total how many there are in all, if that is more
 */
export function fit(head: Html, items: readonly Html[], total = items.length, maxLength = MAX_TEXT): Html {
  return lines(head, ...fitting(head, items, total, maxLength));
}

/** The same with the items in a quotation that shows a few lines, and all of them at a tap. */
export function folded(head: Html, items: readonly Html[]): Html {
  const shown = fitting(head, items, items.length, MAX_TEXT - "<blockquote expandable></blockquote>".length);
  return shown.length === 0 ? head : lines(head, html`<blockquote expandable>${lines(...shown)}</blockquote>`);
}

function fitting(head: Html, items: readonly Html[], total: number, maxLength: number): Html[] {
  const shown: Html[] = [];
  let length = lengthOf(head) + REST_LENGTH;
  // One more for a quotation around them.
  let entities = entitiesOf(head) + 1;
  for (const item of items) {
    length += lengthOf(item) + 1;
    entities += entitiesOf(item);
    if (length > maxLength || entities > MAX_ENTITIES) break;
    shown.push(item);
  }
  const dropped = total - shown.length;
  return dropped === 0 ? shown : [...shown, html`+${dropped} more`];
}

/** Of times, which a list has many of, the tags do not count. */
const lengthOf = (part: Html): number => part.html.replace(/<\/?tg-time\b[^>]*>/g, "").length;

/** Its tags, and the commands of our own: those of others are broken. */
const entitiesOf = ({ html }: Html): number =>
  count(html, /<[a-z]/g) + count(html.replace(/<[^>]*>/g, ""), /(?<![\p{L}\p{N}_/])\/\w/gu);

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** The same text without markup, for the case that Telegram does not understand ours: without it, what was code would be linked. */
export function toPlain({ html }: Html): string {
  return html
    .replace(/<(code|pre)\b[^>]*>(.*?)<\/\1>/gs, (_, __, code: string) => unlinked(code))
    .replace(/<[^>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escape = (text: string): string => text.toWellFormed().replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);
