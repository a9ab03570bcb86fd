import { fold } from "../lib/text/fold.ts";
import type { MemberTable, StoredMember } from "../store/members.ts";
import type { Device, Member } from "./types.ts";

/** Numbers and names for the members of devices, so that they are plotted like fields of a channel. */
export interface MemberBook {
  /** Takes a value that came; quick. @returns `null`: there are too many members */
  note(device: Pick<Device, "root" | "name" | "permittedUsers">, member: Member): StoredMember | null;
  /** Those that a text may mean, as one of its words begins one of theirs or is their number; of them, what is to be shown. */
  like(text: string, isShown: (member: StoredMember) => boolean): readonly StoredMember[];
  /** The first of what is to be shown. */
  first(count: number, isShown: (member: StoredMember) => boolean): readonly StoredMember[];
  readonly numbered: (number: number) => StoredMember | null;
  of(root: string, member: Pick<Member, "group" | "path">): StoredMember | null;
  /** Keeps what is new. */
  save(): Promise<void>;
}

/** Numbers below are for fields of channels, which have eight. */
export const FIRST_MEMBER = 101;
/** As many as devices have in all; see devices.ts. */
const MAX_MEMBERS = 20_000;
/** More are no help to whoever types. */
const MAX_LIKE = 300;
const MIN_WORD = 2;

interface BookEntry {
  stored: StoredMember;
  words: readonly string[];
}

/** Opens it with what earlier runs knew. */
export async function openMemberBook(table: MemberTable): Promise<MemberBook> {
  const byKey = new Map<string, BookEntry>();
  const byNumber = new Map<number, BookEntry>();
  const unsaved = new Set<BookEntry>();
  let nextNumber = FIRST_MEMBER;
  for (const stored of await table.all()) {
    add(stored);
    nextNumber = Math.max(nextNumber, stored.number + 1);
  }

  function add(stored: StoredMember): BookEntry {
    const entry = { stored, words: wordsOf(stored.label) };
    byKey.set(keyOf(stored.root, stored), entry);
    byNumber.set(stored.number, entry);
    return entry;
  }

  function firstOf(count: number, isWanted: (entry: BookEntry) => boolean): readonly StoredMember[] {
    const found: StoredMember[] = [];
    for (const entry of byNumber.values()) {
      if (found.length === count) break;
      if (isWanted(entry)) found.push(entry.stored);
    }
    return found;
  }

  return {
    note(device, member) {
      const { root, name, permittedUsers } = device;
      const { group, path, displayName, unit, decimals } = member;
      const label = `${name} ${displayName ?? path}`;
      const isOpen = isForAll(permittedUsers) && (member.permittedUsers === null || isForAll(member.permittedUsers));
      const known = byKey.get(keyOf(root, member));
      if (!known && byKey.size >= MAX_MEMBERS) return null;
      const before = known?.stored;
      if (before?.label === label && before.unit === unit && before.decimals === decimals && before.isOpen === isOpen)
        return before;
      const stored = { number: before?.number ?? nextNumber++, root, group, path, label, unit, decimals, isOpen };
      unsaved.add(Object.assign(known ?? add(stored), { stored, words: wordsOf(label) }));
      return stored;
    },
    like(text, isShown) {
      const typed = wordsOf(text).filter(({ length }) => length >= MIN_WORD);
      const isMeant = ({ stored: { number }, words }: BookEntry): boolean =>
        typed.some((word) => word === String(number) || words.some((one) => one.startsWith(word)));
      return firstOf(MAX_LIKE, (entry) => isMeant(entry) && isShown(entry.stored));
    },
    first: (count, isShown) => firstOf(count, ({ stored }) => isShown(stored)),
    numbered: (number) => byNumber.get(number)?.stored ?? null,
    of: (root, member) => byKey.get(keyOf(root, member))?.stored ?? null,
    async save() {
      const entries = [...unsaved];
      if (entries.length === 0) return;
      const saved = entries.map(({ stored }) => stored);
      await table.put(saved);
      for (const [i, entry] of entries.entries()) if (entry.stored === saved[i]) unsaved.delete(entry);
    },
  };
}

/** Neither a group nor a path has a line break. */
const keyOf = (root: string, { group, path }: Pick<Member, "group" | "path">): string => `${root}\n${group}\n${path}`;

const isForAll = (users: readonly string[] | null): boolean => users?.includes("*") === true;

const wordsOf = (text: string): readonly string[] =>
  fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
