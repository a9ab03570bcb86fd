import { rulesFor } from "./rules-for.ts";
import { isOverForNow } from "./chatter.ts";
import type { AlarmRules, Escalation, Escalations } from "./escalation-plan.ts";
import { end } from "./ending.ts";
import { chatterEnd, coming, heldEndOver } from "./held-dues.ts";
import { isForAdmins } from "../payloads/own.ts";
import { reminded } from "./repeating.ts";
import { resetHandling } from "./rise.ts";
import { QUIET, type NextChange } from "./next-change.ts";
import { conditionOf } from "./occurrence.ts";
import type { Destination, Alarm } from "../types.ts";

/** The end of shelving is announced so long before, but not before half of it is over. */
const ANNOUNCE_MS = 10 * 60_000;

/** When time will do something to an alarm; `null` if it never will. Epoch ms. */
export function dueAt(alarm: Alarm, rules: AlarmRules): number | null {
  return nextDue(alarm, rules)?.at ?? null;
}

/**
 * The alarm after the next thing that time does to it, and what the chats are to be told of it.
 * @returns `null` if nothing is due
 */
export function elapse(alarm: Alarm, now: number, rules: AlarmRules): ReturnType<NextChange["apply"]> | null {
  const due = nextDue(alarm, rules);
  return due && due.at <= now ? due.apply(alarm, now) : null;
}

/**
 * The next step of an alarm's escalation, as its card shows it: when, and who is told; `to` is `null` if all are reminded. It counts from
 * when somebody heard of the one before, and waits until then.
 */
export function nextStep(
  alarm: Alarm,
  escalations: Escalations,
): { readonly at: number; readonly to: Destination | null } | null {
  if (alarm.state !== "active" || alarm.acknowledgedAt !== null || alarm.handling.shelf !== null) return null;
  if (alarm.owedRing !== null || isOverForNow(alarm)) return null;
  const step = stepsOf(escalations[alarm.severity])[alarm.handling.step];
  // What is for admins alone is passed on to nobody else.
  return step
    ? {
        at: Math.max(alarm.handling.steppedAt, alarm.heardAt ?? 0) + step.afterMs,
        to: isForAdmins(alarm) ? null : step.to,
      }
    : null;
}

/** Those who were told, or are being told, because nobody acknowledged the alarm: they are of it until its occurrence ends. */
export function passedOnTo({ handling, peakSeverity }: Alarm, escalations: Escalations): readonly Destination[] {
  const { passedOn, step } = handling;
  return (
    passedOn ??
    stepsOf(escalations[peakSeverity])
      .slice(0, step)
      .flatMap(({ to }) => (to === null ? [] : [to]))
  );
}

function stepsOf(plan: Escalation): readonly { readonly afterMs: number; readonly to: Destination | null }[] {
  return plan.remindAfterMs === null ? plan.steps : [{ afterMs: plan.remindAfterMs, to: null }, ...plan.steps];
}

function nextDue(alarm: Alarm, all: AlarmRules): NextChange | null {
  const { heldBack, latchedAt } = alarm.handling;
  const isStanding = alarm.state === "active" && latchedAt === null;
  const peak = isStanding ? alarm.peakSeverity : (heldBack?.peakSeverity ?? alarm.peakSeverity);
  const rules = rulesFor(conditionOf(alarm, heldBack?.event ?? null), peak, all);
  const dues =
    alarm.state === "active"
      ? [
          coming(alarm, rules),
          chatterEnd(alarm, rules),
          heldEndOver(alarm, rules),
          escalation(alarm, rules),
          owner(alarm, rules),
          shelving(alarm),
          forgetting(alarm, rules),
        ]
      : [coming(alarm, rules), shelfEnd(alarm), returnReminder(alarm, rules)];
  return dues.reduce((first, due) => (first && due && first.at <= due.at ? first : (due ?? first)), null);
}

function escalation(alarm: Alarm, rules: AlarmRules): NextChange | null {
  const step = nextStep(alarm, rules.escalations);
  if (!step) return null;
  return {
    at: step.at,
    apply: (before, now) => ({
      alarm: change(before, {
        step: before.handling.step + 1,
        steppedAt: now,
        repeats: { ...before.handling.repeats, isQuiet: false },
        passedOn: [...passedOnTo(before, rules.escalations), ...(step.to === null ? [] : [step.to])],
      }),
      notification:
        step.to === null ? { ...QUIET, ring: "reminder" } : { ...QUIET, ring: "passedOn", ringsIn: [step.to.chatId] },
    }),
  };
}

/** Somebody has it in hand, but it lasts. */
function owner(alarm: Alarm, rules: AlarmRules): NextChange | null {
  const { ownerAfterMs } = rules.escalations[alarm.severity];
  const { owner: person, shelf } = alarm.handling;
  if (ownerAfterMs === null || person === null || alarm.acknowledgedAt === null || shelf !== null) return null;
  if (isOverForNow(alarm)) return null;
  return {
    at: (person.remindedAt ?? alarm.acknowledgedAt) + ownerAfterMs,
    apply: (before, now) => ({
      // No card shows it.
      alarm: { ...before, handling: { ...before.handling, owner: { ...person, remindedAt: now } } },
      notification: { ...QUIET, ring: "owner", ringsIn: [person.chatId] },
    }),
  };
}

function shelving(alarm: Alarm): NextChange | null {
  const { shelf } = alarm.handling;
  if (shelf === null) return null;
  // Shelved when that could be.
  if (isForAdmins(alarm)) return { at: shelf.at, apply: unshelved };
  if (shelf.untilAt === null) return null;
  if (!shelf.isAnnounced) {
    return {
      at: shelf.untilAt - Math.min(ANNOUNCE_MS, Math.floor((shelf.untilAt - shelf.at) / 2)),
      apply: (before) => ({
        alarm: change(before, { shelf: { ...shelf, isAnnounced: true } }),
        notification: { ...QUIET, followUp: "shelfEnding" },
      }),
    };
  }
  // What the plant says is over is not told as still active.
  return isOverForNow(alarm) ? null : { at: shelf.untilAt, apply: unshelved };
}

/** It came and went, and nobody has acknowledged it. What repeats is not told more often for that. */
function returnReminder(alarm: Alarm, { escalations, repeating }: AlarmRules): NextChange | null {
  const { handling, peakSeverity, heardAt, owedRing } = alarm;
  const { returned, repeats } = handling;
  const { returnedAfterMs } = escalations[peakSeverity];
  if (returned === null || returned.isReminded || returnedAfterMs === null || owedRing !== null) return null;
  return {
    at: Math.max(Math.max(returned.at, heardAt ?? 0) + returnedAfterMs, repeats.quietUntil ?? 0),
    apply: (before, now) => ({
      alarm: change(before, { returned: { ...returned, isReminded: true }, repeats: reminded(before, now, repeating) }),
      notification: { ...QUIET, ring: "wentUnseen" },
    }),
  };
}

/** What is over is not shelved for longer than was wanted either; nobody need hear of it. */
function shelfEnd({ handling: { shelf } }: Alarm): NextChange | null {
  if (shelf === null || shelf.untilAt === null) return null;
  return { at: shelf.untilAt, apply: (before) => ({ alarm: change(before, { shelf: null }), notification: QUIET }) };
}

const unshelved: NextChange["apply"] = (before, now) => ({
  alarm: { ...resetHandling(before, now), version: before.version + 1 },
  notification: { ...QUIET, ring: "unshelved" },
});

/**
 * What never says that it is over, and somebody has seen, is over when it has not come again for long enough to be new; but for what
 * was not understood, which may have said anything.
 */
function forgetting(alarm: Alarm, rules: AlarmRules): NextChange | null {
  const seenAt = alarm.acknowledgedAt;
  // What is put aside stays there for as long as was wanted.
  const { shelf, remark } = alarm.handling;
  if (alarm.isClearedByPlant || seenAt === null || shelf !== null || remark !== null) return null;
  return {
    at: Math.max(alarm.lastReceivedAt, seenAt) + rules.returnAfterMs,
    apply: (before) => ({ alarm: end(before, before.lastAt), notification: QUIET }),
  };
}

const change = (alarm: Alarm, handling: Partial<Alarm["handling"]>): Alarm => ({
  ...alarm,
  handling: { ...alarm.handling, ...handling },
  version: alarm.version + 1,
});
