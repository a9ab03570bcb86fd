/** Days of the week, as people name them: 1 is Monday, 7 is Sunday. */

const DAY_MS = 86_400_000;
const NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** The day of the week of a reading (see wall-clock.ts). 1970-01-01 was a Thursday. */
export const weekdayOf = (reading: number): number => ((((Math.floor(reading / DAY_MS) + 3) % 7) + 7) % 7) + 1;

/** Reads `mon`, `monday`, `mondays` and what is between them, in any case; `null` if it is not a day. */
export function parseWeekday(text: string): number | null {
  const typed = text.toLowerCase();
  const begins = (word: string): number =>
    NAMES.findIndex((name) => word.length >= 3 && name.toLowerCase().startsWith(word));
  const index = Math.max(begins(typed), begins(typed.replace(/s$/, "")));
  return index === -1 ? null : index + 1;
}

/** `Monday` for 1. */
export const nameOfWeekday = (weekday: number): string => NAMES[weekday - 1] ?? "";
