import type { Role } from "../../people/role.ts";
import type { Database, Queries } from "../sql/database.ts";
import { nextNumber } from "../sql/numbers.ts";

/** Somebody as Telegram tells of them. */
export interface User {
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

interface PersonRow {
  id: number;
  user_id: number | null;
  name: string | null;
  role: Role | null;
  joined_at: number | null;
  last_seen_at: number;
}

/** The table of people, as it reads for who knows the admins by the settings. */
export class PersonTable {
  readonly #adminIds: readonly number[];
  readonly #now: () => number;

  constructor({ adminIds, now }: { readonly adminIds: readonly number[]; readonly now: () => number }) {
    this.#adminIds = adminIds;
    this.#now = now;
  }

  /** Those with a role, and admins by the settings. */
  async known(database: Pick<Database, "all">): Promise<readonly RegisteredPerson[]> {
    const rows = await database.all<PersonRow>("SELECT * FROM people WHERE role IS NOT NULL AND user_id IS NOT NULL");
    const found = rows.map((row) => this.#toPerson(row));
    for (const userId of this.#adminIds) {
      const admin = await this.find(database, "user_id", userId);
      if (admin) found.push(admin);
    }
    return found;
  }

  /** Whose role was taken away, by Telegram's number. */
  async removed(database: Pick<Database, "all">): Promise<readonly number[]> {
    const rows = await database.all<{ user_id: number }>(
      "SELECT user_id FROM people WHERE removed_at IS NOT NULL AND user_id IS NOT NULL",
    );
    return rows.map((row) => row.user_id);
  }

  async find(queries: Pick<Queries, "all">, column: "id" | "user_id", value: number): Promise<RegisteredPerson | null> {
    const [row] = await queries.all<PersonRow>(
      `SELECT * FROM people WHERE ${column} = $1 AND user_id IS NOT NULL`,
      value,
    );
    return row ? this.#toPerson(row) : null;
  }

  async save(queries: Queries, person: RegisteredPerson): Promise<void> {
    // Whoever is an admin by the settings is it for as long as they say so.
    const role = this.#adminIds.includes(person.userId) ? null : person.role;
    await queries.run(
      `INSERT INTO people (id, user_id, name, role, joined_at, last_seen_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, joined_at = excluded.joined_at,
         last_seen_at = excluded.last_seen_at,
         removed_at = CASE WHEN excluded.role IS NULL THEN people.removed_at ELSE NULL END`,
      person.id,
      person.userId,
      person.name,
      role,
      person.joinedAt,
      person.lastSeenAt,
    );
  }

  /** The person as they are now, new if nobody knew them. */
  async present(queries: Queries, user: User): Promise<RegisteredPerson> {
    const before = await this.find(queries, "user_id", user.userId);
    if (before) return { ...before, name: user.name, lastSeenAt: this.#now() };
    const role = this.#adminIds.includes(user.userId) ? "admin" : null;
    return { ...user, id: await nextNumber(queries, "person"), role, joinedAt: null, lastSeenAt: this.#now() };
  }

  #toPerson({ id, user_id, name, role, joined_at, last_seen_at }: PersonRow): RegisteredPerson {
    const userId = user_id ?? 0;
    return {
      id,
      userId,
      name: name ?? "",
      role: this.#adminIds.includes(userId) ? "admin" : role,
      joinedAt: joined_at,
      lastSeenAt: last_seen_at,
    };
  }
}
