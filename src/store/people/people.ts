import { holds, type Role } from "../../people/role.ts";
import type { Database, Queries } from "../sql/database.ts";
import { causedBy, noteCaused } from "./inbox.ts";
import { nextNumber } from "../sql/numbers.ts";
import { pseudonymOf } from "../../people/pseudonym.ts";
import { createInvitations, type Invitation } from "./invitations.ts";

/** Somebody as Telegram tells of them. */
interface User {
  readonly userId: number;
  readonly name: string;
}

/** Somebody whom we know. */
export interface RegisteredPerson extends User {
  /** The number that stands for them in the audit log, and stays when they are forgotten. */
  readonly id: number;
  /** `null`: they may do nothing (any more). */
  readonly role: Role | null;
  /** Epoch ms; `null`: they never joined by an invitation. */
  readonly joinedAt: number | null;
  /** Epoch ms. */
  readonly lastSeenAt: number;
}

/** Who may do what. Those with a role are few, and asked for with each update, so they are kept in memory. */
export interface People {
  /** `null`: none. */
  roleOf(userId: number): Role | null;
  /** Whether somebody had a role, and it was taken away. */
  isRemoved(userId: number): boolean;
  /** All admins, by the settings or not, by Telegram's number. */
  admins(): readonly number[];
  /** Those with a role, admins first. */
  members(): readonly RegisteredPerson[];
  member(id: number): RegisteredPerson | null;
  /** Anybody whom we know by name, also without a role. */
  find(id: number): Promise<RegisteredPerson | null>;
  /** Notes that somebody was here; resolves with the number that they have, or get now. */
  meet(user: User): Promise<number>;
  /** A chat as the audit log names it: a group by its number, a private chat by the number of its person, new if nobody knew them. */
  placeOf(chatId: number): Promise<string>;
  /** Gives or takes (`null`) a role; resolves with the person as they are then, `null` if there is none of that number. */
  setRole(id: number, role: Role | null): Promise<RegisteredPerson | null>;
  /**
   * Makes an invitation. It is good until it expires, and for as long as who invites is an admin.
   * @param update the number of the update that asks for it: one that comes again takes back what it made before, which nobody may have seen
   */
  invite(invitation: Invitation, update?: number): Promise<void>;
  /** Those that are good, the oldest first. */
  invitations(): Promise<readonly Invitation[]>;
  /** Takes back the one with this hash of a code, or all that are open; resolves with how many there were. */
  withdraw(codeHash?: string): Promise<number>;
  /**
   * Lets somebody in by the hash of a code. The invitation is used up by that; who has as much already leaves it as it is.
   * @param update the number of the update that brings the code: one that comes again is told the same
   * @returns `null`: no open invitation has this code
   */
  join(
    user: User,
    codeHash: string,
    update?: number,
  ): Promise<{ readonly invitation: Invitation; readonly isNew: boolean } | null>;
}

interface PersonRow {
  id: number;
  user_id: number | null;
  name: string | null;
  role: Role | null;
  joined_at: number | null;
  last_seen_at: number;
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
  const { adminIds, now } = options;
  const invitations = createInvitations(options);
  const rows = await database.all<PersonRow>("SELECT * FROM people WHERE role IS NOT NULL AND user_id IS NOT NULL");
  /** Those with a role, and admins by the settings, by Telegram's number. */
  const known = new Map<number, RegisteredPerson>();
  let admins = adminIds;
  const gone = await database.all<{ user_id: number }>(
    "SELECT user_id FROM people WHERE removed_at IS NOT NULL AND user_id IS NOT NULL",
  );
  const removed = new Set(gone.map((row) => row.user_id));
  for (const row of rows) keep(toMember(row, adminIds));
  for (const userId of adminIds) {
    const [row] = await database.all<PersonRow>("SELECT * FROM people WHERE user_id = $1", userId);
    if (row) keep(toMember(row, adminIds));
  }

  // Of who was an admin by the settings: none is good again once they are that again.
  await invitations.tidy(database);

  function keep(member: RegisteredPerson): void {
    if (member.role === null) known.delete(member.userId);
    else {
      known.set(member.userId, member);
      removed.delete(member.userId);
    }
    // Asked for with each alarm.
    const others = [...known.values()].filter(({ role }) => role === "admin");
    admins = [...new Set([...adminIds, ...others.map(({ userId }) => userId)])];
  }

  async function find(
    queries: Pick<Queries, "all">,
    column: "id" | "user_id",
    value: number,
  ): Promise<RegisteredPerson | null> {
    const [row] = await queries.all<PersonRow>(
      `SELECT * FROM people WHERE ${column} = $1 AND user_id IS NOT NULL`,
      value,
    );
    return row ? toMember(row, adminIds) : null;
  }

  async function save(queries: Queries, member: RegisteredPerson): Promise<void> {
    // Whoever is an admin by the settings is it for as long as they say so.
    const role = adminIds.includes(member.userId) ? null : member.role;
    await queries.run(
      `INSERT INTO people (id, user_id, name, role, joined_at, last_seen_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, joined_at = excluded.joined_at,
         last_seen_at = excluded.last_seen_at,
         removed_at = CASE WHEN excluded.role IS NULL THEN people.removed_at ELSE NULL END`,
      member.id,
      member.userId,
      member.name,
      role,
      member.joinedAt,
      member.lastSeenAt,
    );
  }

  /** The person as they are now, new if nobody knew them. */
  async function present(queries: Queries, user: User): Promise<RegisteredPerson> {
    const before = await find(queries, "user_id", user.userId);
    if (before) return { ...before, name: user.name, lastSeenAt: now() };
    const role = adminIds.includes(user.userId) ? ("admin" as const) : null;
    return { ...user, id: await nextNumber(queries, "person"), role, joinedAt: null, lastSeenAt: now() };
  }

  async function meet({ userId, name }: User): Promise<number> {
    const last = known.get(userId);
    if (last && last.name === name && Math.abs(now() - last.lastSeenAt) < SEEN_EVERY_MS) return last.id;
    const member = await database.transaction(async (queries) => {
      const met = await present(queries, { userId, name });
      await save(queries, met);
      return met;
    }, "crash");
    // Who may do what was maybe changed meanwhile, and is not decided here.
    const before = known.get(userId);
    if (before) keep({ ...before, name, lastSeenAt: member.lastSeenAt });
    else if (adminIds.includes(userId)) keep(member);
    return member.id;
  }

  return {
    roleOf: (userId) => (adminIds.includes(userId) ? "admin" : (known.get(userId)?.role ?? null)),
    isRemoved: (userId) => removed.has(userId) && !known.has(userId) && !adminIds.includes(userId),
    admins: () => admins,
    members: () =>
      [...known.values()].sort(
        (a, b) => Number(holds(b.role, "admin")) - Number(holds(a.role, "admin")) || a.id - b.id,
      ),
    find: (id) => find(database, "id", id),
    member: (id) => [...known.values()].find((member) => member.id === id) ?? null,
    meet,
    async placeOf(chatId) {
      if (chatId < 0) return `group ${chatId}`;
      const known = await find(database, "user_id", chatId);
      return pseudonymOf(known?.id ?? (await meet({ userId: chatId, name: `user ${chatId}` })));
    },
    async setRole(id, role) {
      const changed = await database.transaction(async (queries) => {
        const before = await find(queries, "id", id);
        if (before === null || adminIds.includes(before.userId)) return before;
        const after = { ...before, role };
        await save(queries, after);
        if (before.role !== null && role === null) {
          await queries.run("UPDATE people SET removed_at = $2 WHERE id = $1", id, now());
        }
        return after;
      });
      if (changed) keep(changed);
      if (changed?.role === null) removed.add(changed.userId);
      await invitations.tidy(database);
      return changed;
    },
    async invite(invitation, update) {
      await invitations.tidy(database);
      await database.transaction(async (queries) => {
        const former = await causedBy<string>(queries, update);
        if (former !== null) await invitations.remove(queries, former);
        await noteCaused(queries, update, invitation.codeHash);
        await invitations.add(queries, invitation);
      });
    },
    invitations: () => invitations.list(database),
    withdraw: (codeHash) =>
      database.transaction(async (queries) => {
        const open = await invitations.list(queries);
        const named = codeHash === undefined ? open : open.filter((one) => one.codeHash === codeHash);
        for (const one of named) await invitations.remove(queries, one.codeHash);
        return named.length;
      }),
    async join(user, codeHash, update) {
      const before = await causedBy<Invitation>(database, update);
      if (before !== null) return { invitation: before, isNew: true };
      // Nothing is written for a code that is none, however many of them come.
      if ((await invitations.find(database, codeHash)) === null) {
        await invitations.tidy(database);
        return null;
      }
      const joined = await database.transaction(async (queries) => {
        const invitation = await invitations.find(queries, codeHash);
        if (invitation === null) return null;
        const before = await present(queries, user);
        if (holds(before.role, invitation.role)) return { invitation, isNew: false, member: before };
        const member = { ...before, role: invitation.role, joinedAt: now() };
        await save(queries, member);
        await invitations.remove(queries, codeHash);
        await noteCaused(queries, update, invitation);
        return { invitation, isNew: true, member };
      });
      if (joined?.isNew) keep(joined.member);
      return joined && { invitation: joined.invitation, isNew: joined.isNew };
    },
  };
}

function toMember(
  { id, user_id, name, role, joined_at, last_seen_at }: PersonRow,
  adminIds: readonly number[],
): RegisteredPerson {
  const userId = user_id ?? 0;
  return {
    id,
    userId,
    name: name ?? "",
    role: adminIds.includes(userId) ? "admin" : role,
    joinedAt: joined_at,
    lastSeenAt: last_seen_at,
  };
}
