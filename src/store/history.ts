import { OWN_TOPIC, type Scope } from "../alarms/payloads/own.ts";
import { listActions, type ActionRecord } from "./alarms/actions.ts";
import { listEvents, type EventRecord } from "./alarms/events.ts";
import { historyBytes, historySince, keepWithin } from "./history-size.ts";
import { readRecent, type RecentAlarms } from "./recent-alarms.ts";
import { forgetOld } from "./retention.ts";
import type { Database } from "./sql/database.ts";

/** What happened, and how long it is kept. */
export interface HistoryStorage {
  /** What happened to an alarm and what was done about it, newest first. */
  of(
    alarmId: number,
    limit: number,
  ): Promise<{ readonly events: readonly EventRecord[]; readonly actions: readonly ActionRecord[] }>;
  /** What came since then, with so many of the newest alarms. */
  recent(since: number, limit: number, scope?: Scope): Promise<RecentAlarms>;
  /** Since when the history is whole, but for repeats; epoch ms. `null`: there is none. */
  readonly since: () => Promise<number | null>;
  /** When the plant's newest event came; epoch ms. */
  lastEventAt(): Promise<number | null>;
  /** How much it takes; see history-size.ts. */
  bytes(): Promise<number>;
  /** Makes it so small that it takes no more than so many bytes, as far as that goes; resolves with how many rows went. See history-size.ts. */
  keepWithin(maxBytes: number): Promise<number>;
  /** Forgets what is older; resolves with how many rows went. Epoch ms. */
  forgetOld(before: number): Promise<number>;
}

/**
 * The history in the database.
 * @param others what else is forgotten together with it
 */
export function openHistory(
  database: Database,
  now: () => number,
  others: readonly { tidy(): Promise<unknown> }[],
): HistoryStorage {
  return {
    async of(alarmId, limit) {
      const [events, actions] = await Promise.all([
        listEvents(database, alarmId, limit),
        listActions(database, alarmId, limit),
      ]);
      return { events, actions };
    },
    recent: (since, limit, scope) => readRecent(database, since, limit, scope),
    since: () => historySince(database),
    async lastEventAt() {
      const [row] = await database.all<{ at: number }>(
        "SELECT received_at AS at FROM events WHERE topic NOT LIKE $1 ORDER BY id DESC LIMIT 1",
        `${OWN_TOPIC}%`,
      );
      return row?.at ?? null;
    },
    bytes: () => historyBytes(database),
    keepWithin: (maxBytes) => keepWithin(database, maxBytes, now),
    async forgetOld(before) {
      const gone = await forgetOld(database, before, now());
      for (const other of others) await other.tidy();
      await database.compact();
      return gone;
    },
  };
}
