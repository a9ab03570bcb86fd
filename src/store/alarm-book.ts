import { rankOf, type Alarm } from "../alarms/types.ts";
import { toAlarm, type AlarmRow } from "./alarms.ts";
import type { Queries } from "./database.ts";
import { readAmong, writeRows } from "./rows.ts";

/** The alarms in one transaction: each is read once, and those that changed are written in one go. */
export interface AlarmBook {
  /** Reads the alarms with these keys at once, instead of one by one as they are asked for; resolves with those that there are. */
  load(keys: readonly string[]): Promise<readonly Alarm[]>;
  /** The alarm with this key; `null` if there is none. */
  find(key: string): Promise<Alarm | null>;
  /**
   * Keeps an alarm, new or changed.
   * @param dueAt when time does something to it; epoch ms
   * @param risenWith the number of the event with which it came or got worse just now; `null`: it did not
   */
  save(alarm: Alarm, dueAt: number | null, risenWith?: number | null): void;
  flush(): Promise<void>;
}

/** Opens it in a transaction. */
export function openAlarmBook(queries: Queries): AlarmBook {
  const known = new Map<string, Alarm | null>();
  const changed = new Map<number, Changed>();

  async function load(keys: readonly string[]): Promise<readonly Alarm[]> {
    const missing = [...new Set(keys)].filter((key) => !known.has(key));
    for (const key of missing) known.set(key, null);
    for (const row of await readAmong<AlarmRow>(queries, "SELECT * FROM alarms WHERE alarm_key IN", missing))
      known.set(row.alarm_key, toAlarm(row));
    return [...new Set(keys)].flatMap((key) => known.get(key) ?? []);
  }

  return {
    load,
    async find(key) {
      if (!known.has(key)) await load([key]);
      return known.get(key) ?? null;
    },
    save(alarm, dueAt, risenWith = null) {
      known.set(alarm.key, alarm);
      changed.set(alarm.id, { alarm, dueAt, risenWith: risenWith ?? changed.get(alarm.id)?.risenWith ?? null });
    },
    async flush() {
      const rows = [...changed.values()].map(toRow);
      changed.clear();
      await writeRows(queries, INSERT, rows, UPDATE);
    },
  };
}

interface Changed {
  readonly alarm: Alarm;
  readonly dueAt: number | null;
  readonly risenWith: number | null;
}

const KEY = ["id", "alarm_key"];
const REST = [
  "topic",
  "source",
  "message",
  "severity",
  "peak_severity",
  "state",
  "is_cleared_by_plant",
  "value",
  "unit",
  "limit_value",
  "field",
  "occurrence",
  "event_count",
  "started_at",
  "last_at",
  "last_received_at",
  "cleared_at",
  "acknowledged_by",
  "acknowledged_at",
  "course",
  "is_shelved",
  "due_at",
  "second_path_at",
  "version",
  "told_at",
  "is_returned",
  "heard_at",
  "owed_ring",
];
const INSERT = `INSERT INTO alarms (${[...KEY, ...REST].join(", ")}, risen_with) VALUES`;
const UPDATE = `ON CONFLICT (id) DO UPDATE SET ${REST.map((name) => `${name} = excluded.${name}`).join(", ")},
  risen_with = CASE WHEN excluded.risen_with > 0 THEN excluded.risen_with ELSE alarms.risen_with END`;

const toRow = ({ alarm, dueAt, risenWith }: Changed) => [
  alarm.id,
  alarm.key,
  alarm.topic,
  alarm.source,
  alarm.message,
  rankOf(alarm.severity),
  rankOf(alarm.peakSeverity),
  alarm.state,
  alarm.isClearedByPlant ? 1 : 0,
  alarm.value,
  alarm.unit,
  alarm.limit,
  alarm.field,
  alarm.occurrence,
  alarm.count,
  alarm.startedAt,
  alarm.lastAt,
  alarm.lastReceivedAt,
  alarm.clearedAt,
  alarm.acknowledgedBy,
  alarm.acknowledgedAt,
  JSON.stringify(alarm.course),
  alarm.course.shelf === null ? 0 : 1,
  dueAt,
  alarm.secondPathAt,
  alarm.version,
  alarm.toldAt,
  alarm.course.returned === null ? 0 : 1,
  alarm.heardAt,
  alarm.owedRing,
  risenWith ?? 0,
];
