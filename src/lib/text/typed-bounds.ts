/**
 * What one message may hold where words are read as a field, a time or a setting. The longest that makes sense, a label of 80 characters
 * and two days with times, is far below; Telegram lets people write 4,096 characters, and reading takes longer than their number grows.
 */
const MAX_CHARACTERS = 200;
const MAX_WORDS = 24;

/**
 * Whether a text is too much to be read as such, told before anything looks into it.
 * @returns a sentence for whoever wrote it; `null`: it may be read
 */
export function tooMuch(text: string): string | null {
  const isShort = text.length <= MAX_CHARACTERS && text.trim().split(/\s+/).length <= MAX_WORDS;
  return isShort ? null : `That is too long: I read ${MAX_CHARACTERS} characters and ${MAX_WORDS} words at most.`;
}
