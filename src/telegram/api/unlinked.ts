/** Zero wide and no part of any word or address: what stands around it looks as before, and is not one any more. U+2060, word joiner. */
export const JOINER = "\u2060";

/**
 * What Telegram makes a command, a mention, a hashtag or a cashtag by itself, up to the sign after which it is broken, behind what each of
 * them has: most texts have little of it. As TDLib finds them (td/telegram/MessageEntity.cpp), or a little more.
 */
const SIGNS: readonly (readonly [string, RegExp])[] = [
  ["/", /(?<![\p{L}\p{N}_/<>])\/(?=\w{1,64}(?![\p{L}\p{N}_/<>]))/gu],
  ["@", /@(?=[\p{L}\p{N}_])/gu],
  ["#", /(?<![\p{L}\p{Nd}_\u200C\u00B7\u0D80-\u0DFF])#(?=[\p{Nd}_\u200C\u00B7\u0D80-\u0DFF]*\p{L})/gu],
  ["$", /\$(?=1INCH|[A-Z])/gu],
  ["://", /(?<=\b(?:https?|ftp|tg|ton)):(?=\/\/)/giu],
  // With its country's code: what else it takes for a number to call, it does not say.
  ["+", /(?<![\w+.,])\+(?=\d(?:[ ()-]{0,2}\d){6,14}(?!\d))/gu],
];

/** What may be a part of a domain between its dots: TDLib takes nearly all that is no ASCII, but white space and general punctuation. */
const IN_LABEL = String.raw`[\w~\u00C0-\u1FFF\u200C\u200D\u2010-\u2015\u2070-\u{10FFFF}-]`;
/** Looked for from the beginning of a word only, or a long one would be looked through again from each of its letters. */
const DOTTED = new RegExp(String.raw`(?<!${IN_LABEL})${IN_LABEL}+(?:\.${IN_LABEL}+)+`, "gu");

/**
 * Text in which Telegram links nothing: it looks the same, and a joiner breaks the words that Telegram would link. A number of 13 to 19
 * digits may still be shown as a bank card's, which leads nowhere.
 */
export function unlinked(text: string): string {
  let signed = text;
  for (const [part, sign] of SIGNS) if (text.includes(part)) signed = signed.replace(sign, (found) => found + JOINER);
  if (!text.includes(".")) return signed;
  return signed.replace(DOTTED, (dotted) => (isAddress(dotted) ? dotted.replaceAll(".", `.${JOINER}`) : dotted));
}

/** Text without the joiners: people copy from what they see. */
export const rejoined = (text: string): string => text.replaceAll(JOINER, "");

/** Whether something with dots may be a domain or an IPv4 address; names in programs (`GVL.bAlarm`) and numbers are none. */
function isAddress(dotted: string): boolean {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(dotted)) return true;
  const last = dotted.slice(dotted.lastIndexOf(".") + 1);
  const isWord = /^(?:xn--.+|\p{L}[\p{L}\p{M}]+)$/iu.test(last);
  return isWord && !/^\p{Ll}.*\p{Lu}/u.test(last);
}
