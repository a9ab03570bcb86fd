import { createRequire } from "node:module";
import { setImmediate as breathe } from "node:timers/promises";
import type { ParsedComponents, ParsedResult } from "chrono-node";
import type * as English from "chrono-node/en";
import { dayOf, instantsOf, readingAt, startOfDay } from "../lib/time/wall-clock.ts";

/** A period in somebody's own words. */
interface NaturalPeriod {
  /** Epoch ms. */
  readonly startAt: number;
  readonly endAt: number;
  /** Whether an end was named. */
  readonly hasEnd: boolean;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const WEEK_DAYS = 7;
/** What may stand around a time without meaning more. */
const FILLERS = /^(from|on|at|the|since|in|of|and|,|\s)*$/i;

/** Reading takes long for a long text, and nobody types a time that is longer. */
const MAX_LENGTH = 100;
/**
 * What chrono reads as something else than people mean: vague hours and weeks, of which it takes one day; what is to come; clocks
 * of other zones; dates with slashes, which begin with the month for some.
 */
const UNCLEAR =
  /\b(morning|afternoon|evening|night|tonight|weekend|quarter|next|(last|past|previous|this) (week|\d+|few|couple)|utc|gmt|bst|[cew]es?t|ee(s?)t|[ecmp][ds]t|msk)\b|\//;

/** `nov 22`, where no day stands before it: for chrono mostly a year, for people a day. */
const MONTH_DAY =
  /(?<!\d(?:st|nd|rd|th)?\.? )\b((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?) (\d{1,2})\b(?!\s?[-–:.]\s?\d)/g;

const load = (): typeof English => createRequire(import.meta.url)("chrono-node/en");
/** British: the day comes before the month. */
const chrono = () => load().GB;

/**
 * Loads what reads people's own words, if it is not there yet. At once it takes 50 to 100 ms, most of it for the patterns when they are
 * first used; others get their turn after each.
 */
export async function prepareNaturalWords(): Promise<void> {
  preparing ??= (async () => {
    const { Chrono, GB } = load();
    const alone = GB.parsers.map((parser) => new Chrono({ parsers: [parser], refiners: [] }));
    // Patterns are made when they are used first, and made quick when they are used again.
    for (const one of [...alone, ...alone, GB, GB]) {
      await breathe();
      one.parse(SAMPLE);
    }
  })();
  await preparing;
}

let preparing: Promise<void> | null = null;
/** Something for each pattern, and much for none. */
const SAMPLE = "x coil 24h (#42) 1., monday 8:00 to 12:00 - 3 days ago, aug 2018 2018-08-20 20.8.2018 x";

/**
 * Reads English words for a time that is past: `last monday`, `3 days ago`, `aug 2018`, `monday 8:00 to 12:00`. A day is that
 * day, a month that month, a time is from then until now. chrono reads the words; which instants they are by the clocks of the
 * zone is found here, as it knows offsets only.
 * @param now epoch ms
 * @returns `null` if not all of the words were understood
 */
export function readNaturalWords(text: string, zone: string, now: number): NaturalPeriod | null {
  if (text.length > MAX_LENGTH || UNCLEAR.test(text.toLowerCase())) return null;
  const words = text.toLowerCase().replace(MONTH_DAY, "$2 $1");
  const today = readingAt(now, zone);
  const reference = { instant: new Date(now), timezone: (today - now) / MINUTE };
  const [result, ...others] = chrono().parse(words, reference);
  if (!result || others.length > 0 || !FILLERS.test(words.replace(result.text, ""))) return null;
  const period = periodOf(result, zone, now, daysBack(result, today));
  return period && words.startsWith("since ") && !period.hasEnd ? { ...period, endAt: now } : period;
}

function periodOf({ start, end }: ParsedResult, zone: string, now: number, daysBack: number): NaturalPeriod | null {
  const from = stretchOf(start, zone, daysBack);
  const to = end ? stretchOf(end, zone, daysBack) : null;
  if (!from || (end && !to)) return null;
  return { startAt: from.startAt, endAt: to ? (to.endAt ?? to.startAt) : (from.endAt ?? now), hasEnd: to !== null };
}

/** What one end names: a month, a day, or an instant, whose end is `null` where it is no end itself. */
function stretchOf(
  part: ParsedComponents,
  zone: string,
  daysBack: number,
): { startAt: number; endAt: number | null } | null {
  const [year = 0, month = 1, day = 1] = [part.get("year"), part.get("month"), part.get("day")].map(
    (n) => n ?? undefined,
  );
  const midnight = dayOf(Date.UTC(year, month - 1, day), -daysBack);
  if (part.isCertain("hour")) {
    const ms = ((part.get("hour") ?? 0) * 60 + (part.get("minute") ?? 0)) * MINUTE + (part.get("second") ?? 0) * 1_000;
    const [at] = instantsOf(midnight + ms, zone);
    return at === undefined ? null : { startAt: at, endAt: null };
  }
  if (part.isCertain("day") || part.isCertain("weekday")) return between(midnight, dayOf(midnight, 1), zone);
  if (part.isCertain("month")) {
    const first = dayOf(Date.UTC(year, month - 1), -daysBack);
    const date = new Date(first);
    return between(first, Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1), zone);
  }
  return null;
}

function between(first: number, last: number, zone: string): { startAt: number; endAt: number } | null {
  const [startAt, endAt] = [startOfDay(first, zone), startOfDay(last, zone)];
  return startAt === null || endAt === null ? null : { startAt, endAt };
}

/** A weekday without a date, and a date without a year, is the last one that was: nothing is measured ahead of now. */
function daysBack({ start }: ParsedResult, today: number): number {
  const [year, month, day] = [start.get("year") ?? 0, (start.get("month") ?? 1) - 1, start.get("day") ?? 1];
  const reading = Date.UTC(year, month, start.isCertain("day") || start.isCertain("weekday") ? day : 1);
  if (reading <= today) return 0;
  if (start.isCertain("weekday") && !start.isCertain("day")) return WEEK_DAYS;
  const hasOpenYear = start.isCertain("month") && !start.isCertain("year");
  return hasOpenYear ? Math.round((reading - Date.UTC(year - 1, month, new Date(reading).getUTCDate())) / DAY) : 0;
}
