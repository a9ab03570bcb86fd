import { isCredibleTime } from "../payloads/identity.ts";
import type { AlarmEvent } from "../event.ts";
import type { Alarm } from "../types.ts";

/** When it happened: by the plant's clock if it told, else by ours. */
export const eventAt = (event: Pick<AlarmEvent, "occurredAt" | "receivedAt">): number =>
  event.occurredAt ?? event.receivedAt;

/**
 * Whether something newer is known of the alarm than an event that comes now: it came late, and is history. Only times of the plant's clock
 * are held against each other, and nothing happens after it was heard of: a clock that was ahead makes nothing late. Of two that tell the
 * same time, the one that comes later is the newer.
 */
export function isLate(before: Alarm, event: AlarmEvent): boolean {
  const { occurredAt, receivedAt, isRetained } = event;
  if (occurredAt === null || !before.handling.isDated) return false;
  // The clock is not set.
  if (!isRetained && !isCredibleTime(occurredAt, receivedAt)) return false;
  return Math.min(occurredAt, receivedAt) < Math.min(before.lastAt, before.lastReceivedAt);
}
