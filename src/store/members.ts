import type { Database } from "./sql/database.ts";

/** A member of a device, as plots name it. */
export interface StoredMember {
  /** From 101 on: those below are fields of a channel. Given out once. */
  readonly number: number;
  /** See `Device.root`. */
  readonly root: string;
  readonly group: string;
  readonly path: string;
  readonly label: string;
  readonly unit: string | null;
  readonly decimals: number | null;
  /** Whether everybody might see it when its last value came. */
  readonly isOpen: boolean;
}

/** Members that were recorded, so that their numbers and names are the same in the next run. */
export interface MemberTable {
  all(): Promise<readonly StoredMember[]>;
  /** Adds or changes some. */
  put(members: readonly StoredMember[]): Promise<void>;
}

interface Row {
  readonly number: number;
  readonly root: string;
  readonly group_name: string;
  readonly path: string;
  readonly label: string;
  readonly unit: string | null;
  readonly decimals: number | null;
  readonly is_open: number;
}

/** The table in the database. */
export const createMemberTable = (database: Database): MemberTable => ({
  async all() {
    const rows = await database.all<Row>("SELECT * FROM members ORDER BY number");
    return rows.map(({ group_name: group, is_open: isOpen, ...row }) => ({ ...row, group, isOpen: isOpen === 1 }));
  },
  async put(members) {
    await database.transaction(async (queries) => {
      for (const { number, root, group, path, label, unit, decimals, isOpen } of members)
        await queries.run(
          `INSERT INTO members (number, root, group_name, path, label, unit, decimals, is_open)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (number) DO UPDATE SET label = excluded.label, unit = excluded.unit, decimals = excluded.decimals,
             is_open = excluded.is_open`,
          number,
          root,
          group,
          path,
          label,
          unit,
          decimals,
          isOpen ? 1 : 0,
        );
    });
  },
});
