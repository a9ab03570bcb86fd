import { instantsOf } from "../lib/time/wall-clock.ts";
import { parseEntryDate } from "./entry-date.ts";

/** The name of a column as it is compared. */
export const nameOfColumn = (name: string): string => name.trim().toLowerCase();

/** Whether the names are those of ThingSpeak's exports, or of ours: then nobody needs to say what they hold. */
export function isFeedHeader(names: readonly string[]): boolean {
  const all = names.map(nameOfColumn);
  return all.includes("created_at") && all.some((name) => /^field[1-8](?:: |$)/.test(name));
}

const EPOCH = /^\d{9,10}(?:\.\d{1,9})?$|^\d{12,13}$/;
const WRITTEN =
  /^(?:(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)|(?<dayOf>\d\d?)\.(?<monthOf>\d\d?)\.(?<yearOf>\d{4}))(?:T|,?\s)\s?(?<hour>\d\d?):(?<rest>\d\d(?::\d\d(?:[.,]\d+)?)?)$/;

const HOUR_MS = 3_600_000;

/** Reads the time of a row. */
export type ReadTime = (text: string) => number;

/**
 * Reads times of a file of one's own, row by row: as ThingSpeak has them, as `22.11.2026 14:03:07` or `2026-11-22 14:03`, or as seconds or
 * milliseconds since 1970. Of an hour that a clock shows twice, the one that goes on from the row before.
 * @returns epoch ms; `NaN` for what is no time, and for one without a zone where none is known
 */
export function timesIn(zone: string | null): ReadTime {
  /** Rows of an hour have one offset, until the clock goes back in it. */
  let last = { reading: Number.NaN, at: Number.NEGATIVE_INFINITY };
  const localTime = (text: string, ofZone: string): number => {
    const reading = readingOf(text);
    const isSameHour = Math.floor(reading / HOUR_MS) === Math.floor(last.reading / HOUR_MS);
    if (isSameHour && reading >= last.reading) return take(reading, last.at + reading - last.reading);
    const instants = Number.isNaN(reading) ? [] : instantsOf(reading, ofZone);
    return take(reading, instants.find((one) => one >= last.at) ?? instants.at(-1) ?? Number.NaN);
  };
  const take = (reading: number, at: number): number => {
    if (!Number.isNaN(at)) last = { reading, at };
    return at;
  };
  return (given) => {
    const text = given.trim();
    if (EPOCH.test(text)) return Math.round(Number(text) * (Number(text) < 1e11 ? 1_000 : 1));
    const dated = parseEntryDate(text);
    return Number.isNaN(dated) && zone !== null ? localTime(text, zone) : dated;
  };
}

/** What a clock shows that a text was written by, as UTC; `NaN`: it is no time. */
function readingOf(text: string): number {
  const {
    year,
    month,
    day,
    dayOf = "",
    monthOf = "",
    yearOf,
    hour,
    rest = "",
  } = WRITTEN.exec(text.trim())?.groups ?? {};
  if (hour === undefined) return Number.NaN;
  const date = year ? `${year}-${month}-${day}` : `${yearOf}-${monthOf.padStart(2, "0")}-${dayOf.padStart(2, "0")}`;
  return parseEntryDate(`${date} ${hour.padStart(2, "0")}:${rest.length === 2 ? `${rest}:00` : rest} UTC`);
}
