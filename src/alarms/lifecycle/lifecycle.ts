import { rulesFor } from "./rules-for.ts";
import { countAgain, countStart, isHeldOpen, suppressClear } from "./chatter.ts";
import { comeAfterHold, comeAgain } from "./coming.ts";
import type { AlarmRules } from "./escalation-plan.ts";
import { endByPlant } from "./ending.ts";
import { eventAt, isLate } from "./event-order.ts";
import {
  endByRule,
  freed,
  goOn,
  hasStood,
  holdBack,
  holdEnd,
  holdOf,
  isOverByRule,
  isTooNear,
  letGo,
} from "./held-back.ts";
import { begin, conditionOf, newest, tellsIncident, tellsState } from "./occurrence.ts";
import { takeLate } from "./late.ts";
import { dated, isSetBack, undoubted, wasOver } from "./plant-clock.ts";
import { roseQuietly } from "./repeating.ts";
import { isRise, isWorse, risen, worse } from "./rise.ts";
import type { AlarmEvent } from "../event.ts";
import type { HeldBack, Lag } from "../handling-parts.ts";
import type { Alarm } from "../types.ts";

/** An alarm that was silent for a day and comes again rings, also if nobody said that it had ended. */
export const LOST_END_MS = 24 * 3_600_000;

/**
 * The alarm after one more event. What people do to it is in handling.ts, what time does in elapse.ts.
 * @param before the alarm so far; `null` for the first event of its key
 * @param id the number that a new alarm gets
 * @param believed how late the event's source is since its clock was set back, if another alarm has shown that
 */
export function advance(
  before: Alarm | null,
  event: AlarmEvent,
  id: number,
  all: AlarmRules,
  believed: Lag | null = null,
): Alarm {
  const rules = rulesOf(before, event, all);
  if (before === null) return first(event, id, rules);
  if (isIncident(before) || !isLate(before, event)) return takeNewest(undoubted(before), event, rules);
  if (!isSetBack(before, event, believed)) return takeLate(before, event, rules);
  const { receivedAt, at } = before.handling.late ?? { receivedAt: event.receivedAt, at: eventAt(event) };
  const ended = { ...before, isClearedByPlant: true };
  const known = wasOver(before, event) ? endByPlant(ended, at, receivedAt, rules) : before;
  return dated(takeNewest(undoubted(known), event, rules), event);
}

/** The rules for the alarm that an event tells of; what says that it is over is under the rule of what it ends. */
function rulesOf(before: Alarm | null, event: AlarmEvent, all: AlarmRules): AlarmRules {
  if (before === null) return rulesFor(event, event.severity, all);
  const known = before.handling.heldBack?.event ?? null;
  const peak = before.state === "active" ? worse(before.peakSeverity, event.severity) : event.severity;
  return rulesFor(conditionOf(before, event.state === "cleared" ? known : event), peak, all);
}

/** The alarm after the first event of its key. */
function first(event: AlarmEvent, id: number, rules: AlarmRules): Alarm {
  if (holdOf(event, rules) !== null) {
    const unborn = { ...begin({ ...event, state: "cleared" }, []), id, occurrence: 0, version: 1 };
    return holdBack({ ...unborn, isClearedByPlant: tellsState(event) }, event, rules);
  }
  // What was never told here cannot come back: its end is kept, and nobody need see it.
  const occurrence = event.state === "cleared" ? 0 : 1;
  return { ...begin(event, [event.receivedAt]), id, occurrence, version: 1 };
}

/** The alarm after an event that is the newest of it. */
function takeNewest(known: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const before = freed(known, event, rules);
  if (event.state === "cleared") return takeEnd(before, event, rules);
  const { heldBack, latchedAt } = before.handling;
  if (before.state === "active" && latchedAt === null) return takeReport(before, event, rules);
  if (heldBack !== null) return takeHeld(before, heldBack, event, rules);
  if (event.state === "unclear" && latchedAt !== null) return repeat(before, event, rules);
  if (!isNewOccurrence(before, event, rules)) return repeat(before, event, rules);
  return holdOf(event, rules) === null ? comeAgain(before, event, rules) : holdBack(before, event, rules);
}

/** The alarm after one more event of what is held back: that comes by now, or is held back still. */
function takeHeld(before: Alarm, heldBack: HeldBack, event: AlarmEvent, rules: AlarmRules): Alarm {
  const isHeld = holdOf(event, rules) !== null;
  if (isHeld && !hasStood(heldBack, event, rules)) return holdBack(before, event, rules);
  // What did not pass its limit until now was no alarm.
  if (holdOf(heldBack.event, rules) === "limit") return comeAgain(before, event, rules);
  return takeReport(comeAfterHold(before, event.receivedAt, rules), event, rules);
}

/** The active alarm after an event that does not say that it is over. */
function takeReport(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  if (isOverByRule(before, event, rules)) return endByRule(before, event, rules);
  const alarm = goOn(before, event);
  if (event.state === "unclear") return repeat(alarm, event, rules);
  if (isHeldOpen(alarm)) return repeat(countStart(alarm, event.receivedAt), event, rules);
  return isNewOccurrence(alarm, event, rules) ? comeAgain(alarm, event, rules) : repeat(alarm, event, rules);
}

/** The alarm after the plant said that it is over. */
function takeEnd(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const { heldBack, latchedAt } = before.handling;
  const isActive = before.state === "active" && latchedAt === null;
  if (heldBack !== null && !isActive) {
    if (!hasStood(heldBack, event, rules)) return letGo(before, event);
    return clear(comeAfterHold(before, event.receivedAt, rules), event, rules);
  }
  if (isHeldOpen(before)) return suppressClear(goOn(before, event), event);
  return isActive && isTooNear(before, event, rules) ? holdEnd(before, event) : clear(before, event, rules);
}

/** Whether it only happened: information without a state, which nobody waits for the end of. */
export const isIncident = ({ state, clearedAt }: Pick<Alarm, "state" | "clearedAt">): boolean =>
  state === "cleared" && clearedAt === null;

function isNewOccurrence(before: Alarm, event: AlarmEvent, rules: AlarmRules): boolean {
  const isOnceMore = isIncident(before) && tellsIncident(event);
  if (before.state === "cleared" && !isOnceMore) return true;
  if (before.handling.latchedAt !== null && !tellsIncident(event)) return true;
  // Whoever put it aside does not want to hear that it was away for a while: only an end that is told ends that.
  if (before.handling.shelf !== null) return false;
  // Where the plant tells the end, only a long silence says that this was lost. By our own clock, whatever the plant's shows;
  // if ours was set, in doubt it is new.
  const returnAfterMs = before.isClearedByPlant ? Math.max(LOST_END_MS, rules.returnAfterMs) : rules.returnAfterMs;
  return Math.abs(event.receivedAt - before.lastReceivedAt) > returnAfterMs;
}

function repeat(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const { severity, receivedAt } = event;
  return {
    ...newest(isRise(before, event, rules) ? risen(before, event, rules) : flickered(before, event, rules), event),
    peakSeverity: worse(severity, before.peakSeverity),
    isClearedByPlant: before.isClearedByPlant || tellsState(event),
    // A state that is not known to be a raise does not raise an active alarm again.
    count: before.count + (event.state === "unclear" ? 0 : 1),
    lastReceivedAt: receivedAt,
    version: before.version + 1,
  };
}

/** What gets worse and better again and again goes on to, without a ring. */
function flickered(before: Alarm, event: AlarmEvent, { chatter, repeating }: AlarmRules): Alarm {
  const { shelf } = before.handling;
  if (!isWorse(event.severity, before.severity) || (shelf !== null && !isHeldOpen(before))) return before;
  const handling = { ...before.handling, repeats: roseQuietly(before, event, repeating) };
  return countAgain({ ...before, handling }, event.receivedAt, chatter);
}

/** A second "cleared" changes nothing that anybody sees, unless somebody ended it by hand: the plant's word makes that final. */
function clear(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const at = eventAt(event);
  const isDated = event.occurredAt !== null;
  const known = { ...before, lastAt: at, lastReceivedAt: event.receivedAt, handling: { ...before.handling, isDated } };
  if (before.state === "cleared") {
    const isByHand = before.handling.closing !== null && !before.isClearedByPlant;
    if (isByHand) return { ...known, isClearedByPlant: true, version: before.version + 1 };
    // What is older than that came late.
    return isDated ? known : before;
  }
  if (before.handling.latchedAt !== null) return isDated ? known : before;
  const ended = endByPlant(known, at, event.receivedAt, rules);
  return { ...ended, isClearedByPlant: true, value: event.value ?? before.value };
}
