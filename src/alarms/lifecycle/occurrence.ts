import { eventAt } from "./event-order.ts";
import type { ToldEvent } from "../event.ts";
import type { AlarmHandling, Alarm } from "../types.ts";
import { cameFirst, NO_REPEATS } from "./repeating.ts";
import { isWorse } from "./rise.ts";

/** What an event says of an occurrence. */

/** The handling of an alarm of which no more is known: a row of an older Valvomo tells some of it. */
export const NO_HANDLING: AlarmHandling = {
  label: null,
  trend: null,
  remark: null,
  isDated: false,
  late: null,
  lagging: null,
  setBack: null,
  formerEndAt: null,
  rise: null,
  acknowledgedAs: null,
  step: 0,
  steppedAt: 0,
  passedOn: null,
  owner: null,
  seenBy: [],
  takenBack: null,
  shelf: null,
  closing: null,
  reopening: null,
  returned: null,
  latchedAt: null,
  starts: [],
  chatter: null,
  repeats: NO_REPEATS,
  heldBack: null,
  heldEnd: null,
  untold: null,
  note: null,
  worth: null,
};

/** The alarm as an event begins it. @param starts when it came lately */
export function begin(event: ToldEvent, starts: readonly number[]): Omit<Alarm, "id" | "occurrence" | "version"> {
  const at = eventAt(event);
  const isCleared = event.state === "cleared";
  const handling: AlarmHandling = {
    ...NO_HANDLING,
    label: event.label ?? null,
    remark: event.remark,
    isDated: event.occurredAt !== null,
    steppedAt: event.receivedAt,
    passedOn: [],
    starts,
    repeats: isCleared ? NO_REPEATS : cameFirst(event),
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
    toldAt: null,
    heardAt: null,
    owedRing: null,
    handling,
    secondPathAt: null,
  };
}

/** The active alarm as its newest event says that it is. */
export function newest(before: Alarm, event: ToldEvent): Alarm {
  const isDated = event.occurredAt !== null;
  return {
    ...before,
    topic: event.topic,
    source: event.source ?? before.source,
    message: messageOf(before, event),
    severity: event.state === "unclear" && isWorse(before.severity, event.severity) ? before.severity : event.severity,
    value: event.value ?? before.value,
    unit: event.unit ?? before.unit,
    limit: event.limit ?? before.limit,
    field: event.field ?? before.field,
    lastAt: eventAt(event),
    handling: {
      ...before.handling,
      label: event.label ?? null,
      isDated,
      trend: trendOf(before.value, event.value),
      remark: remarkOf(before, event),
    },
  };
}

/** What was not understood of its state stays so until its state is told in words that are. */
const remarkOf = ({ handling }: Alarm, { remark, state }: ToldEvent): string | null =>
  remark ?? (state === null ? handling.remark : null);

/** By what a rule takes an alarm, as an event of it tells; `null`: as it is known. */
export const conditionOf = (alarm: Alarm, event: ToldEvent | null): Pick<Alarm, "topic" | "source" | "message"> =>
  event === null
    ? alarm
    : { topic: event.topic, source: event.source ?? alarm.source, message: messageOf(alarm, event) };

/** An event that names its condition by an id need not repeat the text. */
export const messageOf = (before: Alarm, event: ToldEvent): string =>
  event.id !== null && event.name !== null ? before.message : event.message;

function trendOf(before: number | null, value: number | null): AlarmHandling["trend"] {
  if (before === null || value === null) return null;
  if (value === before) return "level";
  return value > before ? "rising" : "falling";
}

/** Whether an event tells what only happened: information without a state. */
export const tellsIncident = ({ severity, state }: ToldEvent): boolean => severity === "info" && state === null;

/** Whether the plant tells how it is in words that we know: if not, we may not know those for its end either. */
export const tellsState = ({ state }: ToldEvent): boolean => state !== null && state !== "unclear";
