import type { Alarm } from "../alarms/types.ts";
import { toAlarm, type AlarmRow } from "./alarms.ts";
import type { Database } from "./database.ts";

/** An alarm in a period. */
export interface HistoryRecord {
  readonly alarm: Alarm;
  /** How often it was reported in the period, ends not counted. */
  readonly reports: number;
}

/** The alarms of which something came since then, the newest first. */
export async function listRecent(database: Database, since: number, limit: number): Promise<HistoryRecord[]> {
  const rows = await database.all<AlarmRow & { reports: number }>(
    `SELECT alarms.*, recent.reports FROM (
       SELECT alarm_id, MAX(id) AS newest, SUM(CASE WHEN state = 'cleared' THEN 0 ELSE 1 END) AS reports
       FROM events WHERE received_at >= $1 GROUP BY alarm_id ORDER BY MAX(id) DESC LIMIT $2
     ) AS recent JOIN alarms ON alarms.id = recent.alarm_id ORDER BY recent.newest DESC`,
    since,
    limit,
  );
  return rows.map((row) => ({ alarm: toAlarm(row), reports: row.reports }));
}
