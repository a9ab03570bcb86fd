/**
 * What there is of letters and numbers in Latin-1, with the two Greek letters of units. An expression that knows all of `\p{L}` looks through
 * 700 ranges, and takes a quarter of a millisecond to compile for each time that it says so; nearly no text needs that.
 */
const IN_LATIN: Readonly<Record<string, string>> = {
  [String.raw`\p{L}`]: "A-Za-zªµºÀ-ÖØ-öø-ÿΩμ",
  [String.raw`\p{Lu}`]: "A-ZÀ-ÖØ-ÞΩ",
  [String.raw`\p{Ll}`]: "a-zµß-öø-ÿμ",
  [String.raw`\p{N}`]: "0-9²³¹¼-¾",
};

/** Beside them, signs that are neither: dashes, quotation marks, `‰`, arrows, `−`. */
const BEYOND_LATIN = /[^\0-\xffΩμ\u2010-\u205e\u2190-\u245f\u2500-\u2775]/;

/** Makes an expression of its source and flags. */
type Make = (source: string, flags: string) => RegExp;

/**
 * Makes expressions that know letters and numbers of any script, for the price of those that nearly all texts are made of.
 * @param all makes them; their sources say `\p{L}`, `\p{Lu}`, `\p{Ll}` and `\p{N}`, always within brackets
 * @returns those for a text: one for many texts, so a `lastIndex` is to be set before it is used
 */
export function inAnyScript<T>(all: (make: Make) => T): (text: string) => T {
  const latin = all(
    (source, flags) =>
      new RegExp(
        source.replace(/\\p\{\w+\}/g, (name) => IN_LATIN[name] ?? name),
        flags,
      ),
  );
  let any: T | null = null;
  return (text) => (BEYOND_LATIN.test(text) ? (any ??= all((source, flags) => new RegExp(source, flags))) : latin);
}
