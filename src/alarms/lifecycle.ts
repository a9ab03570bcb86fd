import { beginChatter, countStart, isHeldOpen, lull, recentStarts, type ChatterRule } from "./chatter.ts";
import { rankOf, type Alarm, type AlarmEvent, type Course, type News } from "./types.ts";

/** An alarm that was silent for a day and comes again rings, also if nobody said that it had ended. */
const LOST_END_MS = 24 * 3_600_000;

/** What decides when an alarm counts as new again, and when it comes too often to be new each time. */
export interface LifecycleRules {
  /** A warning that never says "cleared" counts as new when it was away for this long. */
  readonly returnAfterMs: number;
  readonly chatter: ChatterRule;
}

/**
 * The alarm after one more event. What people do to it is in handling.ts, what time does in elapse.ts.
 * @param before the alarm so far; `null` for the first event of its key
 * @param id the number that a new alarm gets
 */
export function advance(before: Alarm | null, event: AlarmEvent, id: number, rules: LifecycleRules): Alarm {
  if (before === null) {
    // What was never told here cannot come back: its end is kept, and nobody need see it.
    const occurrence = event.state === "cleared" ? 0 : 1;
    return { ...begin(event, [event.receivedAt]), id, occurrence, version: 1 };
  }
  if (event.state === "cleared") return isHeldOpen(before) ? lull(before, event.receivedAt) : clear(before, event);
  if (event.state === "unclear" && before.state === "active") return repeat(before, event);
  if (isHeldOpen(before)) return repeat(countStart(before, event.receivedAt), event);
  if (!isNewOccurrence(before, event, rules)) return repeat(before, event);
  const again = {
    ...begin(event, recentStarts(before, event.receivedAt, rules.chatter)),
    message: messageOf(before, event),
    id: before.id,
    key: before.key,
    occurrence: before.occurrence + 1,
    version: before.version + 1,
  };
  return again.state === "active" ? beginChatter(again, rules.chatter) : again;
}

/** Whether it only happened: information without a state, which nobody waits for the end of. */
export const isIncident = ({ state, clearedAt }: Pick<Alarm, "state" | "clearedAt">): boolean =>
  state === "cleared" && clearedAt === null;

const tellsIncident = ({ severity, state }: AlarmEvent): boolean => severity === "info" && state === null;

/** The alarm that the plant, or time, says is over; who had put it aside need not any more. */
export function end(alarm: Alarm, at: number): Alarm {
  return {
    ...alarm,
    state: "cleared",
    clearedAt: at,
    course: { ...alarm.course, shelf: null },
    version: alarm.version + 1,
  };
}

/**
 * What the chats are to be told of what events did to an alarm, however many they were.
 * @param before `null`: it is new
 */
export function newsOf(before: Alarm | null, after: Alarm): News {
  const isSame = before?.occurrence === after.occurrence;
  const ring = ringOf(before, after);
  // Information comes without a sound; nobody waits for its end.
  const isOver = isSame && before.state === "active" && after.state === "cleared" && after.peakSeverity !== "info";
  return { ring, ringsIn: null, saying: ring === null && isOver ? "cleared" : null };
}

function ringOf(before: Alarm | null, after: Alarm): News["ring"] {
  if (after.occurrence === 0) return null;
  if (before === null || before.occurrence === 0) return "first";
  if (after.occurrence > before.occurrence) return "returned";
  return isWorse(after.peakSeverity, before.peakSeverity) ? "escalated" : null;
}

/** The alarm as nobody has seen it: its escalation begins anew, and nobody has put it aside. */
export function unseen(alarm: Alarm, at: number): Alarm {
  const course = { ...alarm.course, step: 0, steppedAt: at, owner: null, shelf: null };
  return { ...alarm, acknowledgedBy: null, acknowledgedAt: null, course };
}

function begin(event: AlarmEvent, starts: readonly number[]): Omit<Alarm, "id" | "occurrence" | "version"> {
  const at = eventAt(event);
  const isCleared = event.state === "cleared";
  const course: Course = {
    trend: null,
    remark: event.remark,
    step: 0,
    steppedAt: event.receivedAt,
    owner: null,
    shelf: null,
    closing: null,
    reopening: null,
    starts,
    chatter: null,
    note: null,
  };
  return {
    key: event.alarmKey,
    topic: event.topic,
    source: event.source,
    message: event.message,
    severity: event.severity,
    peakSeverity: event.severity,
    state: isCleared || tellsIncident(event) ? "cleared" : "active",
    isClearedByPlant: tellsState(event),
    value: event.value,
    unit: event.unit,
    limit: event.limit,
    field: event.field,
    count: isCleared ? 0 : 1,
    startedAt: at,
    lastAt: at,
    lastReceivedAt: event.receivedAt,
    clearedAt: isCleared ? at : null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    course,
    secondPathAt: null,
  };
}

function isNewOccurrence(before: Alarm, event: AlarmEvent, rules: LifecycleRules): boolean {
  const isOnceMore = isIncident(before) && tellsIncident(event);
  if (before.state === "cleared" && !isOnceMore) return true;
  // Whoever put it aside does not want to hear that it was away for a while: only an end that is told ends that.
  if (before.course.shelf !== null) return false;
  // Where the plant tells the end, only a long silence says that this was lost. By our own clock, whatever the plant's shows;
  // if ours was set, in doubt it is new.
  const returnAfterMs = before.isClearedByPlant ? Math.max(LOST_END_MS, rules.returnAfterMs) : rules.returnAfterMs;
  return Math.abs(event.receivedAt - before.lastReceivedAt) > returnAfterMs;
}

function repeat(before: Alarm, event: AlarmEvent): Alarm {
  const at = eventAt(event);
  const gotWorse = isWorse(event.severity, before.peakSeverity);
  // What got worse is not what somebody has seen, or put aside.
  const alarm = gotWorse ? unseen(before, event.receivedAt) : before;
  // The broker hands out in any order what it retained for us: what is older counts, but is not the newest.
  const isOlder = event.isRetained && at < before.lastAt;
  return {
    ...alarm,
    ...(isOlder ? { startedAt: Math.min(before.startedAt, at) } : newest(alarm, event)),
    peakSeverity: gotWorse ? event.severity : before.peakSeverity,
    isClearedByPlant: before.isClearedByPlant || tellsState(event),
    // What is not known to be a raise is none of what is active.
    count: before.count + (event.state === "unclear" ? 0 : 1),
    lastReceivedAt: event.receivedAt,
    version: before.version + 1,
  };
}

function newest(before: Alarm, event: AlarmEvent): Partial<Alarm> {
  return {
    topic: event.topic,
    source: event.source ?? before.source,
    message: messageOf(before, event),
    severity: event.state === "unclear" && isWorse(before.severity, event.severity) ? before.severity : event.severity,
    value: event.value ?? before.value,
    unit: event.unit ?? before.unit,
    limit: event.limit ?? before.limit,
    field: event.field ?? before.field,
    lastAt: eventAt(event),
    course: { ...before.course, trend: trendOf(before.value, event.value), remark: remarkOf(before, event) },
  };
}

/** What was not understood of its state stays so until its state is told in words that are. */
const remarkOf = ({ course }: Alarm, { remark, state }: AlarmEvent): string | null =>
  remark ?? (state === null ? course.remark : null);

/** What names a condition by its id need not say again what that is. */
const messageOf = (before: Alarm, event: AlarmEvent): string =>
  event.id !== null && event.name !== null ? before.message : event.message;

function trendOf(before: number | null, value: number | null): Course["trend"] {
  if (before === null || value === null) return null;
  if (value === before) return "level";
  return value > before ? "rising" : "falling";
}

/** A second "cleared" changes nothing that anybody sees, unless somebody ended it by hand: the plant's word makes that final. */
function clear(before: Alarm, event: AlarmEvent): Alarm {
  if (before.state === "cleared") {
    const isByHand = before.course.closing !== null && !before.isClearedByPlant;
    return isByHand ? { ...before, isClearedByPlant: true, version: before.version + 1 } : before;
  }
  const at = eventAt(event);
  return {
    ...end(before, at),
    isClearedByPlant: true,
    value: event.value ?? before.value,
    lastAt: at,
    lastReceivedAt: event.receivedAt,
  };
}

/** Whether the plant tells how it is in words that we know: if not, we may not know those for its end either. */
const tellsState = ({ state }: AlarmEvent): boolean => state !== null && state !== "unclear";

/** When it happened: by the plant's clock if it told, else by ours. */
const eventAt = (event: AlarmEvent): number => event.occurredAt ?? event.receivedAt;

/** Whether `a` is worse than `b`. */
export const isWorse = (a: Alarm["severity"], b: Alarm["severity"]): boolean => rankOf(a) > rankOf(b);
