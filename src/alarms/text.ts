/** Characters that must not reach a store, a log or a chat: controls but line breaks and tabs, and those that reorder text. */
const UNSAFE = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Makes text from outside safe to store and to show: well-formed Unicode, no control or direction-override characters. */
export function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(UNSAFE, (character) => (character === "\n" || character === "\t" ? character : " "))
    .trim();
}

/** Text in one line: within a list, a line of its own would look like another entry. */
export const inOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Shortens text to `limit` UTF-16 units without cutting a character in two, and says how much is missing. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, "");
  return `${head}… (+${text.length - head.length} characters)`;
}

/** Shortens a name to `limit` characters, the last of which says that there was more; for where a count has no room. */
export function abbreviate(name: string, limit: number): string {
  const characters = Array.from(name);
  return characters.length <= limit ? name : `${characters.slice(0, limit - 1).join("")}…`;
}
