import type { Attributes, DataMessage } from "./data.ts";
import type { Member } from "./types.ts";

/** What came in one group of a device, and what was said of it. */
interface Group {
  /** Of its newest message, by the PLC's clock. */
  sentAt: number | null;
  isLive: boolean;
  readonly members: Map<string, Member>;
  readonly attributes: Map<string, Partial<Attributes>>;
}

/** The members of one device, by group. */
export type Groups = Map<string, Group>;

/** What a message of a device brought. */
interface Came {
  readonly member: Member;
  /** Whether its value is in the message; if not, only what is said of it. */
  readonly isValue: boolean;
}

const MAX_GROUPS = 100;
/** Of all devices together: 20 MB. */
const MAX_MEMBERS = 20_000;

const NO_ATTRIBUTES: Attributes = {
  displayName: null,
  unit: null,
  isReadOnly: null,
  min: null,
  max: null,
  decimals: null,
  permittedUsers: null,
};

/** Puts members of all devices into their groups, as many as fit. */
export class MemberRoom {
  #members = 0;
  #described = 0;
  #left = 0;

  /** Members that did not fit, since the start. */
  get left(): number {
    return this.#left;
  }

  /**
   * Puts what a message says into the groups of its device.
   * @param at when it came; epoch ms, `null`: the broker had kept it
   * @returns what came of it; `null`: it is older than what is known, or in one group too many
   */
  put(groups: Groups, message: DataMessage, at: number | null): readonly Came[] | null {
    const group = groupOf(groups, message.group);
    if (group === null || (at === null && isOld(message, group))) return null;
    for (const [path, attributes] of message.attributes) this.#describe(group, path, attributes);
    const came = [...new Set([...message.values.keys(), ...message.attributes.keys()])].flatMap((path): Came[] => {
      const member = this.#putMember(group, message, path, at);
      return member === null ? [] : [{ member, isValue: message.values.has(path) }];
    });
    group.sentAt = message.sentAt ?? group.sentAt;
    group.isLive ||= at !== null;
    return came;
  }

  /** Makes room again. */
  remove(groups: Groups): void {
    for (const { members, attributes } of groups.values()) {
      this.#members -= members.size;
      this.#described -= attributes.size;
    }
  }

  #describe(group: Group, path: string, attributes: Partial<Attributes>): void {
    const before = group.attributes.get(path);
    if (!before && this.#described >= 2 * MAX_MEMBERS) return;
    if (!before) this.#described += 1;
    group.attributes.set(path, { ...before, ...attributes });
  }

  /** What a structure says of itself is no member, nor is what is described and never came. */
  #putMember(group: Group, message: DataMessage, path: string, at: number | null): Member | null {
    const before = group.members.get(path);
    const isSaid = message.values.has(path);
    if (!before && !isSaid) return null;
    if (!before && this.#members >= MAX_MEMBERS) {
      this.#left += 1;
      return null;
    }
    if (!before) this.#members += 1;
    const member: Member = {
      ...NO_ATTRIBUTES,
      ...group.attributes.get(path),
      group: message.group,
      path,
      value: isSaid ? (message.values.get(path) ?? null) : (before?.value ?? null),
      at: isSaid ? at : (before?.at ?? null),
    };
    group.members.set(path, member);
    return member;
  }
}

/** In the order in which they first came. */
export const membersIn = (groups: Groups): readonly Member[] =>
  [...groups.values()].flatMap(({ members }) => [...members.values()]);

/**
 * Whether what the broker kept is older than what came live: a whole snapshot is kept, and the changes since are not (FACTS: B1). Where
 * neither says when it was sent, what came live counts.
 */
function isOld({ sentAt }: DataMessage, group: Group): boolean {
  if (!group.isLive) return false;
  return sentAt === null || group.sentAt === null || sentAt <= group.sentAt;
}

function groupOf(groups: Groups, name: string): Group | null {
  const known = groups.get(name);
  if (known) return known;
  if (groups.size >= MAX_GROUPS) return null;
  const made: Group = { sentAt: null, isLive: false, members: new Map(), attributes: new Map() };
  groups.set(name, made);
  return made;
}
