import type { Alarm } from "../types.ts";
import { chatterEndsAt, quietOf } from "./chatter.ts";
import { comeAfterHold } from "./coming.ts";
import { endByPlant } from "./ending.ts";
import type { AlarmRules } from "./escalation-plan.ts";
import { comesAt } from "./held-back.ts";
import { QUIET, type NextChange } from "./next-change.ts";
import { notificationOf } from "./notification.ts";

/** What time does to what is held: back, or open. */

/** It has stood for long enough, or its value was not told again for too long: it comes. */
export function coming(alarm: Alarm, rules: AlarmRules): NextChange | null {
  const { heldBack, latchedAt } = alarm.handling;
  // What is held open for another reason is known.
  if (heldBack === null || (alarm.state === "active" && latchedAt === null)) return null;
  return {
    at: comesAt(heldBack, rules),
    apply(before, now) {
      const after = comeAfterHold(before, now, rules);
      return { alarm: after, notification: notificationOf(before, after) };
    },
  };
}

/** It chattered, and has calmed down. */
export function chatterEnd(alarm: Alarm, rules: AlarmRules): NextChange | null {
  const at = chatterEndsAt(alarm, rules.chatter);
  if (at === null) return null;
  return {
    at,
    apply(before, now) {
      const { chatter } = before.handling;
      if (chatter === null) return { alarm: before, notification: QUIET };
      const calmed = { ...before, handling: { ...before.handling, chatter: { ...chatter, endedAt: chatter.lastAt } } };
      if (chatter.clearedAt === null) return { alarm: { ...calmed, version: calmed.version + 1 }, notification: QUIET };
      return ended(calmed, chatter.clearedAt, now, rules);
    },
  };
}

/** Its value did not come back far enough, and nothing more was heard of it: the plant's word counts. */
export function heldEndOver(alarm: Alarm, rules: AlarmRules): NextChange | null {
  const { heldEnd } = alarm.handling;
  if (heldEnd === null) return null;
  const { at, receivedAt } = heldEnd;
  // The rule may be gone.
  const forMs = rules.own === undefined || rules.own.hysteresis === null ? 0 : quietOf(rules.chatter);
  return { at: receivedAt + forMs, apply: (before, now) => ended(before, at, now, rules) };
}

function ended(alarm: Alarm, at: number, now: number, rules: AlarmRules): ReturnType<NextChange["apply"]> {
  const after = endByPlant(alarm, at, now, rules);
  return { alarm: after, notification: { ...QUIET, followUp: after.state === "cleared" ? "cleared" : null } };
}
