import type { InlineKeyboardButton } from "grammy/types";
import { ROLES, type Role } from "../../people/role.ts";
import type { RegisteredPerson } from "../../store/people/person-table.ts";
import { formatDuration, formatMinute } from "../../lib/time/time.ts";
import { fit, html, lines, type Html } from "../api/render.ts";

/** How /people and its buttons look. */

const PEOPLE_PER_PAGE = 8;

/** Whether the settings make somebody an admin, so that no chat can change it. */
type IsFixed = (member: RegisteredPerson) => boolean;

/** A page of those who may do something, each with when they were here last. */
export function peopleView(
  people: {
    readonly members: readonly RegisteredPerson[];
    /** Telegram's numbers of admins by the settings who have never written. */
    readonly never: readonly number[];
    readonly offset: number;
  },
  isFixed: IsFixed,
  now: number,
): Html {
  const { members, never, offset } = people;
  const shown = pageOf(members, offset);
  const range = shown.length < members.length ? ` ${offset + 1}–${offset + shown.length} of ${members.length}` : "";
  const items = shown.map((member) => {
    const seen = formatDuration(now - member.lastSeenAt);
    const fixed = isFixed(member) ? " (by TELEGRAM_ADMIN_IDS)" : "";
    return html`<b>${member.id}</b> ${member.name} · ${member.role ?? ""}${fixed} · seen ${seen} ago`;
  });
  const absent =
    never.length === 0 ? [] : [html`Admins by TELEGRAM_ADMIN_IDS who never wrote to me: ${never.join(", ")}`];
  return fit(html`<b>People</b>${range}. /invite brings more.`, [...items, ...absent]);
}

/** Where the last page begins. */
export const lastPage = (members: readonly RegisteredPerson[]): number =>
  Math.max(0, Math.ceil(members.length / PEOPLE_PER_PAGE) - 1) * PEOPLE_PER_PAGE;

const pageOf = (members: readonly RegisteredPerson[], offset: number): readonly RegisteredPerson[] =>
  members.slice(offset, offset + PEOPLE_PER_PAGE);

/** A button for each on the page who can be changed, and those that turn it. */
export function peopleButtons(
  members: readonly RegisteredPerson[],
  isFixed: IsFixed,
  offset: number,
): InlineKeyboardButton[][] {
  const rows = pageOf(members, offset)
    .filter((member) => !isFixed(member))
    .map(({ id, name }) => [{ text: `${id} ${name}`, callback_data: `person:${id}` }]);
  const turn = (text: string, to: number): InlineKeyboardButton => ({ text, callback_data: `people:${to}` });
  const turns = [
    ...(offset > 0 ? [turn("◀", Math.max(0, offset - PEOPLE_PER_PAGE))] : []),
    ...(offset + PEOPLE_PER_PAGE < members.length ? [turn("▶", offset + PEOPLE_PER_PAGE)] : []),
  ];
  return turns.length > 0 ? [...rows, turns] : rows;
}

/** One person, to be changed. */
export function personView({ id, name, role, joinedAt, lastSeenAt }: RegisteredPerson, timeZone: string): Html {
  return lines(
    html`<b>${id} ${name}</b> · ${role ?? "no role"}`,
    joinedAt === null ? null : html`Joined ${formatMinute(joinedAt, timeZone)}`,
    html`Seen last ${formatMinute(lastSeenAt, timeZone)}`,
  );
}

/** The roles that somebody could have instead, and none. */
export function personButtons({ id, role }: RegisteredPerson): InlineKeyboardButton[][] {
  const change = (to: Role | "none", text: string): InlineKeyboardButton => ({
    text,
    callback_data: `role:${id}:${to}`,
  });
  return [
    ROLES.filter((other) => other !== role).map((other) => change(other, `Make ${other}`)),
    [change("none", "Remove at once"), { text: "Back", callback_data: "people:0" }],
  ];
}
