import type { AlarmEvent, ToldEvent } from "../event.ts";
import type { HeldBack, Untold } from "../handling-parts.ts";
import type { Alarm } from "../types.ts";
import type { AlarmRule } from "./alarm-rule.ts";
import { isHeldOpen, suppressClear } from "./chatter.ts";
import { endByPlant } from "./ending.ts";
import type { AlarmRules } from "./escalation-plan.ts";
import { eventAt } from "./event-order.ts";
import { newest, tellsIncident } from "./occurrence.ts";
import { worse } from "./rise.ts";

/** What the rule of an alarm holds back, and until when; and how it decides on the alarm's end. */

/** So long a value counts that is not told again. */
const VALUE_COUNTS_MS = 3_600_000;

/**
 * Why the rule of an alarm holds an event back; `null`: it does not. It never holds back what is critical, what was not understood, and what
 * somebody at the plant has seen. Nothing waits that does not say its state, since its end need not be told, nor what stood at the broker
 * before we listened, since nobody knows for how long.
 */
export function holdOf(
  event: ToldEvent & Partial<Pick<AlarmEvent, "isRetained" | "slot">>,
  { own }: AlarmRules,
): HeldBack["by"] | null {
  const { severity, state, remark, slot } = event;
  if (own === undefined || severity === "critical" || remark !== null) return null;
  if (state === "cleared" || state === "unclear" || tellsIncident(event) || slot?.acknowledgedBy) return null;
  if (own.limit !== null && event.value !== null && !passes(own.limit, event.value, 0)) return "limit";
  return own.delayMs !== null && state === "active" && event.isRetained !== true ? "delay" : null;
}

/** Whether a value lies beyond a limit, or is not so far back from it. */
const passes = ({ side, value: limit }: NonNullable<AlarmRule["limit"]>, value: number, back: number): boolean =>
  side === "above" ? value > limit - back : value < limit + back;

/** How far a value has to come back from a limit. */
function deadband({ own }: AlarmRules, limit: number): number {
  const back = own?.hysteresis ?? null;
  if (back === null) return 0;
  return "share" in back ? Math.abs(limit) * back.share : back.by;
}

/** Whether an event says that an active alarm stands, and its value says by the rule's limit that it does not. What was critical stands. */
export function isOverByRule(before: Alarm, event: AlarmEvent, rules: AlarmRules): boolean {
  const limit = rules.own?.limit ?? null;
  if (limit === null || event.value === null || before.peakSeverity === "critical") return false;
  return holdOf(event, rules) === "limit" && !passes(limit, event.value, deadband(rules, limit.value));
}

/** Whether the plant says that an active alarm is over, and its value is nearer to the limit than its rule permits for that. */
export function isTooNear({ peakSeverity, limit: known }: Alarm, event: AlarmEvent, rules: AlarmRules): boolean {
  const limit = rules.own?.limit?.value ?? event.limit ?? known;
  if (peakSeverity === "critical" || event.remark !== null || event.value === null || limit === null) return false;
  const band = deadband(rules, limit);
  return event.value > limit - band && event.value < limit + band;
}

/** For how long an alarm that is held back has stood when another event comes, by the clock that says more. */
function stoodFor({ event: newest, startedAt, receivedAt }: HeldBack, event: AlarmEvent): number {
  const isDated = newest.occurredAt !== null && event.occurredAt !== null;
  return Math.max(event.receivedAt - receivedAt, isDated ? event.occurredAt - startedAt : 0);
}

/** Whether the plant says that an alarm is there: it is active, or held back by its rule. */
export const isThere = ({ state, handling }: Alarm): boolean => state === "active" || handling.heldBack !== null;

/** Until when an alarm is held back, if nothing more comes: by rules that are others now, maybe no longer. */
export function comesAt(heldBack: HeldBack, rules: AlarmRules): number {
  const hold = holdOf(heldBack.event, rules);
  if (hold === "limit") return heldBack.event.receivedAt + VALUE_COUNTS_MS;
  return heldBack.receivedAt + (hold === "delay" ? delayOf(rules) : 0);
}

/** How long an alarm has to stand before it comes. */
export const delayOf = ({ own }: AlarmRules): number => own?.delayMs ?? 0;

/** Whether an alarm that is held back has come by the time that another event does. */
export function hasStood(heldBack: HeldBack, event: AlarmEvent, rules: AlarmRules): boolean {
  const hold = holdOf(heldBack.event, rules);
  return hold === null || (hold === "delay" && stoodFor(heldBack, event) >= delayOf(rules));
}

/** The alarm after an event that is held back. What says no state is let go: it may be over, and nothing would tell. */
export function holdBack(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const known = before.occurrence === 0 ? unbornAs(before, event) : heardOf(before, event);
  if (event.state === null) return countUntold(known, "within", event.receivedAt);
  const former = before.handling.heldBack;
  const by = holdOf(event, rules) ?? "limit";
  const isSame = former?.by === by;
  const heldBack: HeldBack = isSame
    ? {
        ...former,
        event: toldOf(event),
        peakSeverity: worse(former.peakSeverity, event.severity),
        count: former.count + 1,
      }
    : {
        by,
        event: toldOf(event),
        startedAt: eventAt(event),
        receivedAt: event.receivedAt,
        peakSeverity: event.severity,
        count: 1,
      };
  return { ...known, handling: { ...known.handling, heldBack } };
}

/** The alarm that never came, as an event tells of it. */
const unbornAs = (before: Alarm, event: AlarmEvent): Alarm => ({
  ...newest(heardOf(before, event), event),
  peakSeverity: event.severity,
});

/** The alarm that was held back until the plant said that it was over: it has not come. */
export function letGo(before: Alarm, event: AlarmEvent): Alarm {
  const known = heardOf(before, event);
  const why = before.handling.heldBack?.by === "limit" ? "within" : "brief";
  const clearedAt = before.occurrence === 0 ? eventAt(event) : before.clearedAt;
  return countUntold({ ...known, clearedAt, handling: { ...known.handling, heldBack: null } }, why, event.receivedAt);
}

/** The alarm that did not come once more. */
export function countUntold(alarm: Alarm, why: keyof Omit<Untold, "since" | "lastAt">, at: number): Alarm {
  const { untold } = alarm.handling;
  const counted = { ...(untold ?? { brief: 0, within: 0, hovering: 0, since: at }), lastAt: at };
  return { ...alarm, handling: { ...alarm.handling, untold: { ...counted, [why]: counted[why] + 1 } } };
}

/** The alarm of which an event is the newest, and changes nothing that is shown. The end of its slot counts, of the newest message alone. */
function heardOf(before: Alarm, event: AlarmEvent): Alarm {
  const handling = { ...before.handling, isDated: event.occurredAt !== null };
  return { ...before, topic: event.topic, lastAt: eventAt(event), lastReceivedAt: event.receivedAt, handling };
}

/** What is kept of an event until its alarm comes. */
const toldOf = (event: AlarmEvent): ToldEvent => ({
  alarmKey: event.alarmKey,
  topic: event.topic,
  receivedAt: event.receivedAt,
  message: event.message,
  severity: event.severity,
  source: event.source,
  state: event.state,
  value: event.value,
  unit: event.unit,
  limit: event.limit,
  field: event.field,
  occurredAt: event.occurredAt,
  id: event.id,
  name: event.name,
  remark: event.remark,
  ...(event.label !== undefined && { label: event.label }),
});

/** The alarm after the plant said that it is over, while its value is too near to the limit: active until that comes back, or for a while. */
export function holdEnd(before: Alarm, event: AlarmEvent): Alarm {
  const known = heardOf(before, event);
  const heldEnd = before.handling.heldEnd ?? { at: eventAt(event), receivedAt: event.receivedAt };
  return {
    ...known,
    value: event.value ?? before.value,
    isClearedByPlant: true,
    handling: { ...known.handling, heldEnd },
    version: before.version + 1,
  };
}

/** The active alarm that goes on, whatever its rule made of events before. */
export function goOn(before: Alarm, event: AlarmEvent): Alarm {
  const { heldEnd, heldBack } = before.handling;
  if (heldEnd === null && heldBack === null) return before;
  const alarm = { ...before, handling: { ...before.handling, heldEnd: null, heldBack: null } };
  return heldEnd === null ? alarm : countUntold(alarm, "hovering", event.receivedAt);
}

/** The active alarm whose value came back from the rule's limit, while the plant says that it stands: if nothing more is heard, it comes again. */
export function endByRule(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  if (isHeldOpen(before)) return holdBack(suppressClear(before, event), event, rules);
  const value = event.value ?? before.value;
  const over = { ...endByPlant(heardOf(before, event), eventAt(event), event.receivedAt, rules), value };
  return event.state === null ? over : holdBack(over, event, rules);
}

/** The alarm as critical news finds it: a rule of chatter of its own holds it open no longer. */
export function freed(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const { chatter } = before.handling;
  if (event.severity !== "critical" || chatter?.isByRule !== true || !isHeldOpen(before)) return before;
  const calmed = { ...before, handling: { ...before.handling, chatter: { ...chatter, endedAt: chatter.lastAt } } };
  return chatter.clearedAt === null ? calmed : endByPlant(calmed, chatter.clearedAt, event.receivedAt, rules);
}
