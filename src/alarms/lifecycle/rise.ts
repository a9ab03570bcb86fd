import { countAgain, isHeldOpen } from "./chatter.ts";
import type { AlarmRules } from "./escalation-plan.ts";
import type { ToldEvent } from "../event.ts";
import { isQuietRise, rose } from "./repeating.ts";
import { type AlarmHandling, rankOf, type Alarm, type Severity } from "../types.ts";
/** Whether `a` is worse than `b`. */
export const isWorse = (a: Severity, b: Severity): boolean => rankOf(a) > rankOf(b);

/** The worse of two. */
export const worse = (a: Severity, b: Severity): Severity => (isWorse(a, b) ? a : b);

/** The alarm as unacknowledged and not shelved: its escalation starts again. */
export function resetHandling(alarm: Alarm, at: number): Alarm {
  const handling = {
    ...alarm.handling,
    step: 0,
    steppedAt: at,
    owner: null,
    seenBy: [],
    shelf: null,
    acknowledgedAs: null,
  };
  return { ...alarm, acknowledgedBy: null, acknowledgedAt: null, toldAt: null, heardAt: null, handling };
}

/**
 * Whether a rise of an active alarm to this severity rings. An acknowledgement covers the alarm while it is no worse than it was then,
 * and has not fallen since. A shelf covers what is no worse than it was then, whatever it did meanwhile.
 */
export function isRise(before: Alarm, event: ToldEvent, { repeating }: AlarmRules): boolean {
  const { severity } = event;
  if (!isWorse(severity, before.severity)) return false;
  const { shelf, acknowledgedAs } = before.handling;
  if (shelf !== null) return isWorse(severity, shelf.severity);
  // What flickers was heard of often enough, unless it is worse than that.
  if (isHeldOpen(before)) return isWorse(severity, acknowledgedAs ?? before.peakSeverity);
  return !isQuietRise(before, event, repeating);
}

/** The alarm after it got worse than it was when somebody acknowledged or shelved it. */
export function risen(before: Alarm, event: ToldEvent, { chatter, repeating }: AlarmRules): Alarm {
  const { severity, receivedAt } = event;
  const { rise } = before.handling;
  const untold = before.toldAt === null ? rise : null;
  const after = resetHandling(before, receivedAt);
  // To and fro is chatter, too.
  const isAgain = !isWorse(severity, before.peakSeverity);
  const handling: AlarmHandling = {
    ...after.handling,
    rise: {
      from: untold?.from ?? before.severity,
      to: untold ? worse(untold.to, severity) : severity,
      count: (rise?.count ?? 0) + 1,
      former: formerOf(before) ?? untold?.former ?? null,
    },
    repeats: rose(before, event, repeating, isAgain),
  };
  return isAgain ? countAgain({ ...after, handling }, receivedAt, chatter) : { ...after, handling };
}

/** What does not hold any more when an alarm gets worse. */
export function formerOf({
  acknowledgedBy,
  peakSeverity,
  handling,
}: Alarm): NonNullable<AlarmHandling["rise"]>["former"] {
  const { shelf, owner, acknowledgedAs } = handling;
  if (shelf !== null) return { did: "shelved", by: shelf.by, userId: shelf.userId, severity: shelf.severity };
  if (acknowledgedBy === null) return null;
  const [userId, severity] = [owner?.userId ?? 0, acknowledgedAs ?? peakSeverity];
  return { did: "acknowledged", by: acknowledgedBy, userId, severity };
}
