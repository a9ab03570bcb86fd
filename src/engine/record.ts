import { acknowledgeAtPlant } from "../alarms/lifecycle/handling.ts";
import { isLate } from "../alarms/lifecycle/event-order.ts";
import { advance } from "../alarms/lifecycle/lifecycle.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { Alarm } from "../alarms/types.ts";
import { appendAction } from "../store/alarms/actions.ts";
import { findCleared, listStandingOfTopic } from "../store/alarms/alarms.ts";
import { saveChange, type ChangeOptions } from "./change.ts";
import { openEventLog, type EventLog } from "../store/alarms/event-log.ts";
import type { Ledger } from "../store/alarms/ledger.ts";
import { lastNumber, nextNumber, saveLastNumber } from "../store/sql/numbers.ts";
import { openPlantClocks, type PlantClocks } from "../store/alarms/plant-clocks.ts";
import { openSlots, type Slots } from "../store/alarms/slots.ts";
import { together } from "../store/sql/together.ts";

const FOUND = { ring: "found", ringsIn: null, followUp: null } as const;

/**
 * Appends events in their order, moves their alarms on and marks the chats' cards. What they need is read at once, and what came of them is
 * written at once: a few statements a batch, and one row for each alarm, however many of the events are its own.
 * @returns the chats that are to look at what they show: see `CardBook.waiting`
 */
export async function recordEvents(
  ledger: Ledger,
  events: readonly AlarmEvent[],
  options: ChangeOptions,
): Promise<ReadonlySet<number>> {
  const batch = await Batch.open(ledger, events, options);
  for (const event of events) await batch.record(event);
  return batch.write();
}

/** What a batch needs to know, read at its beginning. */
interface BatchKnowledge {
  readonly log: EventLog;
  readonly slots: Slots;
  readonly clocks: PlantClocks;
  /** The number that was given to an alarm last. */
  readonly firstAlarm: number;
}

/** Events that are recorded together: decided one after the other, written at the end. */
class Batch {
  readonly #ledger: Ledger;
  readonly #options: ChangeOptions;
  readonly #known: BatchKnowledge;
  /** Alarms that changed, as they are, and as they were before. */
  readonly #changed = new Map<string, { readonly before: Alarm | null; readonly after: Alarm }>();
  /** Those of them that stood at the broker before we listened, and of which nothing else was told. */
  readonly #found = new Set<string>();
  #lastAlarm: number;

  private constructor(ledger: Ledger, options: ChangeOptions, known: BatchKnowledge) {
    this.#ledger = ledger;
    this.#options = options;
    this.#known = known;
    this.#lastAlarm = known.firstAlarm;
  }

  static async open(ledger: Ledger, events: readonly AlarmEvent[], options: ChangeOptions): Promise<Batch> {
    const { queries } = ledger;
    // None of them waits for the answer to another.
    const [firstAlarm, alarms, log, slots] = await together([
      lastNumber(queries, "alarm"),
      ledger.alarms.load(events.map(({ alarmKey }) => alarmKey)),
      openEventLog(queries, events),
      openSlots(queries, events),
    ]);
    await log.load(alarms.map(({ id }) => id));
    return new Batch(ledger, options, { log, slots, clocks: openPlantClocks(queries), firstAlarm });
  }

  async record(event: AlarmEvent): Promise<void> {
    if (event.isTopicEnd) await this.#endTopic(event);
    else await this.#take(event, await this.#find(event));
  }

  /** @returns the chats that have something to show */
  async write(): Promise<ReadonlySet<number>> {
    await this.#saveChanged();
    const { log, slots, clocks, firstAlarm } = this.#known;
    const { queries } = this.#ledger;
    const numbers = this.#lastAlarm > firstAlarm ? saveLastNumber(queries, "alarm", this.#lastAlarm) : null;
    await together([numbers, log.flush(), slots.flush(), this.#ledger.flush(), clocks.flush()]);
    return this.#ledger.cards.waiting;
  }

  async #saveChanged(): Promise<void> {
    // Mere repeats, which come thousands of times a second, are not shown.
    const shown = [...this.#changed.values()].filter(({ before, after }) => before && before.version < after.version);
    await this.#ledger.cards.load(shown.map(({ after }) => after.id));
    for (const [key, { before, after }] of this.#changed) {
      const told = this.#found.has(key) && after.state === "active" ? FOUND : null;
      const change = { ...this.#options, lastEvent: this.#known.log.lastId() };
      await saveChange(this.#ledger, before, after, change, told);
    }
    this.#changed.clear();
    this.#found.clear();
  }

  /** Before what queries find. */
  async #flush(): Promise<void> {
    await this.#saveChanged();
    await this.#ledger.flush();
  }

  async #findByKey(key: string): Promise<Alarm | null> {
    return this.#changed.get(key)?.after ?? (await this.#ledger.alarms.find(key));
  }

  async #find(event: AlarmEvent): Promise<Alarm | null> {
    if (event.slot?.messageKey === null) {
      const key = this.#known.slots.empty(event.topic);
      return key === null ? null : this.#findByKey(key);
    }
    const alarm = await this.#findByKey(event.alarmKey);
    if (alarm || event.state !== "cleared") return alarm;
    await this.#flush();
    return findCleared(this.#ledger.queries, event);
  }

  async #isNews(event: AlarmEvent, before: Alarm | null): Promise<boolean> {
    const { log, slots } = this.#known;
    // Only the slot of its newest message tells the end of an alarm; and what never came here cannot end here.
    if (event.slot?.messageKey === null) return before?.topic === event.topic;
    if (slots.holds(event)) return false;
    // The broker hands its retained messages out at each start: that is state, not news.
    if (before === null) return true;
    return !(await log.isKeptCopy(before.id, event)) && !(await log.isRedelivered(before.id, event));
  }

  /** The alarm after what an event tells of it, as it was if that is known already; `null` for a late copy, which tells nothing. */
  async #move(event: AlarmEvent, before: Alarm | null): Promise<Alarm | null> {
    const { log, slots, clocks } = this.#known;
    const isNew = await this.#isNews(event, before);
    // What is known already stands in its slot again, whatever another program had put there.
    slots.fill(event);
    if (!isNew) return before;
    const alarmId = before?.id ?? this.#lastAlarm + 1;
    if (!(await log.append(alarmId, event))) return null;
    this.#lastAlarm = Math.max(this.#lastAlarm, alarmId);
    // Of what comes in order no clock is asked for.
    const believed = before && isLate(before, event) ? await clocks.believed(event) : null;
    const after = advance(before, event, alarmId, this.#options.rules, believed);
    const { setBack } = after.handling;
    if (setBack !== null && setBack !== before?.handling.setBack) clocks.believe(event, setBack);
    return after;
  }

  async #take(event: AlarmEvent, before: Alarm | null): Promise<void> {
    const moved = await this.#move(event, before);
    if (!moved) return;
    const after = acknowledgeAtPlant(moved, event, this.#options.acknowledgersOf(moved));
    if (after !== moved) await noteAcknowledgement(this.#ledger, after, event);
    if (event.isFound && before === null) this.#found.add(after.key);
    else if (!event.isFound) this.#found.delete(after.key);
    const first = this.#changed.get(after.key);
    if (first) this.#changed.set(after.key, { ...first, after });
    else if (after !== before) this.#changed.set(after.key, { before, after });
  }

  /** Nothing is wrong on a topic any more. */
  async #endTopic(event: AlarmEvent): Promise<void> {
    await this.#flush();
    for (const alarm of await listStandingOfTopic(this.#ledger.queries, event.topic)) {
      await this.#take({ ...event, alarmKey: alarm.key }, alarm);
    }
  }
}

async function noteAcknowledgement(
  { queries }: Ledger,
  { id: alarmId, occurrence }: Alarm,
  event: AlarmEvent,
): Promise<void> {
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
