import { DRILL_SOURCE } from "../payloads/own.ts";
import type { Worth } from "../handling-parts.ts";
import type { Alarm, Person } from "../types.ts";

/** Nobody is asked twice of the same alarm within this time. */
const ASK_EVERY_MS = 24 * 3_600_000;

/**
 * What is asked of an alarm that ends: whoever acknowledged it in a chat may say whether it was of use. By our own clock, as far as its
 * newest event tells.
 */
export function askedAtEnd({ handling, occurrence, lastReceivedAt, peakSeverity, source }: Alarm): Worth | null {
  const { owner, worth } = handling;
  const isLately = worth !== null && Math.abs(lastReceivedAt - worth.askedAt) < ASK_EVERY_MS;
  if (owner === null || isLately || peakSeverity === "info" || source === DRILL_SOURCE) return worth;
  return { askedAt: lastReceivedAt, occurrence, answer: null };
}

/** Whether somebody is asked of this occurrence, and has not answered. */
export const isAskedWorth = ({ state, occurrence, handling: { owner, worth } }: Alarm): boolean =>
  state === "cleared" && owner !== null && worth?.occurrence === occurrence && worth.answer === null;

/** The alarm after who acknowledged it said whether it was of use; nobody else is asked, and nobody twice. */
export function tellWorth(alarm: Alarm, by: Person, answer: NonNullable<Worth["answer"]>): Alarm {
  const { worth, owner } = alarm.handling;
  if (worth === null || !isAskedWorth(alarm) || owner?.userId !== by.userId) return alarm;
  return { ...alarm, handling: { ...alarm.handling, worth: { ...worth, answer } }, version: alarm.version + 1 };
}
