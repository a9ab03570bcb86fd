import type { InlineKeyboardButton } from "grammy/types";
import { ROLES, type Role } from "../people/role.ts";
import type { Member } from "../store/people.ts";
import { formatDuration, formatMinute } from "../time.ts";
import { fit, html, lines, type Html } from "./render.ts";

/** How /people and its buttons look. */

const PEOPLE_PER_PAGE = 8;

/** Whether the settings make somebody an admin, so that no chat can change it. */
type IsFixed = (member: Member) => boolean;

/** All who may do something, each with when he was here last. */
export function peopleView(members: readonly Member[], isFixed: IsFixed, now: number): Html {
  const items = members.map((member) => {
    const seen = formatDuration(now - member.lastSeenAt);
    const fixed = isFixed(member) ? " (by TELEGRAM_ADMIN_IDS)" : "";
    return html`<b>${member.id}</b> ${member.name} · ${member.role ?? ""}${fixed} · seen ${seen} ago`;
  });
  return fit(html`<b>People</b>. /invite brings more.`, items);
}

/** A button for each who can be changed, a page of them. */
export function peopleButtons(members: readonly Member[], isFixed: IsFixed, offset: number): InlineKeyboardButton[][] {
  const open = members.filter((member) => !isFixed(member));
  const rows = open
    .slice(offset, offset + PEOPLE_PER_PAGE)
    .map(({ id, name }) => [{ text: `${id} ${name}`, callback_data: `person:${id}` }]);
  const turn = (text: string, to: number): InlineKeyboardButton => ({ text, callback_data: `people:${to}` });
  const turns = [
    ...(offset > 0 ? [turn("◀", Math.max(0, offset - PEOPLE_PER_PAGE))] : []),
    ...(offset + PEOPLE_PER_PAGE < open.length ? [turn("▶", offset + PEOPLE_PER_PAGE)] : []),
  ];
  return turns.length > 0 ? [...rows, turns] : rows;
}

/** One person, to be changed. */
export function personView({ id, name, role, joinedAt, lastSeenAt }: Member, timeZone: string): Html {
  return lines(
    html`<b>${id} ${name}</b> · ${role ?? "no role"}`,
    joinedAt === null ? null : html`Joined ${formatMinute(joinedAt, timeZone)}`,
    html`Seen last ${formatMinute(lastSeenAt, timeZone)}`,
  );
}

/** The roles that somebody could have instead, and none. */
export function personButtons({ id, role }: Member): InlineKeyboardButton[][] {
  const change = (to: Role | "none", text: string): InlineKeyboardButton => ({
    text,
    callback_data: `role:${id}:${to}`,
  });
  return [
    ROLES.filter((other) => other !== role).map((other) => change(other, `Make ${other}`)),
    [change("none", "Remove at once"), { text: "Back", callback_data: "people:0" }],
  ];
}
