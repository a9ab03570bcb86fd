import { foundEntities } from "./found-entities.ts";
import { parseHtml, type FormattedText } from "./html.ts";
import { type Params, readJsonParam, readString } from "./params.ts";
import { badRequest } from "./refusal.ts";

/** What a message says: its text, or the caption of its photo or document. `html` is what the bot sent, `null` for plain text. */
export interface MessageContent extends FormattedText {
  readonly html: string | null;
}

/** Before parsing; longer is refused unread (FACTS: C1). */
const maxRawBytes = 32_768;
const maxTextLength = 4_096;
const maxCaptionLength = 1_024;
/** What comes behind them has no form, and leads nowhere. */
const maxEntities = 100;

/** Reads `text` with its `parse_mode` or `entities`. @throws {Refusal} when it is empty, too long or cannot be parsed. */
export function readText(params: Params): MessageContent {
  const raw = readString(params, "text") ?? "";
  if (raw === "") throw badRequest("message text is empty");
  const content = readFormatted(params, raw, "entities");
  if (content.text === "") throw badRequest("text must be non-empty");
  if (content.text.length > maxTextLength) throw badRequest("message is too long");
  return content;
}

/** Reads `caption`; without one the content is empty. @throws {Refusal} when it is too long or cannot be parsed. */
export function readCaption(params: Params): MessageContent {
  const content = readFormatted(params, readString(params, "caption") ?? "", "caption_entities");
  if (content.text.length > maxCaptionLength) throw badRequest("message caption is too long");
  return content;
}

/** What a person typed, with the commands and links that Telegram finds in it. */
export function typedContent(text: string): MessageContent {
  return { ...trim(withFoundEntities({ text, entities: [] })), html: null };
}

function readFormatted(params: Params, raw: string, entitiesName: string): MessageContent {
  if (!raw.isWellFormed()) throw badRequest("strings must be encoded in UTF-8");
  if (Buffer.byteLength(raw) > maxRawBytes) throw badRequest("text is too long");
  const parseMode = readString(params, "parse_mode") ?? "";
  if (parseMode.toLowerCase() === "html") return { ...trim(withFoundEntities(parseHtml(raw))), html: raw };
  // Markdown is real Telegram's, but not ours: better to say so than to show its signs as text.
  if (parseMode !== "") throw badRequest("unsupported parse_mode");
  const entities = readJsonParam(params, entitiesName) ?? [];
  if (!Array.isArray(entities)) throw badRequest("can't parse entities: expected an Array of MessageEntity");
  // Each is taken as it comes: the stand-in does not look into them.
  return { ...trim(withFoundEntities({ text: raw, entities })), html: null };
}

/** Adds what Telegram marks by itself, outside of code and links. */
function withFoundEntities({ text, entities }: FormattedText): FormattedText {
  const taken = entities.filter((entity) => ["code", "pre", "text_link"].includes(entity.type));
  const found = foundEntities(text).filter((entity) =>
    taken.every(
      (other) => other.offset >= entity.offset + entity.length || entity.offset >= other.offset + other.length,
    ),
  );
  const all = [...entities, ...found].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return { text, entities: all.slice(0, maxEntities) };
}

/** Telegram drops white space around a message; entities move and shrink with it. */
function trim({ text, entities }: FormattedText): FormattedText {
  const trimmed = text.trim();
  if (trimmed.length === text.length) return { text, entities };
  const shift = text.length - text.trimStart().length;
  const kept = entities.flatMap((entity) => {
    const offset = Math.max(0, entity.offset - shift);
    const length = Math.min(trimmed.length, entity.offset + entity.length - shift) - offset;
    return length > 0 ? [{ ...entity, offset, length }] : [];
  });
  return { text: trimmed, entities: kept };
}
