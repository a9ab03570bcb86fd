import type { Context } from "grammy";
import type { Role } from "../../people/role.ts";
import { pseudonymOf } from "../../people/pseudonym.ts";
import type { Invitation } from "../../store/people/invitation-table.ts";
import type { People } from "../../store/people/people.ts";
import type { RegisteredPerson } from "../../store/people/person-table.ts";
import { formatInstant } from "../../lib/time/time.ts";
import { servedIn } from "../access/person.ts";
import { html, join, ours, type Html } from "../api/render.ts";

/** What changing people needs. */
export interface PeopleOptions {
  readonly people: People;
  /** Who is an admin by the settings. */
  readonly adminIds: readonly number[];
  /** What besides their role names somebody's private chat as one that gets alarms; in words. */
  readonly namedIn: (chatId: number) => readonly string[];
  /** What of the settings names somebody as a person; in words. */
  readonly settingsOf: (userId: number) => readonly string[];
  /**
   * Somebody's role is another one now: what they have no right to any more ends at once; resolves with the numbers of the routes that
   * ended so.
   */
  readonly onRole: (userId: number) => Promise<readonly number[]>;
  /** Removes all that is kept of somebody. */
  readonly forget: (member: RegisteredPerson) => Promise<void>;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}

/** Open invitations that are named one by one. */
const MAX_NAMED = 5;

/** What came of a change, and what is said of it: that may take more than a moment, and changes nothing of the result. */
export interface PersonChange {
  readonly result: string;
  readonly words: () => Promise<Html>;
}
const undone = (words: Html): PersonChange => ({ result: "not done", words: async () => words });

/** What is done about a person: another role, or none; and forgetting them. */
export class PeopleChanges {
  readonly #options: PeopleOptions;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** Whether somebody is an admin by the settings. */
  readonly isFixed = ({ userId }: RegisteredPerson): boolean => this.#options.adminIds.includes(userId);

  /** What keeps somebody from being forgotten, in words. */
  obstaclesTo({ userId }: RegisteredPerson): readonly string[] {
    return [...this.#options.settingsOf(userId), ...this.#options.namedIn(userId)];
  }

  /** @param role `null`: none any more */
  async change(ctx: Context, id: number, role: Role | null): Promise<PersonChange> {
    const { people } = this.#options;
    const before = people.member(id);
    if (before === null) return undone(html`I know nobody with the number ${id}.`);
    if (this.isFixed(before))
      return undone(html`${before.name} is an admin by TELEGRAM_ADMIN_IDS: change that setting.`);
    const open = await people.invitations.list();
    await people.setRole(id, role);
    return { result: role === null ? "removed" : `${role} now`, words: () => this.#follow(ctx, before, role, open) };
  }

  /** Removes all that is kept of somebody. */
  async forget(ctx: Context, id: number): Promise<PersonChange> {
    const { people, forget } = this.#options;
    const member = await people.find(id);
    if (member === null) return undone(html`Nobody has that number.`);
    const names = this.obstaclesTo(member);
    if (names.length > 0)
      return undone(html`Person ${id} is named in ${ours(names.join(" and in "))}: take that out first.`);
    const open = await people.invitations.list();
    await forget(member);
    const words = async () =>
      join([html`Person ${id} is forgotten.`, ...(await this.#invitationWords(ctx, open))], " ");
    return { result: "done", words };
  }

  /** Ends what somebody has no right to any more. @returns what came of it, in words */
  async #follow(ctx: Context, before: RegisteredPerson, role: Role | null, open: readonly Invitation[]): Promise<Html> {
    const { namedIn, onRole } = this.#options;
    const ended = await onRole(before.userId);
    if (role !== null) return html`${before.name} is ${role} now.`;
    const names = namedIn(before.userId);
    const parts = [
      html`${before.name} has no role any more.`,
      ...(ended.length === 0 ? [] : [html`Removed with it: route ${ended.join(", ")}.`]),
      ...(names.length === 0
        ? []
        : [
            html`They get no alarms any more, either, although they are still named in ${ours(names.join(" and in "))}: take that out.`,
          ]),
      ...(await this.#invitationWords(ctx, open)),
    ];
    return join(parts, " ");
  }

  /**
   * What a removal leaves open: whoever goes may hold a link that lets them in again.
   * @param before the invitations that were good before it; those of whoever was removed went with them
   */
  async #invitationWords(ctx: Context, before: readonly Invitation[]): Promise<Html[]> {
    const { people, timeZoneOf, now } = this.#options;
    const left = await people.invitations.list();
    const gone = before.length - left.length;
    const zone = timeZoneOf(servedIn(ctx).chatId);
    const named = left.map(({ role, invitedBy, expiresAt }) => {
      const by = people.member(invitedBy)?.name ?? pseudonymOf(invitedBy);
      return `${role}, by ${by}, until ${formatInstant(expiresAt, zone, now())}`;
    });
    return [
      ...(gone === 0 ? [] : [html`Invitations of theirs withdrawn: ${gone}.`]),
      ...(left.length === 0
        ? []
        : [
            html`Whoever has the link of an open invitation can come in: ${listed(named)}. /invite off takes all of them back.`,
          ]),
    ];
  }
}

const listed = (words: readonly string[]): string =>
  [...words.slice(0, MAX_NAMED), ...(words.length > MAX_NAMED ? [`and ${words.length - MAX_NAMED} more`] : [])].join(
    "; ",
  );
