import type { Role } from "./role.ts";

/** What a command or a button asks of who uses it. */
export interface Right {
  readonly role: Role;
  /** In a group, where it concerns all; left out: the same. */
  readonly roleInGroups?: Role;
  /** Only where nobody else reads it: in a private chat. */
  readonly isPrivate?: boolean;
  /** How much of a person's budget it takes; 1 if left out. See budget.ts. */
  readonly cost?: number;
}

/** The role that a right asks for in a chat. */
export const neededRole = (right: Right, isGroup: boolean): Role =>
  isGroup ? (right.roleInGroups ?? right.role) : right.role;

/** What a picture or a file takes of the budget. */
export const PLOT_COST = 3;

/** To look, which everybody who is served may. */
export const LOOK: Right = { role: "viewer" };

/** To act on alarms and devices. */
export const ACT: Right = { role: "operator" };

/** To decide about people and chats. */
export const DECIDE: Right = { role: "admin", isPrivate: true };
