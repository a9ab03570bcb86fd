import { CRITICAL_RING_RANK } from "../../alarms/cards/due.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { Queries } from "../sql/database.ts";
import { toAlarm, type AlarmRow } from "./alarm-row.ts";

/** Alarms to which time does something now, those that wait longest first. */
export async function listDue(queries: Pick<Queries, "all">, now: number, limit: number): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    "SELECT * FROM alarms WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
    now,
    limit,
  );
  return rows.map(toAlarm);
}

/** The next alarms by number that are active or held back, each with the time at which time is to do something to it; epoch ms. */
export async function listScheduled(
  queries: Pick<Queries, "all">,
  afterId: number,
  limit: number,
): Promise<{ readonly alarm: Alarm; readonly dueAt: number | null }[]> {
  const rows = await queries.all<AlarmRow>(
    "SELECT * FROM alarms WHERE id > $1 AND (state = 'active' OR is_held_back = 1) ORDER BY id LIMIT $2",
    afterId,
    limit,
  );
  return rows.map((row) => ({ alarm: toAlarm(row), dueAt: row.due_at }));
}

/** Active alarms that were to ring as critical before `since`, and of which no chat was told and nobody knows yet. */
export async function listUntold(queries: Pick<Queries, "all">, since: number, limit: number): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    `SELECT * FROM alarms WHERE state = 'active' AND second_path_at IS NULL AND acknowledged_at IS NULL AND is_shelved = 0 AND id IN (
       SELECT alarm_id FROM cards WHERE is_pending = 1 AND pending_rank >= ${CRITICAL_RING_RANK} AND pending_since <= $1
     ) AND NOT EXISTS (
       SELECT 1 FROM cards WHERE cards.alarm_id = alarms.id AND cards.message_id IS NOT NULL AND cards.rung = cards.rings
     ) ORDER BY id LIMIT $2`,
    since,
    limit,
  );
  return rows.map(toAlarm);
}

/** Active alarms with a higher number that wait to ring in a chat, lowest first. */
export async function listWaiting(
  queries: Pick<Queries, "all">,
  chatId: number,
  afterId: number,
  limit: number,
): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    // The plus keeps SQLite from indexes whose rows would all have to be sorted for each few of them.
    `SELECT alarms.* FROM cards JOIN alarms ON alarms.id = cards.alarm_id
     WHERE cards.alarm_id > $2 AND +cards.chat_id = $1 AND +is_pending = 1 AND rings > rung AND state = 'active'
     ORDER BY cards.alarm_id LIMIT $3`,
    chatId,
    afterId,
    limit,
  );
  return rows.map(toAlarm);
}
