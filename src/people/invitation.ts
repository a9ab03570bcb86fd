import { hash, randomBytes } from "node:crypto";
import { clean } from "../alarms/text.ts";
import { readDuration } from "../lib/time/duration.ts";
import { roleOf, type Role } from "./role.ts";

/** 192 bits. In 32 characters of base64url, which a deep link may hold (FACTS: C1, 64 at most). */
const CODE_BYTES = 24;
const HOUR = 3_600_000;
const DEFAULT_MS = 24 * HOUR;
/** No invitation is valid for longer. */
export const MAX_VALID_MS = 30 * 24 * HOUR;

/** A new code; nobody can guess one. */
export const newCode = (): string => randomBytes(CODE_BYTES).toString("base64url");

/** Whether something may be a code, three bytes of which make four characters: nothing else is worth a look. */
export const isCode = (text: string): boolean => text.length === (CODE_BYTES / 3) * 4 && /^[\w-]+$/.test(text);

/** What is kept of a code: a code with so many bits needs no salt and no slow hash. */
export const hashOf = (code: string): string => hash("sha256", code);

/** What an admin wants: as which role, and for how long the link is valid. */
export interface InvitationWish {
  readonly role: Role;
  readonly validMs: number;
}

/** Reads what follows `/invite`: `operator 24h`, `viewer for 2 days`; a day if nothing else is said. `null`: not understood. */
export function parseInvitation(text: string): InvitationWish | null {
  const [, word = "", length = ""] = /^(\w+)(?:\s+(.{1,40}))?$/.exec(clean(text)) ?? [];
  const role = roleOf(word);
  const validMs = length === "" ? DEFAULT_MS : readDuration(length);
  return role === null || validMs === null || validMs > MAX_VALID_MS ? null : { role, validMs };
}
