import { clean } from "../../alarms/text.ts";
import type { WrongCode } from "../../people/join-guard.ts";
import { lastOldId } from "../sql/age.ts";
import type { Database, Queries } from "../sql/database.ts";
import { nextNumber } from "../sql/numbers.ts";

/** Who did what, where, and what came of it. People are numbers here, so that one can be forgotten and no line need be changed. */
interface AuditEntry {
  /** Epoch ms. */
  readonly at: number;
  /** `null`: nobody, such as the clock. */
  readonly personId: number | null;
  /** The group where; `null`: in a private chat, whose id would be a person's. */
  readonly groupId: number | null;
  readonly action: string;
  readonly details: string;
  readonly result: string;
}

/** One line as it is read: with the name, if the person is not forgotten. */
export interface AuditLine extends AuditEntry {
  readonly id: number;
  readonly name: string | null;
}

/** What is only ever appended; after a year it goes. */
export interface Audit {
  append(entry: Omit<AuditEntry, "at">): Promise<void>;
  /**
   * The newest first.
   * @param beforeId only those that are older than this line, to go on after a part
   */
  list(since: number, limit: number, beforeId?: number): Promise<readonly AuditLine[]>;
  /** How many lines there are since then. */
  count(since: number): Promise<number>;
  /** Who gave a wrong code since then, oldest first. */
  wrongCodes(since: number): Promise<readonly WrongCode[]>;
  /** Drops what is older, and who was only known from that; resolves with how many lines went. */
  forget(before: number): Promise<number>;
}

/** The audit line of a wrong code; the guard counts these over a restart. */
export const JOIN = "join";
export const WRONG_CODE = "wrong code";

/** The highest number that the column takes. */
const MAX_ID = 2 ** 31 - 1;
/** Neither a line nor a file needs more. */
const MAX_DETAILS = 300;

interface AuditRow {
  id: number;
  noted_at: number;
  person_id: number | null;
  group_id: number | null;
  action: string;
  details: string;
  result: string;
  name: string | null;
}

/** The audit log in the database. */
export function openAudit(database: Database, now: () => number): Audit {
  return {
    async append({ personId, groupId, action, details, result }) {
      await database.transaction(async (queries) =>
        queries.run(
          `INSERT INTO audit (id, noted_at, person_id, group_id, action, details, result)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
          await nextNumber(queries, "audit"),
          now(),
          personId,
          groupId,
          action,
          // One line is one line: nobody must be able to write what looks like another one.
          clean(details).replace(/\s+/g, " ").slice(0, MAX_DETAILS).toWellFormed(),
          result,
        ),
      );
    },
    async list(since, limit, beforeId = MAX_ID) {
      const rows = await database.all<AuditRow>(
        `SELECT audit.*, people.name AS name FROM audit LEFT JOIN people ON people.id = audit.person_id
         WHERE audit.noted_at >= $1 AND audit.id < $2 ORDER BY audit.id DESC LIMIT $3`,
        since,
        beforeId,
        limit,
      );
      return rows.map((row) => ({
        id: row.id,
        at: row.noted_at,
        personId: row.person_id,
        groupId: row.group_id,
        action: row.action,
        details: row.details,
        result: row.result,
        name: row.name,
      }));
    },
    async count(since) {
      const [row] = await database.all<{ n: number }>("SELECT COUNT(*) AS n FROM audit WHERE noted_at >= $1", since);
      return row?.n ?? 0;
    },
    async wrongCodes(since) {
      const rows = await database.all<{ user_id: number; at: number }>(
        `SELECT people.user_id AS user_id, audit.noted_at AS at FROM audit JOIN people ON people.id = audit.person_id
         WHERE audit.noted_at >= $1 AND audit.action = $2 AND audit.result = $3 AND people.user_id IS NOT NULL
         ORDER BY audit.id`,
        since,
        JOIN,
        WRONG_CODE,
      );
      return rows.map(({ user_id, at }) => ({ userId: user_id, at }));
    },
    forget: (before) => database.transaction((queries) => forget(queries, before, now())),
  };
}

/** Drops lines that are older, and who was only known from them. */
async function forget(queries: Queries, before: number, now: number): Promise<number> {
  const lastOld = await lastOldId(queries, "audit", { before, now });
  const gone = await queries.run("DELETE FROM audit WHERE id <= $1", lastOld);
  const isUnknown = `role IS NULL AND last_seen_at < $1
    AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.person_id = people.id)`;
  await queries.run(`UPDATE people SET user_id = NULL, name = NULL WHERE ${isUnknown}`, before);
  await queries.run(`DELETE FROM people WHERE ${isUnknown}`, before);
  return gone;
}
