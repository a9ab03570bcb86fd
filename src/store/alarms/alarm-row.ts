import type { RingReason } from "../../alarms/card.ts";
import { NO_HANDLING } from "../../alarms/lifecycle/occurrence.ts";
import { type AlarmHandling, SEVERITIES, type Alarm } from "../../alarms/types.ts";

/** A row of `alarms`, under the names of its columns. */
export interface AlarmRow {
  id: number;
  alarm_key: string;
  topic: string;
  source: string | null;
  message: string;
  severity: number;
  peak_severity: number;
  state: Alarm["state"];
  is_cleared_by_plant: number;
  value: number | null;
  unit: string | null;
  limit_value: number | null;
  field: number | null;
  occurrence: number;
  event_count: number;
  started_at: number;
  last_at: number;
  last_received_at: number;
  cleared_at: number | null;
  acknowledged_by: string | null;
  acknowledged_at: number | null;
  /** JSON; `{}` in a row of an older Valvomo. */
  course: string;
  due_at: number | null;
  second_path_at: number | null;
  /** 0 in a row of an older Valvomo: not known. */
  told_at: number | null;
  heard_at: number | null;
  owed_ring: RingReason | null;
  version: number;
}

/** The alarm in a row. */
export function toAlarm(row: AlarmRow): Alarm {
  return {
    id: row.id,
    key: row.alarm_key,
    topic: row.topic,
    source: row.source,
    message: row.message,
    severity: SEVERITIES[row.severity] ?? "critical",
    peakSeverity: SEVERITIES[row.peak_severity] ?? "critical",
    state: row.state,
    isClearedByPlant: row.is_cleared_by_plant === 1,
    value: row.value,
    unit: row.unit,
    limit: row.limit_value,
    field: row.field,
    occurrence: row.occurrence,
    count: row.event_count,
    startedAt: row.started_at,
    lastAt: row.last_at,
    lastReceivedAt: row.last_received_at,
    clearedAt: row.cleared_at,
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: row.acknowledged_at,
    toldAt: row.told_at,
    heardAt: row.heard_at,
    owedRing: row.owed_ring,
    handling: toHandling(row),
    secondPathAt: row.second_path_at,
    version: row.version,
  };
}

/** What an older Valvomo did not note of a shelf is that it held for the worst that the alarm had been. */
export function toHandling({ course, peak_severity: peak }: Pick<AlarmRow, "course" | "peak_severity">): AlarmHandling {
  const read = { ...NO_HANDLING, ...(JSON.parse(course) as Partial<AlarmHandling>) };
  return read.shelf ? { ...read, shelf: { ...read.shelf, severity: read.shelf.severity ?? SEVERITIES[peak] } } : read;
}
