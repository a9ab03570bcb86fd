import { acknowledgeAtPlant } from "../alarms/handling.ts";
import { advance } from "../alarms/lifecycle.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { Alarm } from "../alarms/types.ts";
import { appendAction } from "./actions.ts";
import { findAlarm, findCleared, listActiveOfTopic } from "./alarms.ts";
import { saveChange, type ChangeOptions } from "./change.ts";
import type { Queries } from "./database.ts";
import { appendEvent, isKeptCopy, isRedelivered } from "./events.ts";
import { lastNumber, nextNumber, saveLastNumber } from "./numbers.ts";
import { emptySlot, fillSlot, isInSlot } from "./slots.ts";

const FOUND = { ring: "found", ringsIn: null, saying: null } as const;

/**
 * Appends events in their order, moves their alarms on and marks the chats' cards. Each alarm is read and written once,
 * however many of the events are its own: a chattering sensor costs one row a batch.
 * @returns the chats whose cards are out of date now
 */
export async function recordEvents(
  queries: Queries,
  events: readonly AlarmEvent[],
  options: ChangeOptions,
): Promise<ReadonlySet<number>> {
  const alarms = new Map<string, Alarm>();
  /** Alarms that changed, as they were before. */
  const changed = new Map<string, Alarm | null>();
  /** Those of them that stood at the broker before we listened, and of which nothing else was told. */
  const found = new Set<string>();
  const chatIds = new Set<number>();
  /** Read and kept once, as there may be thousands of both. */
  let lastEvent = await lastNumber(queries, "event");
  const firstAlarm = await lastNumber(queries, "alarm");
  let lastAlarm = firstAlarm;

  async function saveChanged(): Promise<void> {
    for (const [key, before] of changed) {
      const after = alarms.get(key);
      if (!after) continue;
      const told = found.has(key) && after.state === "active" ? FOUND : null;
      const change = { ...options, lastEvent };
      for (const chatId of await saveChange(queries, before, after, change, told)) chatIds.add(chatId);
    }
    changed.clear();
    found.clear();
  }

  const findByKey = async (key: string): Promise<Alarm | null> => alarms.get(key) ?? (await findAlarm(queries, key));

  async function find(event: AlarmEvent): Promise<Alarm | null> {
    if (event.slot?.messageKey === null) {
      const key = await emptySlot(queries, event.topic);
      return key === null ? null : findByKey(key);
    }
    const alarm = await findByKey(event.alarmKey);
    if (alarm || event.state !== "cleared") return alarm;
    await saveChanged();
    return findCleared(queries, event);
  }

  async function isNews(event: AlarmEvent, before: Alarm | null): Promise<boolean> {
    // Only the slot of its newest message tells the end of an alarm; and what never came here cannot end here.
    if (event.slot?.messageKey === null) return before?.topic === event.topic;
    if (await isInSlot(queries, event)) return false;
    // The broker hands its retained messages out at each start: that is state, not news.
    if (before === null) return true;
    return !(await isKeptCopy(queries, before.id, event)) && !(await isRedelivered(queries, before.id, event));
  }

  /** The alarm after what an event tells of it, as it was if that is known already; `null` for a late copy, which tells nothing. */
  async function move(event: AlarmEvent, before: Alarm | null): Promise<Alarm | null> {
    const isNew = await isNews(event, before);
    // What is known already stands in its slot again, whatever another program had put there.
    if (event.slot?.messageKey) await fillSlot(queries, event);
    if (!isNew) return before;
    const alarmId = before?.id ?? lastAlarm + 1;
    if (!(await appendEvent(queries, lastEvent + 1, alarmId, event))) return null;
    lastEvent += 1;
    lastAlarm = Math.max(lastAlarm, alarmId);
    return advance(before, event, alarmId, options.rules);
  }

  for (const event of events) {
    if (event.isTopicEnd) await endTopic(event);
    else await take(event, await find(event));
  }
  await saveChanged();
  await saveLastNumber(queries, "event", lastEvent);
  if (lastAlarm > firstAlarm) await saveLastNumber(queries, "alarm", lastAlarm);
  return chatIds;

  async function take(event: AlarmEvent, before: Alarm | null): Promise<void> {
    const moved = await move(event, before);
    if (!moved) return;
    const after = acknowledgeAtPlant(moved, event);
    if (after !== moved) await noteAcknowledgement(after, event);
    alarms.set(after.key, after);
    if (event.isFound && before === null) found.add(after.key);
    else if (!event.isFound) found.delete(after.key);
    if (after !== before && !changed.has(after.key)) changed.set(after.key, before);
  }

  /** Nothing is wrong on a topic any more. */
  async function endTopic(event: AlarmEvent): Promise<void> {
    await saveChanged();
    for (const alarm of await listActiveOfTopic(queries, event.topic)) {
      await take({ ...event, alarmKey: alarm.key }, alarm);
    }
  }

  async function noteAcknowledgement({ id: alarmId, occurrence }: Alarm, event: AlarmEvent): Promise<void> {
    const by = event.slot?.acknowledgedBy;
    if (!by) return;
    await appendAction(queries, await nextNumber(queries, "action"), {
      alarmId,
      occurrence,
      by,
      actedAt: event.receivedAt,
      action: "acknowledge",
      words: null,
      photo: null,
    });
  }
}
