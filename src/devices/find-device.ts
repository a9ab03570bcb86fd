import { isNear } from "../lib/text/near.ts";
import { fold } from "../lib/text/fold.ts";
import type { Device, Member } from "./types.ts";

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

/** A member that a text may mean, and whose it is. */
export interface FoundMember {
  readonly device: Device;
  readonly member: Member;
}

/** The members that words may mean: first a device's name, then a member's, as it is shown or as the program calls it. */
export function findMembers(
  words: readonly string[],
  devices: readonly Device[],
  membersOf: (device: Device) => readonly Member[],
): readonly FoundMember[] {
  const found = new Map<string, FoundMember>();
  for (let i = 1; i < words.length; i++) {
    for (const device of findNamed(words.slice(0, i).join(" "), devices, ({ name }) => [name])) {
      const namesOf = ({ displayName, path }: Member): readonly string[] => [displayName ?? path, path];
      for (const member of findNamed(words.slice(i).join(" "), membersOf(device), namesOf))
        found.set(`${device.root}\n${member.group}\n${member.path}`, { device, member });
    }
  }
  return [...found.values()];
}
