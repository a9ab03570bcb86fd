import { rankOf, type Alarm } from "../../alarms/types.ts";
import { toAlarm, type AlarmRow } from "./alarm-row.ts";
import type { Queries, SqlValue } from "../sql/database.ts";
import { readRowsOf } from "../sql/rows.ts";
import { createUpsert } from "../sql/upsert.ts";

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

/** What is known of alarms as they are in the database. */
export interface KnownAlarms {
  /** By key; `null`: there is none. */
  readonly alarms: Map<string, Alarm | null>;
  /** Their rows, by number. */
  readonly rows: Map<number, readonly SqlValue[]>;
}

/**
 * Opens it in a transaction.
 * @param before what is known, which grows by what is read and written
 */
export function openAlarmBook(
  queries: Queries,
  { alarms: known, rows: kept }: KnownAlarms = { alarms: new Map(), rows: new Map() },
): AlarmBook {
  const changed = new Map<number, Changed>();

  async function load(keys: readonly string[]): Promise<readonly Alarm[]> {
    const missing = [...new Set(keys)].filter((key) => !known.has(key));
    for (const key of missing) known.set(key, null);
    for (const row of await readRowsOf<KeptAlarmRow>(queries, "SELECT * FROM alarms WHERE alarm_key IN", missing)) {
      known.set(row.alarm_key, toAlarm(row));
      kept.set(row.id, UPSERT.valuesOf(row));
    }
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
      await UPSERT.write(queries, rows, ([id]) => kept.get(Number(id)));
      for (const row of rows) kept.set(Number(row[0]), row);
    },
  };
}

type KeptAlarmRow = AlarmRow & Readonly<Record<string, SqlValue>>;

interface Changed {
  readonly alarm: Alarm;
  readonly dueAt: number | null;
  readonly risenWith: number | null;
}

/** Which columns are in indexes says schema.ts. */
const UPSERT = createUpsert({
  name: "alarms",
  key: ["id"],
  fixed: ["alarm_key"],
  indexed: [
    "topic",
    "source",
    "field",
    "severity",
    "peak_severity",
    "state",
    "started_at",
    "due_at",
    "is_shelved",
    "is_returned",
    "is_held_back",
  ],
  others: [
    "message",
    "is_cleared_by_plant",
    "value",
    "unit",
    "limit_value",
    "occurrence",
    "event_count",
    "last_at",
    "last_received_at",
    "cleared_at",
    "acknowledged_by",
    "acknowledged_at",
    "course",
    "second_path_at",
    "version",
    "told_at",
    "heard_at",
    "owed_ring",
    "risen_with",
  ],
  lasting: ["risen_with"],
});

const toRow = ({ alarm, dueAt, risenWith }: Changed): SqlValue[] => [
  alarm.id,
  alarm.key,
  alarm.topic,
  alarm.source,
  alarm.field,
  rankOf(alarm.severity),
  rankOf(alarm.peakSeverity),
  alarm.state,
  alarm.startedAt,
  dueAt,
  alarm.handling.shelf === null ? 0 : 1,
  alarm.handling.returned === null ? 0 : 1,
  alarm.handling.heldBack === null ? 0 : 1,
  alarm.message,
  alarm.isClearedByPlant ? 1 : 0,
  alarm.value,
  alarm.unit,
  alarm.limit,
  alarm.occurrence,
  alarm.count,
  alarm.lastAt,
  alarm.lastReceivedAt,
  alarm.clearedAt,
  alarm.acknowledgedBy,
  alarm.acknowledgedAt,
  JSON.stringify(alarm.handling),
  alarm.secondPathAt,
  alarm.version,
  alarm.toldAt,
  alarm.heardAt,
  alarm.owedRing,
  risenWith ?? 0,
];
