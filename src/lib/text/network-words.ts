const WORDS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nothing listens there"],
  ["ENOTFOUND", "its name is not known"],
  ["EAI_AGAIN", "its name cannot be looked up now"],
  ["EHOSTUNREACH", "there is no route to it"],
  ["ENETUNREACH", "there is no route to it"],
  ["ETIMEDOUT", "it does not answer"],
]);

/** What a code of Node.js says of the way to another machine, in words that follow its name; `undefined`: there are none. */
export const networkCause = (code: string): string | undefined => WORDS.get(code);

/** The same with the code. */
export function networkWords(code: string): string | undefined {
  const words = networkCause(code);
  return words && `${words} (${code})`;
}
