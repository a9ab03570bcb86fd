import { holds, type Role } from "../../people/role.ts";
import type { RegisteredPerson } from "./person-table.ts";

/** Who may do what, in memory: they are few, and asked for with each update and each alarm. */
export class KnownPeople {
  readonly #adminIds: readonly number[];
  /** Those with a role, and admins by the settings, by Telegram's number. */
  readonly #known = new Map<number, RegisteredPerson>();
  readonly #removed: Set<number>;
  #admins: readonly number[];

  constructor(adminIds: readonly number[], people: readonly RegisteredPerson[], removed: readonly number[]) {
    this.#adminIds = adminIds;
    this.#admins = adminIds;
    this.#removed = new Set(removed);
    for (const person of people) this.keep(person);
  }

  get(userId: number): RegisteredPerson | null {
    return this.#known.get(userId) ?? null;
  }

  isAdminBySettings(userId: number): boolean {
    return this.#adminIds.includes(userId);
  }

  /** Takes over what somebody may do now. */
  keep(person: RegisteredPerson): void {
    if (person.role === null) this.#known.delete(person.userId);
    else {
      this.#known.set(person.userId, person);
      this.#removed.delete(person.userId);
    }
    const others = [...this.#known.values()].filter(({ role }) => role === "admin");
    this.#admins = [...new Set([...this.#adminIds, ...others.map(({ userId }) => userId)])];
  }

  /** Notes that somebody's role was taken away. */
  remove(userId: number): void {
    this.#removed.add(userId);
  }

  roleOf(userId: number): Role | null {
    return this.isAdminBySettings(userId) ? "admin" : (this.#known.get(userId)?.role ?? null);
  }

  isRemoved(userId: number): boolean {
    return this.#removed.has(userId) && !this.#known.has(userId) && !this.isAdminBySettings(userId);
  }

  admins(): readonly number[] {
    return this.#admins;
  }

  /** Those with a role, admins first. */
  members(): readonly RegisteredPerson[] {
    return [...this.#known.values()].sort(
      (a, b) => Number(holds(b.role, "admin")) - Number(holds(a.role, "admin")) || a.id - b.id,
    );
  }

  member(id: number): RegisteredPerson | null {
    return [...this.#known.values()].find((person) => person.id === id) ?? null;
  }
}
