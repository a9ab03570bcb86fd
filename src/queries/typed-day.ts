import { dayOf, readingAt } from "../lib/time/wall-clock.ts";

const ISO_DATE = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/;
/** The day first, as Finns and Germans write it; without a year, the dot at the end says that it is a date. */
const DOT_DATE = /^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?$/;
/** `23.11` is a day for some, and a time for others. */
export const TWO_NUMBERS = /^(\d{1,2})\.(\d{1,2})$/;
const DAYS_AGO: Readonly<Record<string, number>> = { today: 0, yesterday: 1 };

/** Whether a word is a day by its form. */
export function isDayWord(word: string): boolean {
  return Object.hasOwn(DAYS_AGO, word) || ISO_DATE.test(word) || DOT_DATE.test(word);
}

/** The day that a word names, as a reading at midnight; `null` for one that no calendar has. */
export function readDate(word: string, zone: string, now: number): number | null {
  const today = dayOf(readingAt(now, zone));
  const daysAgo = Object.hasOwn(DAYS_AGO, word) ? DAYS_AGO[word] : undefined;
  if (daysAgo !== undefined) return dayOf(today, -daysAgo);
  const [, isoYear, isoMonth, isoDay] = ISO_DATE.exec(word) ?? [];
  const [, day = isoDay, month = isoMonth, year = isoYear] = DOT_DATE.exec(word) ?? [];
  if (year !== undefined) return dateOf(year.length === 2 ? 2_000 + Number(year) : Number(year), month, day);
  // Nothing is measured ahead of now: without a year it is the last such day, which for 29.2. may be years ago.
  const thisYear = new Date(today).getUTCFullYear();
  const years = Array.from({ length: 9 }, (_, ago) => thisYear - ago);
  return years.map((one) => dateOf(one, month, day)).find((date) => date !== null && date <= today) ?? null;
}

function dateOf(year: number, month: string | undefined, day: string | undefined): number | null {
  const reading = Date.UTC(year, Number(month) - 1, Number(day));
  const date = new Date(reading);
  // Date.UTC takes 31.2. for the 3rd of March, and the year 70 for 1970.
  const isKept = date.getUTCFullYear() === year && date.getUTCMonth() === Number(month) - 1;
  return isKept && date.getUTCDate() === Number(day) ? reading : null;
}
