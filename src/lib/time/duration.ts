import type { Parsed } from "../text/parsed.ts";
import { dayOf, instantsOf, readingAt } from "./wall-clock.ts";

/** A length of time as people write it. Months are those of the calendar, and no fixed number of ms. */
export interface Length {
  readonly ms: number;
  readonly months: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The largest first. `m` is a minute, as everywhere in Valvomo; a month is `mo`. */
const UNITS: readonly { readonly words: readonly string[]; readonly ms: number; readonly months: number }[] = [
  { words: ["y", "yr", "yrs", "year", "years"], ms: 0, months: 12 },
  { words: ["mo", "mos", "mth", "mths", "month", "months"], ms: 0, months: 1 },
  { words: ["w", "wk", "wks", "week", "weeks"], ms: 7 * DAY, months: 0 },
  { words: ["d", "day", "days"], ms: DAY, months: 0 },
  { words: ["h", "hr", "hrs", "hour", "hours"], ms: HOUR, months: 0 },
  { words: ["m", "min", "mins", "minute", "minutes"], ms: MINUTE, months: 0 },
  { words: ["s", "sec", "secs", "second", "seconds"], ms: SECOND, months: 0 },
];
const RANKS = new Map(UNITS.flatMap(({ words }, rank) => words.map((word) => [word, rank] as const)));

/** Whether a word names a unit of time. */
export const isUnit = (word: string): boolean => RANKS.has(word);

/** What may stand before a length without making it another one. */
const PREFIX = /^(?:for|last|past|previous)\s+/;
/** One number with its unit: at most six digits, and so far below what a number can hold. */
const PART = /(\s*)(?:and\s+)?(\d{1,6})(?:[.,](\d{1,3}))?(\s*)([a-z]+)/y;
/** Two hundred years: all that was ever measured, and no more than calendars are sure of. */
const MAX_MONTHS = 2_400;

/**
 * Reads the length that a text begins with: `90m`, `3 hours`, `1h30m`, `1.5 h`, `6mo`, `last 3 days`; large units before small ones.
 * @returns the length, and what stands behind it; `null` if it begins with none
 */
export function takeLength(text: string): { readonly length: Length; readonly rest: string } | null {
  const words = text.trim().toLowerCase();
  const start = PREFIX.exec(words)?.[0].length ?? 0;
  let [at, ms, months, rank, wasApart] = [start, 0, 0, -1, true];
  for (;;) {
    PART.lastIndex = at;
    const [part = "", , whole = "", fraction, gap, word = ""] = PART.exec(words) ?? [];
    const found = RANKS.get(word) ?? -1;
    const unit = UNITS[found];
    const isApart = gap !== "";
    // Behind "4h", "2 m of cable" is no length any more.
    if (unit === undefined || found <= rank || (isApart && !wasApart)) break;
    // Half a month is a different one each time.
    if (fraction !== undefined && unit.months > 0) break;
    const count = Number(fraction === undefined ? whole : `${whole}.${fraction}`);
    [ms, months, rank, wasApart] = [ms + Math.round(count * unit.ms), months + count * unit.months, found, isApart];
    at += part.length;
  }
  const rest = words.slice(at);
  return rank === -1 || /^[\w.]/.test(rest) ? null : { length: { ms, months }, rest: text.trim().slice(at).trim() };
}

/** Reads a text that is a length from its beginning to its end; `null` if it is none. */
export function readLength(text: string): Length | null {
  const taken = takeLength(text.trim().replace(/^an?\s+/i, "1 "));
  return taken?.rest === "" ? taken.length : null;
}

/** The same in ms, where it is more than nothing and no calendar is needed; `null` if it is no such length. */
export function readDuration(text: string): number | null {
  const length = readLength(text);
  return length === null || length.months > 0 || length.ms === 0 ? null : length.ms;
}

/**
 * The instant that lies a length after another, by the clocks of a zone; a length of `-1` times lies before. Where a month is too short
 * for the day, it is the month's last.
 * @param at epoch ms, as is the result
 */
export function after(at: number, { ms, months }: Length, zone: string, times: 1 | -1 = 1): number {
  if (months === 0) return at + times * ms;
  const reading = readingAt(at, zone);
  const date = new Date(reading);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + times * Math.min(months, MAX_MONTHS)];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const moved = Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay)) + (reading - dayOf(reading));
  // Where summer time skips that time of day, an hour later is meant.
  return (instantsOf(moved, zone)[0] ?? instantsOf(moved + HOUR, zone)[0] ?? moved) + times * ms;
}

/**
 * Reads how far back somebody wants to look, for a command that takes a length only.
 * @param maxMs what is asked for is to be no longer
 * @returns since when, in epoch ms; or what is wrong, as a sentence
 */
export function readPast(text: string, zone: string, now: number, maxMs: number): Parsed<number> {
  const length = readLength(text);
  const since = length === null ? now : after(now, length, zone, -1);
  if (since < now && now - since <= maxMs) return { value: since };
  const shown = text.length > MAX_ECHO ? "that" : `“${text}”`;
  const problem = length === null ? `I cannot read ${shown} as a length of time.` : `I cannot look back ${shown}.`;
  return { problem };
}

/** Echoing more than this would bury the sentence. */
const MAX_ECHO = 40;
