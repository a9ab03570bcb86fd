import type { AlarmRules } from "./escalation-plan.ts";
import { DRILL_SOURCE } from "../payloads/own.ts";
import type { Alarm } from "../types.ts";
import { askedAtEnd } from "./worth.ts";

/** The alarm after the plant, or time, ended it. A shelf without an end time ends, too. */
export function end(alarm: Alarm, at: number): Alarm {
  const { shelf } = alarm.handling;
  return {
    ...alarm,
    state: "cleared",
    clearedAt: at,
    handling: {
      ...alarm.handling,
      shelf: shelf?.untilAt == null ? null : shelf,
      latchedAt: null,
      heldEnd: null,
      worth: askedAtEnd(alarm),
    },
    version: alarm.version + 1,
  };
}

/**
 * The alarm that returned to normal: if nobody has acknowledged it, that is still to be done. Nobody need acknowledge information, what was
 * put aside, or our own tests.
 */
export function returnToNormal(alarm: Alarm, at: number, now: number): Alarm {
  const ended = end(alarm, at);
  if (alarm.handling.shelf !== null || !isUnseen(alarm)) return ended;
  return { ...ended, handling: { ...ended.handling, returned: { at: now, isReminded: false } } };
}

/** Whether an alarm waits for somebody to acknowledge it, active or not. */
export const isUnseen = ({ acknowledgedAt, peakSeverity, source }: Alarm): boolean =>
  acknowledgedAt === null && peakSeverity !== "info" && source !== DRILL_SOURCE;

/** The alarm of which the plant says that it is over: where it latches, somebody has to reset it. */
export function endByPlant(alarm: Alarm, at: number, now: number, { escalations }: AlarmRules): Alarm {
  if (!escalations[alarm.peakSeverity].isLatched) return returnToNormal(alarm, at, now);
  const { shelf } = alarm.handling;
  // It was to stay quiet until now.
  const unshelved = shelf?.untilAt === null ? { shelf: null, steppedAt: now } : {};
  return {
    ...alarm,
    handling: { ...alarm.handling, ...unshelved, latchedAt: at, heldEnd: null },
    version: alarm.version + 1,
  };
}
