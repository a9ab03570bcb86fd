import { isNear } from "../lib/near.ts";
import { fold } from "../lib/words.ts";

/** Devices' names have blanks and dots in them; what is written otherwise is the same name. */
const alike = (text: string): string => fold(text).replace(/\s+/g, " ").trim();

/**
 * The things whose names a text may mean: the one that is called so, else those that begin so, else those with a part that
 * begins so, else near misses.
 */
export function findNamed<T>(
  text: string,
  things: readonly T[],
  namesOf: (thing: T) => readonly string[],
): readonly T[] {
  const typed = alike(text);
  if (typed === "") return [];
  const named = things.map((thing) => ({ thing, names: namesOf(thing).map(alike) }));
  const fits: readonly ((name: string) => boolean)[] = [
    (name) => name === typed,
    (name) => name.startsWith(typed),
    (name) => name.split(/[^\p{L}\p{N}]+/u).some((part) => part !== "" && part.startsWith(typed)),
    (name) => name.length <= 40 && isNear(typed, name),
  ];
  for (const fit of fits) {
    const found = named.filter(({ names }) => names.some(fit)).map(({ thing }) => thing);
    if (found.length > 0) return found;
  }
  return [];
}
