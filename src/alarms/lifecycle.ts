import { rankOf, type Alarm, type AlarmEvent, type Person } from "./types.ts";

/** An alarm that was silent for a day and comes again rings, also if nobody said that it had ended. */
const LOST_END_MS = 24 * 3_600_000;

/** What decides when an alarm counts as new again. */
export interface LifecycleRules {
  /** A warning that never says "cleared" counts as new when it was away for this long. */
  readonly returnAfterMs: number;
}

/**
 * The alarm after one more event; the whole lifecycle in one function.
 * @param before the alarm so far; `null` for the first event of its key
 * @param id the number that a new alarm gets
 */
export function advance(before: Alarm | null, event: AlarmEvent, id: number, rules: LifecycleRules): Alarm {
  if (before === null) return { ...begin(event), id, occurrence: 1, version: 1 };
  if (event.state === "cleared") return clear(before, event);
  if (isNewOccurrence(before, event, rules)) {
    return {
      ...begin(event),
      id: before.id,
      key: before.key,
      occurrence: before.occurrence + 1,
      version: before.version + 1,
    };
  }
  return repeat(before, event);
}

/**
 * The alarm after somebody acknowledged it. A second time changes nothing: who was first stays.
 * @param at epoch ms
 */
export function acknowledge(alarm: Alarm, by: Person, at: number): Alarm {
  if (alarm.acknowledgedAt !== null) return alarm;
  return { ...alarm, acknowledgedBy: by.name, acknowledgedAt: at, version: alarm.version + 1 };
}

/**
 * The alarm after an event that says whether somebody at the plant acknowledged its message: that counts for the newest
 * message, and for no worse than it says.
 */
export function acknowledgeAtPlant(alarm: Alarm, event: AlarmEvent): Alarm {
  const by = event.slot?.acknowledgedBy ?? null;
  if (by === null || event.topic !== alarm.topic || isWorse(alarm.peakSeverity, event.severity)) return alarm;
  return acknowledge(alarm, by, event.receivedAt);
}

const UNACKNOWLEDGED = { acknowledgedBy: null, acknowledgedAt: null } as const;

function begin(event: AlarmEvent): Omit<Alarm, "id" | "occurrence" | "version"> {
  const at = eventAt(event);
  const isCleared = event.state === "cleared";
  return {
    key: event.alarmKey,
    topic: event.topic,
    source: event.source,
    message: event.message,
    severity: event.severity,
    peakSeverity: event.severity,
    state: isCleared ? "cleared" : "active",
    isClearedByPlant: event.state !== null,
    value: event.value,
    unit: event.unit,
    limit: event.limit,
    field: event.field,
    count: isCleared ? 0 : 1,
    startedAt: at,
    lastAt: at,
    lastReceivedAt: event.receivedAt,
    clearedAt: isCleared ? at : null,
    ...UNACKNOWLEDGED,
  };
}

function isNewOccurrence(before: Alarm, event: AlarmEvent, rules: LifecycleRules): boolean {
  if (before.state === "cleared") return true;
  // Where the plant tells the end, only a long silence says that this was lost. By our own clock, whatever the plant's shows;
  // if ours was set, in doubt it is new.
  const returnAfterMs = before.isClearedByPlant ? Math.max(LOST_END_MS, rules.returnAfterMs) : rules.returnAfterMs;
  return Math.abs(event.receivedAt - before.lastReceivedAt) > returnAfterMs;
}

function repeat(before: Alarm, event: AlarmEvent): Alarm {
  const at = eventAt(event);
  const gotWorse = isWorse(event.severity, before.peakSeverity);
  // The broker hands out in any order what it retained for us: what is older counts, but is not the newest.
  const isOlder = event.isRetained && at < before.lastAt;
  return {
    ...before,
    ...(gotWorse ? UNACKNOWLEDGED : {}),
    ...(isOlder ? { startedAt: Math.min(before.startedAt, at) } : newest(before, event)),
    peakSeverity: gotWorse ? event.severity : before.peakSeverity,
    isClearedByPlant: before.isClearedByPlant || event.state !== null,
    count: before.count + 1,
    lastReceivedAt: event.receivedAt,
    version: before.version + 1,
  };
}

function newest(before: Alarm, event: AlarmEvent): Partial<Alarm> {
  return {
    topic: event.topic,
    message: event.message,
    severity: event.severity,
    value: event.value ?? before.value,
    unit: event.unit ?? before.unit,
    limit: event.limit ?? before.limit,
    lastAt: eventAt(event),
  };
}

/** A second "cleared" changes nothing that anybody sees. */
function clear(before: Alarm, event: AlarmEvent): Alarm {
  if (before.state === "cleared") return before;
  const at = eventAt(event);
  return {
    ...before,
    state: "cleared",
    isClearedByPlant: true,
    value: event.value ?? before.value,
    lastAt: at,
    lastReceivedAt: event.receivedAt,
    clearedAt: at,
    version: before.version + 1,
  };
}

/** When it happened: by the plant's clock if it told, else by ours. */
const eventAt = (event: AlarmEvent): number => event.occurredAt ?? event.receivedAt;

/** Whether `a` is worse than `b`. */
export const isWorse = (a: Alarm["severity"], b: Alarm["severity"]): boolean => rankOf(a) > rankOf(b);
