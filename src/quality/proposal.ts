import type { Habit } from "./nuisances.ts";

/** Of how many times that it came anything can be said of what people do with it. */
const TELLING_COUNT = 3;

/**
 * The one thing that helps most against an alarm that comes too often, in words for who can do it. What was critical is never to be told
 * later, or to ring less.
 */
export function proposalFor({ count, critical, chatter, fleeting, stale, rung, unacknowledged }: Habit): string {
  if (chatter > 0) return "it chatters: give its limit a hysteresis, or its end a delay";
  if (critical === 0 && fleeting * 2 > count) return "it is over within seconds: let it wait 10 s before it comes";
  if (stale > 0) return "it stands for days: mend what it tells, or take its limit back";
  if (critical === 0 && rung >= TELLING_COUNT && unacknowledged * 2 > rung)
    return "nobody acknowledges it: if it needs no action, make it information";
  return "look for its cause at the machine, or move its limit";
}
