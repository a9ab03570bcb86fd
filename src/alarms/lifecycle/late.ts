import type { AlarmEvent } from "../event.ts";
import type { Alarm } from "../types.ts";
import { comeAfterHold, comeAgain } from "./coming.ts";
import { returnToNormal } from "./ending.ts";
import type { AlarmRules } from "./escalation-plan.ts";
import { eventAt } from "./event-order.ts";
import { countUntold, delayOf, holdOf } from "./held-back.ts";
import { tellsIncident, tellsState } from "./occurrence.ts";
import { laggingWith } from "./plant-clock.ts";
import { isWorse, risen, worse } from "./rise.ts";

/** The alarm after an event that is older than what is known: that is history, but for what nobody has heard of. */
export function takeLate(before: Alarm, event: AlarmEvent, rules: AlarmRules): Alarm {
  const { state, severity, receivedAt, remark } = event;
  const { heldBack } = before.handling;
  const at = eventAt(event);
  // An end whose beginning was not known: it came and went.
  const isUntold = before.occurrence === 0 || at > (before.clearedAt ?? at);
  // What comes late is not held back for longer by it.
  if (heldBack !== null && state !== "cleared" && isUntold && before.state === "cleared")
    return takeLate(comeAfterHold(before, receivedAt, rules), event, rules);
  const lagging = laggingWith(before, event);
  const late = { state, severity, at, receivedAt, ...(remark !== null && { remark }) };
  const handling = { ...before.handling, lagging, late };
  const noted: Alarm = { ...before, handling, version: before.version + 1 };
  if (before.state === "active") return takeLateReport(noted, event, rules);
  if (state === "cleared") return { ...before, handling: { ...before.handling, lagging } };
  if (!isUntold || tellsIncident(event)) return before.occurrence === 0 ? before : noted;
  const hold = holdOf(event, rules);
  const isBrief = hold === "delay" && before.lastAt - at < delayOf(rules);
  // That it is late is known all the same: the clock may have been set back.
  if (hold === "limit" || isBrief)
    return countUntold({ ...before, handling }, isBrief ? "brief" : "within", receivedAt);
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
