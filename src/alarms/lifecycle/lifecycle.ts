import { beginChatter, countAgain, countStart, isHeldOpen, suppressClear, recentStarts } from "./chatter.ts";
import type { AlarmRules } from "./escalation-plan.ts";
import { endByPlant, returnToNormal } from "./ending.ts";
import { eventAt, isLate } from "./event-order.ts";
import { begin, messageOf, newest, tellsIncident, tellsState } from "./occurrence.ts";
import { dated, isSetBack, laggingWith, undoubted, wasOver } from "./plant-clock.ts";
import { cameAgain, cameAside, roseQuietly } from "./repeating.ts";
import { formerOf, isRise, isWorse, risen, worse } from "./rise.ts";
import type { AlarmEvent } from "../event.ts";
import type { Lag } from "../handling-parts.ts";
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
  rules: AlarmRules,
  believed: Lag | null = null,
): Alarm {
  if (before === null) {
    // What was never told here cannot come back: its end is kept, and nobody need see it.
    const occurrence = event.state === "cleared" ? 0 : 1;
    return { ...begin(event, [event.receivedAt]), id, occurrence, version: 1 };
  }
  if (isIncident(before) || !isLate(before, event)) return takeNewest(undoubted(before), event, rules);
  if (!isSetBack(before, event, believed)) return takeLate(before, event, rules);
  const { receivedAt, at } = before.handling.late ?? { receivedAt: event.receivedAt, at: eventAt(event) };
  const ended = { ...before, isClearedByPlant: true };
  const known = wasOver(before, event) ? endByPlant(ended, at, receivedAt, rules) : before;
  return dated(takeNewest(undoubted(known), event, rules), event);
}

/** The alarm after an event that is the newest of it. */
function takeNewest(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  if (event.state === "cleared") return isHeldOpen(before) ? suppressClear(before, event) : clear(before, event, rules);
  if (event.state === "unclear" && before.state === "active") return repeat(before, event, rules);
  if (isHeldOpen(before)) return repeat(countStart(before, event.receivedAt), event, rules);
  return isNewOccurrence(before, event, rules) ? comeAgain(before, event, rules) : repeat(before, event, rules);
}

/** The alarm that comes once more. A shelf lasts its time: what comes and goes meanwhile, and is no worse, does not ring. */
function comeAgain(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const { shelf } = before.handling;
  const { chatter, repeating } = rules;
  const isShelved = shelf !== null && !isWorse(event.severity, shelf.severity);
  const rise = { from: shelf?.severity ?? event.severity, to: event.severity, count: 1, former: formerOf(before) };
  const started = begin(event, recentStarts(before, event.receivedAt, chatter));
  const repeats = isShelved
    ? cameAside(before, event, repeating)
    : cameAgain(before, event, repeating, shelf !== null || wasEndedByHand(before, rules));
  const again: Alarm = {
    ...started,
    // Who has not heard of it yet will hear of this with it.
    owedRing: repeats.isQuiet ? before.owedRing : null,
    message: messageOf(before, event),
    id: before.id,
    key: before.key,
    occurrence: before.occurrence + 1,
    version: before.version + 1,
    handling: {
      ...started.handling,
      formerEndAt: before.clearedAt ?? before.handling.latchedAt,
      shelf: isShelved ? shelf : null,
      rise: shelf === null || isShelved ? null : rise,
      repeats,
      worth: before.handling.worth,
    },
  };
  return again.state === "active" ? beginChatter(again, chatter) : again;
}

/** Whether somebody had closed it, or reset what latches: that it comes again is news. */
const wasEndedByHand = ({ state, peakSeverity, handling }: Alarm, { escalations }: AlarmRules): boolean =>
  handling.closing !== null || (state === "cleared" && escalations[peakSeverity].isLatched);

/** The alarm after an event that is older than what is known: that is history, but for what nobody has heard of. */
function takeLate(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const { state, severity, receivedAt } = event;
  const at = eventAt(event);
  const lagging = laggingWith(before, event);
  const handling = { ...before.handling, lagging, late: { state, severity, at, receivedAt } };
  const noted: Alarm = { ...before, handling, version: before.version + 1 };
  if (before.state === "active") return takeLateReport(noted, event, rules);
  if (state === "cleared") return { ...before, handling: { ...before.handling, lagging } };
  // An end whose beginning was not known: it came and went.
  const isUntold = before.occurrence === 0 || at > (before.clearedAt ?? at);
  if (!isUntold || tellsIncident(event)) return before.occurrence === 0 ? before : noted;
  const again = comeAgain(before, event, rules);
  const gone = {
    ...again,
    isClearedByPlant: true,
    lastAt: before.lastAt,
    handling: { ...again.handling, chatter: null, lagging },
  };
  return { ...returnToNormal(gone, before.lastAt, receivedAt), version: again.version };
}

/** The active alarm after a report that is older than its newest. */
function takeLateReport(noted: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const at = eventAt(event);
  const { formerEndAt } = noted.handling;
  if (event.state === "cleared" || (formerEndAt !== null && at <= formerEndAt)) return noted;
  // That it was so bad nobody has heard, whatever it is now.
  const alarm = isWorse(event.severity, noted.peakSeverity) ? risen(noted, event, rules) : noted;
  return {
    ...alarm,
    startedAt: Math.min(noted.startedAt, at),
    peakSeverity: worse(event.severity, noted.peakSeverity),
    isClearedByPlant: noted.isClearedByPlant || tellsState(event),
    count: noted.count + (event.state === "unclear" ? 0 : 1),
    lastReceivedAt: event.receivedAt,
  };
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
