import { z } from "zod";
import { isSameSecret } from "../../lib/text/same-secret.ts";
import { MAX_VALID_MS } from "../../people/invitation.ts";
import { ROLES, type Role } from "../../people/role.ts";
import type { Database, Queries } from "../sql/database.ts";
import { nextNumber } from "../sql/numbers.ts";

/** A link that makes somebody a member, once. */
export interface Invitation {
  readonly codeHash: string;
  readonly role: Role;
  /** The number of the person who invites. */
  readonly invitedBy: number;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** One as it is kept beside what made it. */
export const invitationSchema = z.object({
  codeHash: z.string(),
  role: z.enum(ROLES),
  invitedBy: z.number(),
  expiresAt: z.number(),
}) satisfies z.ZodType<Invitation>;

/** Why an invitation lets nobody in any more. */
export type InvitationEnd = "used" | "expired" | "withdrawn";

interface InvitationRow {
  id: number;
  code_hash: string;
  role: Role;
  invited_by: number;
  expires_at: number;
  inviter_role: Role | null;
  inviter_user_id: number | null;
}

/** Clocks are set by less all the time. */
const CLOCK_MS = 60_000;
/** More open invitations than this are nobody's wish; the oldest go. */
const MAX_INVITATIONS = 100;
/** A link that somebody finds in an old chat was made by then. */
const KEPT_MS = 90 * 86_400_000;

/** The table of invitations. One is good until it expires, and for as long as who invites is an admin. */
export interface InvitationTable {
  /** Those that are good, the oldest first. */
  list(queries: Pick<Queries, "all">): Promise<readonly Invitation[]>;
  /** The good one with this hash of a code; `null`: there is none. */
  find(queries: Pick<Queries, "all">, codeHash: string): Promise<Invitation | null>;
  add(queries: Queries, invitation: Invitation): Promise<void>;
  end(queries: Queries, codeHash: string, as: InvitationEnd): Promise<void>;
  /** How the one with this hash of a code ended; `null`: it did not, or there never was one, or that is long ago. */
  endOf(queries: Pick<Queries, "all">, codeHash: string): Promise<InvitationEnd | null>;
  /** Ends those that are not good any more, lest they are good again. It writes only if there are any. */
  tidy(database: Database): Promise<void>;
}

/** @param options.adminIds who is an admin by the settings, by Telegram's number */
export function createInvitationTable(options: {
  readonly adminIds: readonly number[];
  readonly now: () => number;
}): InvitationTable {
  const { adminIds, now } = options;

  const isGood = (row: InvitationRow): boolean =>
    row.expires_at > now() &&
    // What would be good for longer than any was made while the clock was ahead.
    row.expires_at <= now() + MAX_VALID_MS + CLOCK_MS &&
    (row.inviter_role === "admin" || adminIds.includes(row.inviter_user_id ?? 0));

  const rows = (queries: Pick<Queries, "all">): Promise<InvitationRow[]> =>
    queries.all<InvitationRow>(
      `SELECT invitations.*, people.role AS inviter_role, people.user_id AS inviter_user_id
       FROM invitations LEFT JOIN people ON people.id = invitations.invited_by ORDER BY invitations.id`,
    );
  const list = async (queries: Pick<Queries, "all">): Promise<readonly Invitation[]> =>
    (await rows(queries)).filter(isGood).map(toInvitation);

  async function tidy(database: Database): Promise<void> {
    if ((await rows(database)).every(isGood)) return;
    await database.transaction(async (queries) => {
      for (const row of await rows(queries))
        if (!isGood(row)) await end(queries, row.code_hash, row.expires_at > now() ? "withdrawn" : "expired");
    });
  }

  const end = (queries: Queries, codeHash: string, as: InvitationEnd) => noteEnd(queries, codeHash, as, now());

  return {
    list,
    async find(queries, codeHash) {
      // Each is compared, so that the time it takes tells nothing.
      const found = (await list(queries)).filter((invitation) => isSameSecret(invitation.codeHash, codeHash));
      return found.at(-1) ?? null;
    },
    async add(queries, { codeHash, role, invitedBy, expiresAt }) {
      const open = await rows(queries);
      for (const { code_hash } of open.slice(0, Math.max(0, open.length + 1 - MAX_INVITATIONS)))
        await end(queries, code_hash, "withdrawn");
      await queries.run(
        "INSERT INTO invitations (id, code_hash, role, invited_by, expires_at) VALUES ($1, $2, $3, $4, $5)",
        await nextNumber(queries, "invitation"),
        codeHash,
        role,
        invitedBy,
        expiresAt,
      );
    },
    end,
    endOf,
    tidy,
  };
}

async function noteEnd(queries: Queries, codeHash: string, as: InvitationEnd, at: number): Promise<void> {
  await queries.run("DELETE FROM invitations WHERE code_hash = $1", codeHash);
  await queries.run("DELETE FROM ended_invitations WHERE ended_at < $1 OR code_hash = $2", at - KEPT_MS, codeHash);
  await queries.run(
    "INSERT INTO ended_invitations (code_hash, ended_as, ended_at) VALUES ($1, $2, $3)",
    codeHash,
    as,
    at,
  );
}

async function endOf(queries: Pick<Queries, "all">, codeHash: string): Promise<InvitationEnd | null> {
  const rows = await queries.all<{ code_hash: string; ended_as: InvitationEnd }>(
    "SELECT code_hash, ended_as FROM ended_invitations",
  );
  let found: InvitationEnd | null = null;
  for (const row of rows) if (isSameSecret(row.code_hash, codeHash)) found = row.ended_as;
  return found;
}

const toInvitation = ({ code_hash, role, invited_by, expires_at }: InvitationRow): Invitation => ({
  codeHash: code_hash,
  role,
  invitedBy: invited_by,
  expiresAt: expires_at,
});
