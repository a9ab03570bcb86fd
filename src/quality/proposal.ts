import type { Habit } from "./nuisances.ts";

/** The one thing that helps most against an alarm that comes too often, in words for who can do it. */
export function proposalFor({ count, chatter, fleeting, stale, rung, unacknowledged }: Habit): string {
  if (chatter > 0) return "it chatters: give its limit a hysteresis, or its end a delay";
  if (fleeting * 2 > count) return "it is over within seconds: let it wait 10 s before it comes";
  if (stale > 0) return "it stands for days: mend what it tells, or take its limit back";
  if (rung > 0 && unacknowledged * 2 > rung)
    return "nobody acknowledges it: if it needs no action, make it information";
  return "look for its cause at the machine, or move its limit";
}
