import { eventAt } from "./event-order.ts";
import type { AlarmEvent } from "../event.ts";
import type { Alarm } from "../types.ts";

/** An alarm that comes more than `count` times within this time chatters. */
export interface ChatterRule {
  readonly count: number;
  readonly withinMs: number;
  /** It has calmed down when nothing came for so long; left out: `withinMs`. */
  readonly quietMs?: number;
  /** Whether it is for one alarm alone; left out: it is for all. */
  readonly isByRule?: boolean;
}

/** Whether the alarm is held open, whatever the plant says of its end. */
export const isHeldOpen = ({ handling: { chatter } }: Alarm): boolean => chatter !== null && chatter.endedAt === null;

/** Whether it is held open while the plant says that it is over: nobody need be reminded of it just now. */
export const isOverForNow = ({ handling: { chatter, heldEnd } }: Alarm): boolean =>
  heldEnd !== null || (chatter !== null && chatter.endedAt === null && chatter.clearedAt !== null);

/** Whether it has gone and come since it was taken for chatter. */
export const hasGoneOn = ({ handling: { chatter, starts } }: Alarm): boolean =>
  chatter !== null && chatter.endedAt === null && (chatter.clearedAt !== null || chatter.count > starts.length);

/** When an alarm came lately, this time included. By our own clock; what is ahead of it was stamped before it was set back. */
export function recentStarts(alarm: Alarm, at: number, rule: ChatterRule): readonly number[] {
  return [...alarm.handling.starts.filter((start) => Math.abs(at - start) < rule.withinMs), at];
}

/** The alarm that just came again: from now on held open, if that is too often. */
export function beginChatter(alarm: Alarm, rule: ChatterRule): Alarm {
  const { starts } = alarm.handling;
  const [since] = starts;
  if (since === undefined || starts.length <= rule.count) return alarm;
  const lastAt = starts.at(-1) ?? since;
  const isByRule = rule.isByRule && { isByRule: true };
  const chatter = { since, count: starts.length, lastAt, clearedAt: null, endedAt: null, ...isByRule };
  return { ...alarm, handling: { ...alarm.handling, chatter } };
}

/** The alarm that got as bad again as it was: one more time, and chatter if that is too often. */
export function countAgain(alarm: Alarm, at: number, rule: ChatterRule): Alarm {
  const { chatter } = alarm.handling;
  if (chatter !== null && chatter.endedAt === null) {
    return { ...alarm, handling: { ...alarm.handling, chatter: { ...chatter, count: chatter.count + 1, lastAt: at } } };
  }
  return beginChatter({ ...alarm, handling: { ...alarm.handling, starts: recentStarts(alarm, at, rule) } }, rule);
}

/** The alarm that the plant reports active: that is one more time, if it had said that it was over. */
export function countStart(alarm: Alarm, at: number): Alarm {
  const { chatter } = alarm.handling;
  if (chatter === null || chatter.clearedAt === null) return alarm;
  const counted = { ...chatter, count: chatter.count + 1, lastAt: at, clearedAt: null };
  return { ...alarm, handling: { ...alarm.handling, chatter: counted } };
}

/** The alarm that the plant reports over: held open all the same, since it will be back in a moment. */
export function suppressClear(alarm: Alarm, event: AlarmEvent): Alarm {
  const { chatter } = alarm.handling;
  const at = event.receivedAt;
  if (chatter === null || chatter.clearedAt !== null) return alarm;
  const isDated = event.occurredAt !== null;
  const handling = { ...alarm.handling, isDated, chatter: { ...chatter, lastAt: at, clearedAt: at } };
  return { ...alarm, lastAt: eventAt(event), lastReceivedAt: at, handling, version: alarm.version + 1 };
}

/** How long nothing has to come until it has calmed down. */
export const quietOf = ({ quietMs, withinMs }: ChatterRule): number => quietMs ?? withinMs;

/** When it will have calmed down, if nothing more comes; epoch ms. */
export function chatterEndsAt(alarm: Alarm, rule: ChatterRule): number | null {
  const { chatter } = alarm.handling;
  return chatter === null || chatter.endedAt !== null ? null : chatter.lastAt + quietOf(rule);
}
