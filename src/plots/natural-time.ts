import { createRequire } from "node:module";
import type { ParsedComponents, ParsedResult } from "chrono-node";
import type * as English from "chrono-node/en";
import { dayOf, readingAt } from "../wall-clock.ts";
import { boundsOf, clockOnDay } from "./typed-time.ts";
import type { Problem, TimeContext, TimesResult, TypedTime } from "./typed-time.ts";

const require = createRequire(import.meta.url);

/** Chrono takes long for a long text, and nobody types a time that is longer. */
const MAX_LENGTH = 100;
/**
 * What chrono reads, but as something else than people mean: vague hours and weeks, of which it takes one day or hour; and
 * dates with slashes, which begin with the month for some.
 */
const UNCLEAR =
  /\b(morning|afternoon|evening|night|tonight|weekend|quarter|(last|past|previous|this|next) (week|\d+|few|couple))\b|\//;
const FILLER = /\b(from|to|until|till|the|on|at|of|and)\b|[\s,–-]/g;
/** Said of a day to come. */
const AHEAD = /\b(next|this)\b/;

/**
 * Reads times in natural English: `last monday`, `monday 8:00 to 12:00`, `3 days ago`, `20 aug 2018`, `from 6am to 2pm
 * yesterday`, `august 2018`. Weekdays, and days without a year, are the last such ones. `null` if any of it cannot be read;
 * a `Problem` for a time that the zone skips.
 *
 * Chrono itself reckons with the clock of this process. So it only takes the text apart, as said at noon of the reader's day,
 * an hour that no zone skips; instants are made of its parts with the reader's zone.
 */
export function readNatural(text: string, { zone, now }: TimeContext): TimesResult | null {
  if (text.length > MAX_LENGTH || UNCLEAR.test(text)) return null;
  // Loaded at the first need, since it takes 10 MB.
  const { GB } = require("chrono-node/en") as typeof English;
  const today = readingAt(now, zone);
  const date = new Date(today);
  const noon = new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), 12);
  const results = GB.parse(text.replace(/^between (.+) and /, "$1 to "), noon);
  if (results.length === 0 || !isAllRead(text, results)) return null;

  const times: TypedTime[] = [];
  for (const result of results) {
    const back = backOf(result, today);
    for (const part of result.end ? [result.start, result.end] : [result.start]) {
      const time = timeOf(part, back, zone, now);
      if (time === null || "problem" in time) return time;
      times.push(time);
    }
  }
  return { ok: true, times };
}

function isAllRead(text: string, results: readonly ParsedResult[]): boolean {
  const rest = results.reduce((rest, result) => rest.replace(result.text, " "), text.replace(/^between (.+) and /, "$1 to "));
  return rest.replace(FILLER, "") === "";
}

/** How far back a result is moved: chrono takes the nearest Friday, or the nearest August, and that may be to come. */
type Back = { readonly days: number; readonly years: number };

function backOf({ start, end, text }: ParsedResult, today: number): Back {
  const isOtherDay = end !== undefined && end !== null && end.get("weekday") !== start.get("weekday");
  const endsAhead = isOtherDay && hasOpenWeek(end) && dayOfParts(end) > dayOf(today);
  const startsAhead = dayOfParts(start) + (start.isCertain("hour") ? clockOf(start) : 0) > today;
  if (AHEAD.test(text)) return { days: 0, years: 0 };
  return {
    days: hasOpenWeek(start) && (startsAhead || endsAhead) ? 7 : 0,
    years: hasOpenYear(start) && startsAhead ? 1 : 0,
  };
}

const hasOpenWeek = (part: ParsedComponents): boolean => part.isCertain("weekday") && !part.isCertain("day");
const hasOpenYear = (part: ParsedComponents): boolean => part.isCertain("month") && !part.isCertain("year");

/** `null` for what would be reckoned by the process' clock, and for what names no time. */
function timeOf(part: ParsedComponents, back: Back, zone: string, now: number): TypedTime | Problem | null {
  if (part.isCertain("timezoneOffset")) {
    return part.tags().has("casualReference/now") ? { kind: "instant", at: now } : null;
  }
  const hasClock = part.isCertain("hour");
  if (!(["weekday", "day", "month", "year"] as const).some((name) => part.isCertain(name))) {
    return hasClock ? { kind: "clock", clockMs: clockOf(part) } : null;
  }
  const years = hasOpenYear(part) ? back.years : 0;
  const day = dayOf(dayOfParts(part, years), hasOpenWeek(part) ? -back.days : 0);
  if (hasClock) {
    const at = clockOnDay(day, clockOf(part), zone);
    return typeof at === "number" ? { kind: "instant", at } : at;
  }
  if (part.isCertain("day") || part.isCertain("weekday")) {
    const bounds = boundsOf(day, dayOf(day, 1), zone);
    return bounds && { kind: "day", ...bounds };
  }
  const year = (part.get("year") ?? 0) - years;
  const month = part.isCertain("month") ? (part.get("month") ?? 1) : null;
  const bounds = boundsOf(
    Date.UTC(year, (month ?? 1) - 1),
    month === null ? Date.UTC(year + 1, 0) : Date.UTC(year, month),
    zone,
  );
  return bounds && { kind: "stretch", ...bounds };
}

/** The day that chrono found, as a reading at midnight. */
function dayOfParts(part: ParsedComponents, yearsBack = 0): number {
  return Date.UTC((part.get("year") ?? 0) - yearsBack, (part.get("month") ?? 1) - 1, part.get("day") ?? 1);
}

/** Ms since midnight. */
function clockOf(part: ParsedComponents): number {
  const [hour, minute, second] = (["hour", "minute", "second"] as const).map((name) => part.get(name) ?? 0);
  return (((hour ?? 0) * 60 + (minute ?? 0)) * 60 + (second ?? 0)) * 1_000;
}
