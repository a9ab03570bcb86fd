import type { Worth } from "../../alarms/handling-parts.ts";
import type { Person } from "../../alarms/types.ts";
import type { Database, Queries } from "../sql/database.ts";

/** Something that a person did about an alarm. */
export interface ActionRecord {
  readonly alarmId: number;
  /** Epoch ms. */
  readonly actedAt: number;
  readonly occurrence: number;
  readonly by: Person;
  readonly action:
    | "acknowledge"
    | "takeBack"
    | "reset"
    | "shelve"
    | "unshelve"
    | "close"
    | "reopen"
    | "note"
    | NonNullable<Worth["answer"]>;
  /** What the person wrote with it. */
  readonly words: string | null;
  /** Telegram's file id of a photo. */
  readonly photo: string | null;
  /** Until when it was put aside (`shelve`); 0: until it clears. Left out: it was not, or an older Valvomo noted it. */
  readonly untilAt?: number | null;
}

/** Appends one action. @param update the number of the update that asked for it; `null`: none did */
export async function appendAction(
  queries: Queries,
  id: number,
  record: ActionRecord,
  update: number | null = null,
): Promise<void> {
  await queries.run(
    `INSERT INTO actions (id, alarm_id, acted_at, occurrence, user_id, person, action, words, photo, update_id, until_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    id,
    record.alarmId,
    record.actedAt,
    record.occurrence,
    record.by.userId,
    record.by.name,
    record.action,
    record.words,
    record.photo,
    update,
    record.untilAt ?? null,
  );
}

/** Whether an update did that to an alarm already, in a run that did not live to say so. */
export async function isDone(
  queries: Queries,
  { alarmId, action }: Pick<ActionRecord, "alarmId" | "action">,
  update: number,
): Promise<boolean> {
  const rows = await queries.all(
    "SELECT 1 AS done FROM actions WHERE alarm_id = $1 AND update_id = $2 AND action = $3 LIMIT 1",
    alarmId,
    update,
    action,
  );
  return rows.length > 0;
}

/** The newest actions on an alarm, newest first. */
export async function listActions(database: Database, alarmId: number, limit: number): Promise<ActionRecord[]> {
  const rows = await database.all<ActionRow>(
    "SELECT * FROM actions WHERE alarm_id = $1 ORDER BY id DESC LIMIT $2",
    alarmId,
    limit,
  );
  return rows.map((row) => ({
    alarmId: row.alarm_id,
    actedAt: row.acted_at,
    occurrence: row.occurrence,
    by: { userId: row.user_id, name: row.person },
    action: row.action,
    words: row.words,
    photo: row.photo,
  }));
}

interface ActionRow {
  alarm_id: number;
  acted_at: number;
  occurrence: number;
  user_id: number;
  person: string;
  action: ActionRecord["action"];
  words: string | null;
  photo: string | null;
}
