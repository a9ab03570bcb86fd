import { advance, type LifecycleRules } from "../alarms/lifecycle.ts";
import type { Alarm, AlarmEvent } from "../alarms/types.ts";
import { findAlarm, findCleared, saveAlarm } from "./alarms.ts";
import { markPending } from "./cards.ts";
import type { Queries } from "./database.ts";
import { appendEvent, isNewestEvent } from "./events.ts";

/** What a batch of events needs besides the events. */
export interface RecordOptions {
  readonly rules: LifecycleRules;
  /** The chats that get a card for each alarm. */
  readonly chatIds: readonly number[];
  readonly now: number;
  readonly nextId: { alarm(): number; event(): number };
}

/**
 * Appends events in their order, moves their alarms on and marks the chats' cards. Each alarm is read and written once,
 * however many of the events are its own: a chattering sensor costs one row a batch.
 */
export async function recordEvents(
  queries: Queries,
  events: readonly AlarmEvent[],
  options: RecordOptions,
): Promise<void> {
  const alarms = new Map<string, Alarm>();
  const changed = new Set<string>();

  async function saveChanged(): Promise<void> {
    for (const key of changed) {
      const alarm = alarms.get(key);
      if (!alarm) continue;
      await saveAlarm(queries, alarm);
      await markPending(queries, alarm, options.chatIds, options.now);
    }
    changed.clear();
  }

  async function find(event: AlarmEvent): Promise<Alarm | null> {
    const alarm = alarms.get(event.alarmKey) ?? (await findAlarm(queries, event.alarmKey));
    if (alarm || event.state !== "cleared") return alarm;
    await saveChanged();
    return findCleared(queries, event);
  }

  for (const event of events) {
    const before = await find(event);
    // The broker hands its retained messages out at each start: that is state, not news.
    if (event.isRetained && before && (await isNewestEvent(queries, before.id, event.payload))) continue;
    const alarmId = before?.id ?? options.nextId.alarm();
    if (!(await appendEvent(queries, options.nextId.event(), alarmId, event))) continue;
    const after = advance(before, event, alarmId, options.rules);
    alarms.set(after.key, after);
    if (after !== before) changed.add(after.key);
  }
  await saveChanged();
}
