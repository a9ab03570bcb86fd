import type { Scope } from "../alarms/payloads/own.ts";
import type { Alarm } from "../alarms/types.ts";
import { hiddenTopic } from "./alarms/alarm-lists.ts";
import { toAlarm, type AlarmRow } from "./alarms/alarm-row.ts";
import type { Database } from "./sql/database.ts";
import { firstEventSince } from "./alarms/events.ts";

/** An alarm in a period. */
interface RecentAlarm {
  readonly alarm: Alarm;
  /** How often it was reported in the period, ends not counted. */
  readonly reports: number;
}

/** What came in a period. */
export interface RecentAlarms {
  /** Alarms of which something came, and how many of them are active now. */
  readonly total: number;
  readonly active: number;
  /** The newest of them, newest first. */
  readonly records: readonly RecentAlarm[];
}

/** What came since then, with so many of the newest alarms. */
export async function readRecent(
  database: Database,
  since: number,
  limit: number,
  scope: Scope = "everything",
): Promise<RecentAlarms> {
  const [count] = await database.all<{ total: number; active: number | null }>(
    `SELECT COUNT(*) AS total, SUM(CASE WHEN state = 'active' THEN 1 ELSE 0 END) AS active
     FROM alarms WHERE last_received_at >= $1 AND topic <> $2`,
    since,
    hiddenTopic(scope),
  );
  const firstId = await firstEventSince(database, since);
  // Which ones they are is found out first: what is counted or copied for each alarm that is looked at costs twenty times as much.
  const rows = await database.all<AlarmRow & { reports: number }>(
    `SELECT alarms.*, (
       SELECT COUNT(*) FROM events
       WHERE events.alarm_id = alarms.id AND events.id >= $2 AND COALESCE(events.state, 'active') NOT IN ('cleared', 'unclear')
     ) AS reports
     FROM alarms WHERE id IN (
       SELECT id FROM alarms WHERE last_received_at >= $1 AND topic <> $4 ORDER BY last_received_at DESC, id DESC LIMIT $3
     ) ORDER BY last_received_at DESC, id DESC`,
    since,
    firstId,
    limit,
    hiddenTopic(scope),
  );
  return {
    total: count?.total ?? 0,
    active: count?.active ?? 0,
    records: rows.map((row) => ({ alarm: toAlarm(row), reports: row.reports })),
  };
}
