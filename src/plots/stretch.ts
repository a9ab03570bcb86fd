import { instantOfTime } from "../alarms/time-of-day.ts";
import { dayOf, readingAt } from "../wall-clock.ts";
import { boundsOf, problem } from "./typed-time.ts";
import type { TimeContext, TimesResult } from "./typed-time.ts";

const SHIFT = /^(?:this |the )?shift$/;
const ALARM = /^(?:since )?(?:the )?(?:last )?alarm$/;
const WEEK = /^(this|last) week$/;

/** What led to an alarm is seen in the time before it. */
const BEFORE_ALARM_MS = 3_600_000;

/**
 * Reads the name of a period that only a plant or a calendar knows: `shift` (the one that runs, until now), `alarm` (from an
 * hour before the newest one started until now), `this week` and `last week`, from Monday. `null` for any other text.
 */
export function readStretch(text: string, context: TimeContext): TimesResult | null {
  if (SHIFT.test(text)) return shiftUntilNow(context);
  if (ALARM.test(text)) return sinceAlarm(context);
  const [, which] = WEEK.exec(text) ?? [];
  return which === undefined ? null : week(which === "this" ? 0 : 1, context);
}

function shiftUntilNow({ zone, now, shiftStarts }: TimeContext): TimesResult {
  const today = readingAt(now, zone);
  const starts = [dayOf(today, -1), today]
    .flatMap((day) => shiftStarts.map((minute) => instantOfTime(day, minute, zone)))
    .filter((start) => start < now);
  if (starts.length === 0) return problem("No shifts are set up. Type a length such as 8h instead.");
  return { ok: true, times: [{ kind: "stretch", startAt: Math.max(...starts), endAt: now }] };
}

function sinceAlarm({ now, lastAlarmAt }: TimeContext): TimesResult {
  if (lastAlarmAt === null) return problem("There was no alarm yet. Type a length such as 24h instead.");
  return { ok: true, times: [{ kind: "stretch", startAt: lastAlarmAt - BEFORE_ALARM_MS, endAt: now }] };
}

function week(weeksAgo: number, { zone, now }: TimeContext): TimesResult | null {
  const today = readingAt(now, zone);
  const sinceMonday = (new Date(today).getUTCDay() + 6) % 7;
  const monday = dayOf(today, -sinceMonday - 7 * weeksAgo);
  const bounds = boundsOf(monday, dayOf(monday, 7), zone);
  return bounds && { ok: true, times: [{ kind: "stretch", ...bounds }] };
}
