import { isUnit, readLength } from "../lib/time/duration.ts";
import { unifyDashes } from "../lib/text/fold.ts";
import { ECHO_LIMIT } from "./problem.ts";
import { isDayWord, TWO_NUMBERS } from "./typed-day.ts";

/** What people may name instead of a time; epoch ms, `null`: there was none. */
export interface Anchors {
  /** When the shift that works now started. */
  readonly shift: number | null;
  /** Some time before the newest alarm began. */
  readonly alarm: number | null;
}

/** The anchors where nothing is known of shifts and alarms. */
export const NO_ANCHORS: Anchors = { shift: null, alarm: null };

/** A time of day, by its form. */
export const CLOCK = /^(?:\d{1,2}:\d{2}(?::\d{2})?(?:am|pm)?|\d{1,2}(?:am|pm)|\d{1,2}\.\d{2}(?:am|pm)?)$/;

/**
 * Splits what was typed into words, in lower case; a `T` between date and time separates like a space, and so does a dash between two
 * times, of whatever kind.
 */
export function toWords(text: string): readonly string[] {
  const words = unifyDashes(text.toLowerCase())
    .replace(/[,;!?]+(?!\S)|(?<=[a-z])\.(?!\S)/g, " ")
    // "23. 11. 2026" and "25.11. -26.11."
    .replace(/(?<![\d.])(\d{1,2}\.) +(\d{1,2}\.)(?: +(\d{4})(?!\S))?/g, "$1$2$3")
    .replace(/(\d) +([ap]m)(?!\S)/g, "$1$2")
    .replace(/ -|- /g, " - ")
    .trim()
    .split(/\s+/);
  return words
    .flatMap((word) => (/^\d[\d.-]*t\d/.test(word) ? word.split("t") : partAtDash(word)))
    .filter((word) => word !== "");
}

/** The two times that a dash parts in a word; else the word alone. */
function partAtDash(word: string): readonly string[] {
  if (word.length > ECHO_LIMIT || isTimeWord(word)) return [word];
  // "23.-25.11."
  const [, firstDay, lastDay, month] = /^(\d{1,2})\.-(\d{1,2})\.(\d{1,2}\..*)$/.exec(word) ?? [];
  if (firstDay !== undefined) return [`${firstDay}.${month}`, `${lastDay}.${month}`];
  for (let i = word.indexOf("-"); i !== -1; i = word.indexOf("-", i + 1)) {
    const parts = [word.slice(0, i), word.slice(i + 1)];
    if (parts.every(isTimeWord)) return parts;
  }
  return [word];
}

/** Whether a word of `toWords` is (part of) a time by its form, be it a possible one or not. */
export function isTimeWord(word: string): boolean {
  return (
    word === "now" ||
    isAnchor(word) ||
    isDayWord(word) ||
    CLOCK.test(word) ||
    TWO_NUMBERS.test(word) ||
    readLength(word) !== null
  );
}

/** Words with which times begin in people's own words, and no label. */
export const BEGINNINGS: ReadonlySet<string> = new Set(
  "last past previous next this since from until tomorrow tonight half".split(" "),
);

/** Whether words are meant to be a time, be they one that can be read or not. */
export const soundsLikeTime = (words: readonly string[]): boolean =>
  /^[\d+-]/.test(words[0] ?? "") || BEGINNINGS.has(words[0] ?? "") || words.some(isUnit);

/** Whether a word names something that is known here. */
export const isAnchor = (word: string): word is keyof Anchors => word === "shift" || word === "alarm";
