import type { Database } from "../../src/store/sql/database.ts";
import { writeRows } from "../../src/store/sql/rows.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** November 2026. */
export const MONTH = { startAt: Date.UTC(2026, 10, 1), endAt: Date.UTC(2026, 11, 1) };
const RANKS = { warning: 1, error: 2, critical: 3 } as const;

/** One time that an alarm stands; `to` is `null` if it goes on. */
export interface PlantedTime {
  readonly alarm: string;
  readonly severity: keyof typeof RANKS;
  readonly from: number;
  readonly to: number | null;
  /** After so long it rang, and after that somebody acknowledged it; left out: neither. */
  readonly rungAfter?: number;
  readonly acknowledgedAfter?: number;
}

/** A random number from 0 to 1 after the other; the same ones for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** A month of alarms as they are, in which each fault is planted that a report is to find. */
export function plantedMonth(seed: number): readonly PlantedTime[] {
  const random = randomFrom(seed);
  const { startAt } = MONTH;
  const times: PlantedTime[] = [];
  for (let alarm = 0; alarm < 14; alarm++) {
    for (let at = startAt + random() * DAY; at < MONTH.endAt - DAY; at += HOUR + random() * 2 * DAY) {
      const from = Math.floor(at);
      times.push({
        alarm: `usual ${alarm}`,
        severity: alarm % 7 === 0 ? "critical" : alarm % 3 === 0 ? "error" : "warning",
        from,
        to: from + Math.floor(2 * MINUTE + random() * 40 * MINUTE),
        rungAfter: Math.floor(random() * 90_000),
        ...(random() < 0.8 ? { acknowledgedAfter: Math.floor(random() * 20 * MINUTE) } : {}),
      });
    }
  }
  const planted = (alarm: string, from: number, lengthMs: number | null): PlantedTime => ({
    alarm,
    severity: "warning",
    from,
    to: lengthMs === null ? null : from + lengthMs,
  });
  for (let i = 0; i < 5; i++) times.push(planted("chattering", startAt + 3 * DAY + i * 12_000, 4_000));
  for (let i = 0; i < 3; i++) times.push(planted("chattering", startAt + 9 * DAY + i * 20_000, 15_000));
  for (let i = 0; i < 6; i++) times.push(planted("fleeting", startAt + (5 + i) * DAY + 7 * HOUR, 3_000));
  for (let i = 0; i < 25; i++) times.push(planted(`flood ${i}`, startAt + 12 * DAY + i * 20_000, HOUR));
  times.push(planted("stale", startAt + 15 * DAY, 3 * DAY), planted("standing", startAt + 28 * DAY, null));
  return times.toSorted((a, b) => a.from - b.from);
}

/** Writes them as the program does: events, alarms, and what was decided and done; the number of an alarm is that of its name. */
export async function storeTimes(database: Database, times: readonly PlantedTime[], chat = 7): Promise<void> {
  const ids = new Map([...new Set(times.map(({ alarm }) => alarm))].map((name, i) => [name, i + 1]));
  const idOf = (name: string): number => ids.get(name) ?? 0;
  const events = times
    .flatMap(({ alarm, severity, from, to }) => [
      { alarm, severity, at: from, state: "active" },
      ...(to === null ? [] : [{ alarm, severity, at: to, state: "cleared" }]),
    ])
    .toSorted((a, b) => a.at - b.at);
  const rung = times.flatMap((time) =>
    time.rungAfter === undefined ? [] : [{ ...time, at: time.from + time.rungAfter }],
  );
  const acts = rung.flatMap((time) =>
    time.acknowledgedAfter === undefined ? [] : [{ ...time, at: time.at + time.acknowledgedAfter }],
  );
  await database.transaction(async (queries) => {
    await writeRows(
      queries,
      `INSERT INTO alarms (id, alarm_key, topic, source, message, severity, peak_severity, state, is_cleared_by_plant, occurrence,
         event_count, started_at, last_at, last_received_at, cleared_at, version) VALUES`,
      [...ids].map(([name, id]) => {
        const last = times.findLast(({ alarm }) => alarm === name);
        const rank = RANKS[last?.severity ?? "warning"];
        const state = last?.to === null ? "active" : "cleared";
        const at = last?.from ?? 0;
        return [id, name, "t", null, name, rank, rank, state, 1, 1, 1, at, at, at, last?.to ?? null, 1];
      }),
    );
    await writeRows(
      queries,
      "INSERT INTO events (id, alarm_id, topic, payload, is_retained, received_at, severity, state) VALUES",
      events.map(({ alarm, severity, at, state }, i) => [
        i + 1,
        idOf(alarm),
        "t",
        Buffer.from("{}"),
        0,
        at,
        RANKS[severity],
        state,
      ]),
    );
    await writeRows(
      queries,
      "INSERT INTO decisions (id, alarm_id, chat_id, decided_at, version, reason, action, result) VALUES",
      rung
        .toSorted((a, b) => a.at - b.at)
        .map(({ alarm, at }, i) => [i + 1, idOf(alarm), chat, at, 1, "first", "send", "ok"]),
    );
    await writeRows(
      queries,
      "INSERT INTO actions (id, alarm_id, acted_at, occurrence, user_id, person, action) VALUES",
      acts
        .toSorted((a, b) => a.at - b.at)
        .map(({ alarm, at }, i) => [i + 1, idOf(alarm), at, 1, 5, "Anna", "acknowledge"]),
    );
  });
}
