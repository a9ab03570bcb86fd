import { acknowledgeAtPlant } from "../alarms/lifecycle/handling.ts";
import { isLate } from "../alarms/lifecycle/event-order.ts";
import { advance } from "../alarms/lifecycle/lifecycle.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { Alarm } from "../alarms/types.ts";
import { appendAction } from "../store/alarms/actions.ts";
import { findCleared, listActiveOfTopic } from "../store/alarms/alarms.ts";
import { saveChange, type ChangeOptions } from "./change.ts";
import { openEventLog } from "../store/alarms/event-log.ts";
import type { Ledger } from "../store/alarms/ledger.ts";
import { lastNumber, nextNumber, saveLastNumber } from "../store/sql/numbers.ts";
import { openPlantClocks } from "../store/alarms/plant-clocks.ts";
import { openSlots } from "../store/alarms/slots.ts";
import { together } from "../store/sql/together.ts";

const FOUND = { ring: "found", ringsIn: null, saying: null } as const;

/**
 * Appends events in their order, moves their alarms on and marks the chats' cards. What they need is read at once, and what came of them is
 * written at once: a few statements a batch, and one row for each alarm, however many of the events are its own.
 * @returns the chats whose cards are out of date now
 */
export async function recordEvents(
  ledger: Ledger,
  events: readonly AlarmEvent[],
  options: ChangeOptions,
): Promise<ReadonlySet<number>> {
  const { queries } = ledger;
  /** Alarms that changed, as they are, and as they were before. */
  const changed = new Map<string, { readonly before: Alarm | null; readonly after: Alarm }>();
  /** Those of them that stood at the broker before we listened, and of which nothing else was told. */
  const found = new Set<string>();
  const chatIds = new Set<number>();

  // None of them waits for the answer to another.
  const [firstAlarm, known, log, slots] = await together([
    lastNumber(queries, "alarm"),
    ledger.alarms.load(events.map(({ alarmKey }) => alarmKey)),
    openEventLog(queries, events),
    openSlots(queries, events),
  ]);
  let lastAlarm = firstAlarm;
  await log.load(known.map(({ id }) => id));
  const clocks = openPlantClocks(queries);

  async function saveChanged(): Promise<void> {
    // Mere repeats, which come thousands of times a second, are not shown.
    const shown = [...changed.values()].filter(({ before, after }) => before && before.version < after.version);
    await ledger.cards.load(shown.map(({ after }) => after.id));
    for (const [key, { before, after }] of changed) {
      const told = found.has(key) && after.state === "active" ? FOUND : null;
      const change = { ...options, lastEvent: log.lastId() };
      for (const chatId of await saveChange(ledger, before, after, change, told)) chatIds.add(chatId);
    }
    changed.clear();
    found.clear();
  }

  /** Before what queries find. */
  async function flush(): Promise<void> {
    await saveChanged();
    await ledger.flush();
  }

  const findByKey = async (key: string): Promise<Alarm | null> =>
    changed.get(key)?.after ?? (await ledger.alarms.find(key));

  async function find(event: AlarmEvent): Promise<Alarm | null> {
    if (event.slot?.messageKey === null) {
      const key = slots.empty(event.topic);
      return key === null ? null : findByKey(key);
    }
    const alarm = await findByKey(event.alarmKey);
    if (alarm || event.state !== "cleared") return alarm;
    await flush();
    return findCleared(queries, event);
  }

  async function isNews(event: AlarmEvent, before: Alarm | null): Promise<boolean> {
    // Only the slot of its newest message tells the end of an alarm; and what never came here cannot end here.
    if (event.slot?.messageKey === null) return before?.topic === event.topic;
    if (slots.holds(event)) return false;
    // The broker hands its retained messages out at each start: that is state, not news.
    if (before === null) return true;
    return !(await log.isKeptCopy(before.id, event)) && !(await log.isRedelivered(before.id, event));
  }

  /** The alarm after what an event tells of it, as it was if that is known already; `null` for a late copy, which tells nothing. */
  async function move(event: AlarmEvent, before: Alarm | null): Promise<Alarm | null> {
    const isNew = await isNews(event, before);
    // What is known already stands in its slot again, whatever another program had put there.
    slots.fill(event);
    if (!isNew) return before;
    const alarmId = before?.id ?? lastAlarm + 1;
    if (!(await log.append(alarmId, event))) return null;
    lastAlarm = Math.max(lastAlarm, alarmId);
    // Of what comes in order no clock is asked for.
    const believed = before && isLate(before, event) ? await clocks.believed(event) : null;
    const after = advance(before, event, alarmId, options.rules, believed);
    const { setBack } = after.course;
    if (setBack !== null && setBack !== before?.course.setBack) clocks.believe(event, setBack);
    return after;
  }

  for (const event of events) {
    if (event.isTopicEnd) await endTopic(event);
    else await take(event, await find(event));
  }
  await saveChanged();
  const numbers = lastAlarm > firstAlarm ? saveLastNumber(queries, "alarm", lastAlarm) : null;
  await together([numbers, log.flush(), slots.flush(), ledger.flush(), clocks.flush()]);
  return chatIds;

  async function take(event: AlarmEvent, before: Alarm | null): Promise<void> {
    const moved = await move(event, before);
    if (!moved) return;
    const after = acknowledgeAtPlant(moved, event);
    if (after !== moved) await noteAcknowledgement(after, event);
    if (event.isFound && before === null) found.add(after.key);
    else if (!event.isFound) found.delete(after.key);
    const first = changed.get(after.key);
    if (first) changed.set(after.key, { ...first, after });
    else if (after !== before) changed.set(after.key, { before, after });
  }

  /** Nothing is wrong on a topic any more. */
  async function endTopic(event: AlarmEvent): Promise<void> {
    await flush();
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
