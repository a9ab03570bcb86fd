import { pseudonymOf } from "../../people/pseudonym.ts";
import { holds, type Role } from "../../people/role.ts";
import type { Database } from "../sql/database.ts";
import { causedBy, noteCaused } from "./inbox.ts";
import { createInvitationTable, invitationSchema, type Invitation, type InvitationTable } from "./invitation-table.ts";
import { openInvitations, type Invitations } from "./invitations.ts";
import { KnownPeople } from "./known-people.ts";
import { PersonTable, type RegisteredPerson, type User } from "./person-table.ts";

/** By which invitation somebody came in; `isNew`: they have more now than before. */
interface Joined {
  readonly invitation: Invitation;
  readonly isNew: boolean;
}

/** Who may do what. Those with a role are few, and asked for with each update, so they are kept in memory. */
export interface People {
  /** `null`: none. */
  readonly roleOf: (userId: number) => Role | null;
  /** Whether somebody had a role, and it was taken away. */
  readonly isRemoved: (userId: number) => boolean;
  /** All admins, by the settings or not, by Telegram's number. */
  readonly admins: () => readonly number[];
  /** Those with a role, admins first. */
  members(): readonly RegisteredPerson[];
  member(id: number): RegisteredPerson | null;
  /** Anybody whom we know by name, also without a role. */
  find(id: number): Promise<RegisteredPerson | null>;
  /** Notes that somebody was here; resolves with the number that they have, or get now. */
  meet(user: User): Promise<number>;
  /** A chat as the audit log names it: a group by its number, a private chat by the number of its person, new if nobody knew them. */
  readonly placeOf: (chatId: number) => Promise<string>;
  /** Gives or takes (`null`) a role; resolves with the person as they are then, `null` if there is none of that number. */
  setRole(id: number, role: Role | null): Promise<RegisteredPerson | null>;
  /** Those by which others may join. */
  readonly invitations: Invitations;
  /**
   * Lets somebody in by the hash of a code. The invitation is used up by that; who has as much already leaves it as it is.
   * @param update the number of the update that brings the code: one that comes again is told the same
   * @returns `null`: no open invitation has this code
   */
  join(user: User, codeHash: string, update?: number): Promise<Joined | null>;
}

/** What they are kept in. */
interface Kept {
  readonly database: Database;
  readonly now: () => number;
  readonly table: PersonTable;
  readonly known: KnownPeople;
  readonly invited: InvitationTable;
}

/** When somebody was seen last is written this often. */
const SEEN_EVERY_MS = 60_000;

/**
 * Reads who may do what.
 * @param options.adminIds who is an admin by the settings, which no chat can change
 */
export async function openPeople(
  database: Database,
  options: { readonly adminIds: readonly number[]; readonly now: () => number },
): Promise<People> {
  const table = new PersonTable(options);
  const known = new KnownPeople(options.adminIds, await table.known(database), await table.removed(database));
  const invited = createInvitationTable(options);
  const kept: Kept = { database, now: options.now, table, known, invited };
  // Of who was an admin by the settings: none is good again once they are that again.
  await invited.tidy(database);
  return {
    roleOf: (userId) => known.roleOf(userId),
    isRemoved: (userId) => known.isRemoved(userId),
    admins: () => known.admins(),
    members: () => known.members(),
    member: (id) => known.member(id),
    find: (id) => table.find(database, "id", id),
    meet: (user) => meet(kept, user),
    placeOf: (chatId) => placeOf(kept, chatId),
    setRole: (id, role) => setRole(kept, id, role),
    invitations: openInvitations(database, invited),
    join: (user, codeHash, update) => join(kept, user, codeHash, update),
  };
}

/** The admins who have not written to the bot yet, by Telegram's number: until they do, it may not write to them (FACTS: C1). */
export function adminsUnheard({ admins, members }: Pick<People, "admins" | "members">): readonly number[] {
  // Who is only named, by a chat's number, has no name of their own.
  const heard = members().filter(({ userId, name }) => name !== unmet(userId));
  return admins().filter((id) => !heard.some(({ userId }) => userId === id));
}

const unmet = (userId: number): string => `user ${userId}`;

async function meet({ database, now, table, known }: Kept, { userId, name }: User): Promise<number> {
  const last = known.get(userId);
  if (last && last.name === name && Math.abs(now() - last.lastSeenAt) < SEEN_EVERY_MS) return last.id;
  const met = await database.transaction(async (queries) => {
    const person = await table.present(queries, { userId, name });
    await table.save(queries, person);
    return person;
  }, "crash");
  // Who may do what was maybe changed meanwhile, and is not decided here.
  const before = known.get(userId);
  if (before) known.keep({ ...before, name, lastSeenAt: met.lastSeenAt });
  else if (known.isAdminBySettings(userId)) known.keep(met);
  return met.id;
}

async function placeOf(kept: Kept, chatId: number): Promise<string> {
  if (chatId < 0) return `group ${chatId}`;
  const person = await kept.table.find(kept.database, "user_id", chatId);
  return pseudonymOf(person?.id ?? (await meet(kept, { userId: chatId, name: unmet(chatId) })));
}

async function setRole(kept: Kept, id: number, role: Role | null): Promise<RegisteredPerson | null> {
  const { database, now, table, known, invited } = kept;
  const changed = await database.transaction(async (queries) => {
    const before = await table.find(queries, "id", id);
    if (before === null || known.isAdminBySettings(before.userId)) return before;
    const after = { ...before, role };
    await table.save(queries, after);
    if (before.role !== null && role === null)
      await queries.run("UPDATE people SET removed_at = $2 WHERE id = $1", id, now());
    return after;
  });
  if (changed) known.keep(changed);
  if (changed?.role === null) known.remove(changed.userId);
  await invited.tidy(database);
  return changed;
}

async function join(kept: Kept, user: User, codeHash: string, update?: number): Promise<Joined | null> {
  const { database, now, table, known, invited } = kept;
  const before = await causedBy(database, update, invitationSchema);
  if (before !== null) return { invitation: before, isNew: true };
  // Nothing is written for a code that is none, however many of them come.
  if ((await invited.find(database, codeHash)) === null) {
    await invited.tidy(database);
    return null;
  }
  const joined = await database.transaction(async (queries) => {
    const invitation = await invited.find(queries, codeHash);
    if (invitation === null) return null;
    const person = await table.present(queries, user);
    if (holds(person.role, invitation.role)) return { invitation, isNew: false, member: person };
    const member = { ...person, role: invitation.role, joinedAt: now() };
    await table.save(queries, member);
    await invited.end(queries, codeHash, "used");
    await noteCaused(queries, update, invitation);
    return { invitation, isNew: true, member };
  });
  if (joined?.isNew) known.keep(joined.member);
  return joined && { invitation: joined.invitation, isNew: joined.isNew };
}
