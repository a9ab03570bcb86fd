import { formatMinute } from "../time.ts";
import { readNaturalWords } from "./natural-words.ts";
import { clockOnDay, HOW_TO_TYPE, isTimeWord, NO_ANCHORS, problem, readTimes, toWords } from "./typed-time.ts";
import type { Problem, TypedTime } from "./typed-time.ts";
import { dayOf, readingAt, startOfDay } from "../wall-clock.ts";

/** A stretch of time, in epoch ms: `startAt` belongs to it, `endAt` does not, and comes after it. */
export interface Period {
  readonly startAt: number;
  readonly endAt: number;
}

/** A period, or why there is none. */
export type PeriodResult = ({ readonly ok: true } & Period) | Problem;

/** What takes one press. The id of each is also what one may type for it. */
export const PRESETS = [
  { id: "1h", label: "Last hour" },
  { id: "24h", label: "Last 24 h" },
  { id: "7d", label: "Last 7 days" },
  { id: "30d", label: "Last 30 days" },
  { id: "today", label: "Today" },
  { id: "yesterday", label: "Yesterday" },
  { id: "shift", label: "This shift" },
  { id: "alarm", label: "Since the last alarm" },
  { id: "shift", label: "This shift" },
  { id: "alarm", label: "Since the last alarm" },
] as const;

/**
 * Reads a period as typed in one line. One length is that long until now; one day, week or month is that one; one instant is
 * from then until now; two times are a start and an end, as `parseStart` and `parseEnd` read them. An end to come is cut to
 * now, as nothing is measured yet.
 */
export function parsePeriod(text: string, context: TimeContext): PeriodResult {
  const read = readTimes(text, context);
  return read.ok ? periodOf(read.times, context) : read;
}

/**
 * Reads the answer to "from when?". `endAt` is `null` if it is still to be asked for; a length or a period by its name is the
 * whole answer, and so are two times. A time without a day is today's.
 */
export function parseStart(
  text: string,
  context: TimeContext,
): { readonly ok: true; readonly startAt: number; readonly endAt: number | null } | Problem {
  const read = readTimes(text, context);
  if (!read.ok) return read;
  const period = periodOf(read.times, context);
  const [first, ...others] = read.times;
  const isWhole = others.length > 0 || first?.kind === "duration" || first?.kind === "stretch";
  return period.ok && !isWhole ? { ...period, endAt: null } : period;
}

/**
 * Reads the answer to "until when?". A day counts to its end, a length from the start, and a time without a day is the first
 * such time after the start.
 * @param startAt epoch ms
 */
export function parseEnd(text: string, startAt: number, context: TimeContext): PeriodResult {
  const read = readTimes(text, context);
  if (!read.ok) return read;
  const [end, ...rest] = read.times;
  if (end === undefined || rest.length > 0) return problem(`Give one end. ${HOW_TO_TYPE}`);
  const endAt = endOf(end, startAt, context.zone);
  return typeof endAt === "number" ? check(startAt, endAt, context) : endAt;
}

function periodOf([start, end, ...rest]: readonly TypedTime[], context: TimeContext): PeriodResult {
  if (start === undefined || rest.length > 0) return problem(`Give one start and one end. ${HOW_TO_TYPE}`);
  const startAt = startOf(start, context);
  if (typeof startAt !== "number") return startAt;
  const isNamed = start.kind === "day" || start.kind === "stretch";
  const endAt = end ? endOf(end, startAt, context.zone) : isNamed ? start.endAt : context.now;
  return typeof endAt === "number" ? check(startAt, endAt, context) : endAt;
}

function startOf(time: TypedTime, { zone, now }: TimeContext): number | Problem {
  switch (time.kind) {
    case "day":
    case "stretch":
      return time.startAt;
    case "instant":
      return time.at;
    case "clock":
      return clockOnDay(readingAt(now, zone), time.clockMs, zone);
    case "duration":
      return now - time.durationMs;
  }
}

function endOf(time: TypedTime, startAt: number, zone: string): number | Problem {
  switch (time.kind) {
    case "day":
    case "stretch":
      return time.endAt;
    case "instant":
      return time.at;
    case "clock": {
      const day = readingAt(startAt, zone);
      const at = clockOnDay(day, time.clockMs, zone);
      return typeof at === "number" && at <= startAt ? clockOnDay(dayOf(day, 1), time.clockMs, zone) : at;
    }
    case "duration":
      return startAt + time.durationMs;
  }
}

function check(startAt: number, typedEndAt: number, { zone, now }: TimeContext): PeriodResult {
  if (startAt < 0) return problem("That is before 1970. Type a later day or a shorter length.");
  if (startAt >= now) {
    return problem(
      `${formatMinute(startAt, zone)} is not past yet. Type an earlier start, for example yesterday 14:30.`,
    );
  }
  const endAt = Math.min(typedEndAt, now);
  if (endAt > startAt) return { ok: true, startAt, endAt };
  return problem(`The end must come after the start, ${formatMinute(startAt, zone)}. Type a later end, or now.`);
}

/** A period as people read it: `2018-08-20`, `2018-08-20 → 2018-08-21` (both included), `2018-08-20 14:30 → 2018-08-21 08:00`. */
export function formatPeriod({ startAt, endAt }: Period, zone: string): string {
  const [start, end] = [formatMinute(startAt, zone), formatMinute(endAt, zone)];
  const isWholeDays = [startAt, endAt].every((at) => at === startOfDay(readingAt(at, zone), zone));
  if (!isWholeDays) return `${start} → ${end}`;
  const [firstDay, lastDay] = [start.slice(0, 10), formatMinute(endAt - 1, zone).slice(0, 10)];
  return firstDay === lastDay ? firstDay : `${firstDay} → ${lastDay}`;
}
