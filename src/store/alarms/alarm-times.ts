import { OWN_TOPIC } from "../../alarms/payloads/own.ts";
import { SEVERITIES } from "../../alarms/types.ts";
import type { AlarmTime } from "../../alarms/alarm-time.ts";
import type { Database } from "../sql/database.ts";

/** More bands than this tell nothing. */
const MAX_ALARMS = 40;
/** Events of one alarm; what chatters longer is one band. */
const MAX_EVENTS = 200;

/**
 * When the alarms about these fields were active in a period, as their events tell; the newest alarms, if there are many.
 * @param fields ThingSpeak's numbers
 * @param startAt epoch ms, as `endAt`
 */
export async function alarmTimes(
  database: Database,
  fields: readonly number[],
  startAt: number,
  endAt: number,
): Promise<AlarmTime[]> {
  const alarms = await database.all<{ id: number; state: string; started_at: number; peak_severity: number }>(
    `SELECT id, state, started_at, peak_severity FROM alarms
     WHERE field IN (${fields.map((_, i) => `$${i + 2}`).join(", ")}) AND (last_received_at >= $1 OR state = 'active')
     ORDER BY last_received_at DESC LIMIT ${MAX_ALARMS}`,
    startAt,
    ...fields,
  );
  const found: AlarmTime[] = [];
  for (const alarm of alarms) {
    const events = await database.all<ToldState>(
      `SELECT COALESCE(occurred_at, received_at) AS at, state, severity FROM events
       WHERE alarm_id = $1 ORDER BY id DESC LIMIT ${MAX_EVENTS}`,
      alarm.id,
    );
    found.push(...timesOf(alarm.id, events.toReversed(), alarm.state === "active"));
  }
  return found.filter((time) => time.startAt < endAt && (time.endAt ?? endAt) > startAt);
}

interface ToldState {
  readonly at: number;
  readonly state: string | null;
  readonly severity: number;
}

/** Each time from an event that says active to the one that says cleared; an alarm that is over had an end that nobody told. */
function timesOf(alarmId: number, events: readonly ToldState[], isActive: boolean): AlarmTime[] {
  const times: AlarmTime[] = [];
  let reports: ToldState[] = [];
  const close = (endAt: number | null): void => {
    const [first] = reports;
    const rank = Math.max(...reports.map(({ severity }) => severity));
    if (first) times.push({ alarmId, severity: SEVERITIES[rank] ?? "warning", startAt: first.at, endAt });
    reports = [];
  };
  for (const event of events) {
    if (event.state === "cleared") close(event.at);
    // Information that only happened lasts no time.
    else if (event.state === null && event.severity === 0 && reports.length === 0) continue;
    else reports.push(event);
  }
  close(isActive ? null : (reports.at(-1)?.at ?? null));
  return times;
}

/** When the newest alarm of a plant began; our own troubles do not count. Epoch ms; `null`: there was none. */
export async function lastStartAt(database: Database): Promise<number | null> {
  const [row] = await database.all<{ at: number }>(
    "SELECT started_at AS at FROM alarms WHERE topic NOT LIKE $1 ORDER BY started_at DESC LIMIT 1",
    `${OWN_TOPIC}%`,
  );
  return row?.at ?? null;
}
