import type { MessageEntity } from "grammy/types";
import { must } from "../../../lib/must.ts";
import { badRequest } from "./refusal.ts";

/** Text and what is to be seen in it; offsets and lengths in UTF-16 code units, as on the wire. */
export interface FormattedText {
  readonly text: string;
  readonly entities: readonly MessageEntity[];
}

interface OpenTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly offset: number;
}

/** Tags whose entity says nothing but where it is (FACTS: C6). */
const plainTypes = new Map<string, MessageEntity.CommonMessageEntity["type"]>([
  ["b", "bold"],
  ["strong", "bold"],
  ["i", "italic"],
  ["em", "italic"],
  ["u", "underline"],
  ["ins", "underline"],
  ["s", "strikethrough"],
  ["strike", "strikethrough"],
  ["del", "strikethrough"],
  ["span", "spoiler"],
  ["tg-spoiler", "spoiler"],
  ["code", "code"],
  ["blockquote", "blockquote"],
]);

const supportedTags = new Set([...plainTypes.keys(), "a", "tg-emoji", "tg-time", "pre"]);

const references = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
]);

/**
 * Reads `parse_mode: "HTML"` as strictly as Telegram does.
 * @throws {Refusal} `can't parse entities: …` with Telegram's words and byte offset (FACTS: C3).
 */
export function parseHtml(html: string): FormattedText {
  const entities: MessageEntity[] = [];
  const open: OpenTag[] = [];
  let text = "";
  let at = 0;

  while (at < html.length) {
    if (html.startsWith("</", at)) {
      const tag = open.pop();
      if (!tag) throw unparsable(`Unexpected end tag at byte offset ${byteOffset(html, at)}`);
      at = readEndTag(html, at, tag);
      const entity = text.length > tag.offset ? entityOf(tag, text) : null;
      if (entity) entities.push(entity);
    } else if (html[at] === "<") {
      const tag = readStartTag(html, at);
      open.push({ name: tag.name, attributes: tag.attributes, offset: text.length });
      at = tag.end;
    } else {
      const run = match(/[^<]+/y, html, at);
      text += unescape(run);
      at += run.length;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) throw unparsable(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  return { text, entities: tidy(entities) };
}

/** Returns where the text goes on after an end tag. An empty one, `</>`, closes what is open. */
function readEndTag(html: string, at: number, tag: OpenTag): number {
  const name = match(/[^\s>]*/y, html, at + 2);
  const close = at + 2 + name.length + match(/\s*/y, html, at + 2 + name.length).length;
  if (html[close] !== ">") throw unparsable(`Unclosed end tag at byte offset ${byteOffset(html, at)}`);
  if (name !== "" && name.toLowerCase() !== tag.name) {
    const found = `expected "</${tag.name}>", found "</${name.toLowerCase()}>"`;
    throw unparsable(`Unmatched end tag at byte offset ${byteOffset(html, at)}, ${found}`);
  }
  return close + 1;
}

function readStartTag(html: string, start: number): { name: string; attributes: Map<string, string>; end: number } {
  const offset = byteOffset(html, start);
  const name = match(/[^\s>]*/y, html, start + 1).toLowerCase();
  let at = start + 1 + name.length;
  if (at >= html.length) throw unparsable(`Unclosed start tag at byte offset ${offset}`);
  if (!supportedTags.has(name)) throw unparsable(`Unsupported start tag "${name}" at byte offset ${offset}`);

  const attributes = new Map<string, string>();
  for (;;) {
    at += match(/\s*/y, html, at).length;
    if (html[at] === ">") break;
    const attribute = match(/[^\s=>/"']*/y, html, at);
    if (attribute === "") throw unparsable(`Empty attribute name in the tag "${name}" at byte offset ${offset}`);
    at += attribute.length;
    at += match(/\s*/y, html, at).length;
    if (html[at] !== "=") {
      if (name !== "blockquote" || attribute !== "expandable") {
        throw unparsable(
          `Expected equal sign in declaration of an attribute of the tag "${name}" at byte offset ${offset}`,
        );
      }
      attributes.set(attribute, "");
      continue;
    }
    at += 1;
    at += match(/\s*/y, html, at).length;
    if (at >= html.length) throw unparsable(`Unclosed start tag "${name}" at byte offset ${offset}`);
    const quoted = match(/"[^"]*"|'[^']*'/y, html, at);
    const value = quoted === "" ? match(/[a-z0-9.-]*/iy, html, at) : quoted;
    const end = at + value.length;
    if (quoted === "" && !/[\s>]/.test(html[end] ?? " ")) {
      throw unparsable(`Unexpected end of name token at byte offset ${byteOffset(html, at)}`);
    }
    if (end >= html.length) throw unparsable(`Unclosed start tag at byte offset ${offset}`);
    attributes.set(attribute, quoted === "" ? value.toLowerCase() : unescape(value.slice(1, -1)));
    at = end;
  }
  if (name === "span" && attributes.get("class") !== "tg-spoiler") {
    throw unparsable(`Tag "span" must have class "tg-spoiler" at byte offset ${offset}`);
  }
  return { name, attributes, end: at + 1 };
}

/** What a tag that encloses the end of the text makes of it; `null`: nothing. */
function entityOf({ name, attributes, offset }: OpenTag, text: string): MessageEntity | null {
  const place = { offset, length: text.length - offset };
  if (name === "a") {
    const url = attributes.get("href") || text.slice(offset);
    // Telegram silently drops a link that leads nowhere.
    return URL.canParse(url) ? { type: "text_link", url, ...place } : null;
  }
  if (name === "tg-time") return { ...readTime(attributes), ...place };
  if (name === "tg-emoji") {
    const id = attributes.get("emoji-id") ?? "";
    if (!/^[1-9]\d*$/.test(id)) throw unparsable("Invalid custom emoji identifier specified");
    return { type: "custom_emoji", custom_emoji_id: id, ...place };
  }
  if (name === "blockquote" && attributes.has("expandable")) return { type: "expandable_blockquote", ...place };
  if (name === "pre") return { type: "pre", ...place };
  return { type: must(plainTypes.get(name), `The entity of <${name}>`), ...place };
}

function readTime(attributes: OpenTag["attributes"]): Omit<MessageEntity.DateTimeMessageEntity, "offset" | "length"> {
  const unix = attributes.get("unix") ?? "";
  // The words of this refusal are ours: the real ones are not known; nor is whether a wrong format is refused, so that any is kept.
  if (!/^\d+$/.test(unix)) throw unparsable("Invalid Unix time specified");
  const format = (attributes.get("format") ?? "") as MessageEntity.DateTimeMessageEntity["date_time_format"];
  return { type: "date_time", unix_time: Number(unix), date_time_format: format };
}

/** In the order of the wire; nothing is kept inside of code, as on the real service. */
function tidy(entities: readonly MessageEntity[]): MessageEntity[] {
  const blocks = entities.filter(isBlock);
  return entities
    .filter((entity) => !blocks.some((block) => block !== entity && isSwallowed(entity, block)))
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
}

function isBlock({ type }: MessageEntity): boolean {
  return type === "code" || type === "pre";
}

function isSwallowed(inner: MessageEntity, block: MessageEntity): boolean {
  const isInside = inner.offset >= block.offset && inner.offset + inner.length <= block.offset + block.length;
  // Of two blocks at the same place, `<pre><code>`, the outer one stays.
  return (
    isInside && (!isBlock(inner) || inner.length < block.length || (inner.type === "code" && block.type === "pre"))
  );
}

/** Resolves HTML references such as `&lt;` and `&#176;`; an unknown one is kept as it stands. */
function unescape(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));?/gi,
    (whole, hex?: string, decimal?: string, word?: string) => {
      if (word !== undefined) return references.get(word) ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code < 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

function match(pattern: RegExp, html: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(html)?.[0] ?? "";
}

function byteOffset(html: string, at: number): number {
  return Buffer.byteLength(html.slice(0, at));
}

function unparsable(reason: string): Error {
  return badRequest(`can't parse entities: ${reason}`);
}
