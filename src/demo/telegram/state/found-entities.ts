import type { MessageEntity } from "grammy/types";

/**
 * What Telegram finds in plain text and makes tappable, by the rules of TDLib (td/telegram/MessageEntity.cpp), but for two things: any word
 * of two letters or more counts as a top-level domain, as its list of them is long; and phone numbers, which TDLib leaves to the
 * server, are found with their country's code only. `_` and digits are letters here as there.
 */
const WORD = String.raw`\p{L}\p{N}_`;
const TAG_LETTER = String.raw`\p{L}\p{Nd}_\u200C\u00B7\u0D80-\u0DFF`;
const LABEL = String.raw`[\w~\u00C0-\u1FFF\u200C\u200D\u2010-\u2015\u2070-\u{10FFFF}-]`;
const DOMAIN = String.raw`(?:\.|${LABEL})`;
const PATH = String.raw`[^\s\u2000-\u200B\u200E\u200F\u2016-\u206F<>«»"]`;

type Found = Exclude<MessageEntity["type"], "pre" | "text_link" | "text_mention" | "custom_emoji" | "date_time">;

const RULES: readonly (readonly [Found, RegExp])[] = [
  ["mention", new RegExp(String.raw`(?<![${WORD}])@\w{2,32}(?![${WORD}])`, "gu")],
  ["bot_command", new RegExp(String.raw`(?<![${WORD}/<>])\/\w{1,64}(?:@\w{3,32})?(?![${WORD}/<>])`, "gu")],
  [
    "hashtag",
    new RegExp(
      String.raw`(?<![${TAG_LETTER}])#(?=[\p{Nd}_\u200C\u00B7\u0D80-\u0DFF]*\p{L})[${TAG_LETTER}]{1,256}(?!#)`,
      "gu",
    ),
  ],
  ["cashtag", new RegExp(String.raw`(?<![${TAG_LETTER}$])\$(?:1INCH|[A-Z]{1,8})(?![${TAG_LETTER}$])`, "gu")],
  ["url", new RegExp(String.raw`\b(?:tg|ton):\/\/[\w-]+(?:[/?#]${PATH}*)?`, "giu")],
  ["email", new RegExp(String.raw`(?<![\w.+-])[\w.+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,8}(?![${WORD}])`, "giu")],
  [
    "url",
    new RegExp(
      String.raw`(?:\b(?:https?|ftp):\/\/|(?<![${WORD}/#@.~-]))(?!\.)${DOMAIN}*\.(?:[\p{L}\p{M}]{2,}|xn--[\w-]+)(?!\.?${LABEL})(?::\d{1,5})?(?:[/?#]${PATH}*)?`,
      "giu",
    ),
  ],
  ["url", /(?<![\p{L}\p{N}_/#@.~-])(?:https?:\/\/)?(?:\d{1,3}\.){3}\d{1,3}(?![\p{L}\p{N}_.-])/giu],
  ["phone_number", /(?<![\w+.,])\+\d(?:[ ()-]{0,2}\d){6,14}(?!\d)/gu],
];

/** All of it, in the order of the text; what overlaps something before it is left out. */
export function foundEntities(text: string): MessageEntity[] {
  const all = RULES.flatMap(([type, rule]) =>
    [...text.matchAll(rule)].flatMap(({ index, 0: found }) => {
      // A sentence's signs at the end are none of an address, and no part of a domain is empty.
      const kept = type === "url" ? found.replace(/[.:;,('?!`]+$/, "") : found;
      return type === "url" && /^[^/?#]*\.\./.test(kept.replace(/^\w+:\/\//, ""))
        ? []
        : [{ type, offset: index, length: kept.length }];
    }),
  ).sort((a, b) => a.offset - b.offset || b.length - a.length);
  let end = 0;
  return all.filter(({ offset, length }) => {
    if (offset < end) return false;
    end = offset + length;
    return true;
  });
}
