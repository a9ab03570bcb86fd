import { z } from "zod";
import type { Database } from "../sql/database.ts";
import { causedBy, noteCaused } from "./inbox.ts";
import type { Invitation, InvitationEnd, InvitationTable } from "./invitation-table.ts";

/** The invitations that are open. One is good until it expires, and for as long as who invites is an admin. */
export interface Invitations {
  /**
   * Makes an invitation.
   * @param update the number of the update that asks for it: one that comes again takes back what it made before, which nobody may have seen
   */
  make(invitation: Invitation, update?: number): Promise<void>;
  /** Those that are good, the oldest first. */
  list(): Promise<readonly Invitation[]>;
  /** Takes back the one with this hash of a code, or all that are open; resolves with how many there were. */
  withdraw(codeHash?: string): Promise<number>;
  /** How the one with this hash of a code ended; `null`: it did not, or there never was one. */
  endOf(codeHash: string): Promise<InvitationEnd | null>;
}

/** The invitations in the database. */
export function openInvitations(database: Database, table: InvitationTable): Invitations {
  return {
    async make(invitation, update) {
      await table.tidy(database);
      await database.transaction(async (queries) => {
        const former = await causedBy(queries, update, z.string());
        if (former !== null) await table.end(queries, former, "withdrawn");
        await noteCaused(queries, update, invitation.codeHash);
        await table.add(queries, invitation);
      });
    },
    list: () => table.list(database),
    endOf: (codeHash) => table.endOf(database, codeHash),
    withdraw: (codeHash) =>
      database.transaction(async (queries) => {
        const open = await table.list(queries);
        const named = codeHash === undefined ? open : open.filter((one) => one.codeHash === codeHash);
        for (const one of named) await table.end(queries, one.codeHash, "withdrawn");
        return named.length;
      }),
  };
}
