import type { Source } from "./sources.ts";

/** So many lines alike are one thing that stands twice. */
const WINDOW = 6;
/** Imports, comments and closing brackets tell nothing. */
const IS_TRIVIAL = /^(?:$|import\b|\/\/|\*|\/\*|\}? from|[)}\]]+[;,]?$|type \w+,$|\w+,$)/;

/** Places where lines stand that stood before, by their first lines. */
export function repeatsIn(sources: readonly Pick<Source, "name" | "lines">[]): readonly string[] {
  const seen = new Map<string, string>();
  const found: string[] = [];
  for (const { name, lines } of sources) {
    const telling = lines
      .map((text, i) => ({ text: text.trim(), at: `${name}:${i + 1}` }))
      .filter(({ text }) => !IS_TRIVIAL.test(text));
    for (let i = 0; i + WINDOW <= telling.length; i += 1) {
      const window = telling.slice(i, i + WINDOW);
      const key = window.map(({ text }) => text).join("\n");
      const at = window[0]?.at ?? name;
      const before = seen.get(key);
      if (before === undefined) {
        seen.set(key, at);
        continue;
      }
      found.push(`${before} = ${at}`);
      // The lines after it are of the same place.
      i += WINDOW - 1;
    }
  }
  return found;
}
