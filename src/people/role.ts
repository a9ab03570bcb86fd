/**
 * What a person may do; each may also do what the ones before it may.
 *
 * - **viewer**: look: plots, numbers, status, alarms.
 * - **operator**: act on alarms: acknowledge, shelve, write notes.
 * - **admin**: decide about people, routes and settings.
 */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Whether a role holds what another one may do; `null`: somebody without any. */
export const holds = (role: Role | null, needed: Role): boolean =>
  role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** The role that a word names; `null`: none. */
export const roleOf = (word: string): Role | null => ROLES.find((role) => role === word.toLowerCase()) ?? null;

/** A role with its article, for sentences. */
export const aRole = (role: Role): string => `${role === "viewer" ? "a" : "an"} ${role}`;
