import { isStillQuiet } from "./repeating.ts";
import { formerOf, isWorse } from "./rise.ts";
import type { Notification } from "../card.ts";
import type { Alarm } from "../types.ts";

/**
 * What the chats are to be told of what events did to an alarm, however many they were.
 * @param before `null`: it is new
 */
export function notificationOf(before: Alarm | null, after: Alarm): Notification {
  const isSame = before?.occurrence === after.occurrence;
  const ring = ringOf(before, after);
  // Information comes without a sound; nobody waits for its end, nor for that of what was put aside for a time, or came without a ring.
  const isAwaited = after.handling.shelf === null && !after.handling.repeats.isQuiet && after.peakSeverity !== "info";
  const isOver = isSame && before.state === "active" && after.state === "cleared";
  const followUp = isOver && isAwaited ? "cleared" : isDoubted(before, after) ? "late" : null;
  return { ring, ringsIn: null, followUp: ring === null ? followUp : null };
}

/** Whether it came late that it is critical, which may be so now, and was not said yet. What was put aside as critical raises no doubt. */
function isDoubted(before: Alarm | null, { handling }: Alarm): boolean {
  const { lagging, late, repeats } = handling;
  if (lagging?.doubt !== "critical" || before?.handling.lagging?.doubt === "critical") return false;
  const isToldLately = repeats.told?.severity === "critical" && (late?.receivedAt ?? 0) < (repeats.quietUntil ?? 0);
  return !(repeats.isQuiet && isToldLately);
}

function ringOf(before: Alarm | null, after: Alarm): Notification["ring"] {
  if (after.occurrence === 0) return null;
  if (before === null || before.occurrence === 0) return "first";
  if (after.occurrence > before.occurrence) {
    const isQuiet = after.handling.shelf !== null || isStillQuiet(before.handling.repeats, after.handling.repeats);
    return isQuiet ? null : "returned";
  }
  const [was, is] = [before.handling.rise, after.handling.rise];
  if (is === null || is.count === was?.count) return null;
  // What fell and rose before anybody could see it is as it was, unless it took back what somebody had done.
  return isWorse(is.to, before.severity) || formerOf(before) !== null ? "escalated" : null;
}
