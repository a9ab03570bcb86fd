import type { Parsed, Problem } from "../lib/text/parsed.ts";
import { readClock } from "../alarms/time-of-day.ts";
import { readLength, type Length } from "../lib/time/duration.ts";
import { dayOf, instantsOf, startOfDay } from "../lib/time/wall-clock.ts";
import { exampleDay, howToType, problem, quoteTyped } from "./problem.ts";
import { BEGINNINGS, CLOCK, isAnchor, type Anchors } from "./time-words.ts";
import { isDayWord, readDate, TWO_NUMBERS } from "./typed-day.ts";

/** A time as typed, which becomes an instant only as the start or the end of a period. Instants are epoch ms. */
export type TypedTime =
  | { readonly kind: "day"; readonly startAt: number; readonly endAt: number }
  | { readonly kind: "instant"; readonly at: number }
  /** A time without a day, as ms since midnight. */
  | { readonly kind: "clock"; readonly clockMs: number }
  | { readonly kind: "duration"; readonly length: Length };

/** All that it takes to read a time: the zone of the reader, now in epoch ms, and what they may name. */
interface Reader {
  readonly zone: string;
  readonly now: number;
  readonly anchors: Anchors;
}

/**
 * Reads words as times, in the zone of the reader: `2018-08-20`, `20.8.2018`, `20.8.` (the last one that was), `today`, `yesterday`,
 * each also with `14:30`, `14.30`, `14:30:15` or `2pm` before or behind it; a time alone; `now`; and lengths (see lib/duration.ts), whose
 * days have 24 h. Of a time that occurs twice when summer time ends, the first is meant. `shift` and `alarm` are what `anchors` says.
 * @param now epoch ms
 */
export function readTimes(
  words: readonly string[],
  zone: string,
  now: number,
  anchors: Anchors,
): Parsed<readonly TypedTime[]> {
  const reader = { zone, now, anchors };
  const times: TypedTime[] = [];
  const begin = words[0] === "from" || words[0] === "since" ? 1 : 0;
  for (let i = begin; i < words.length;) {
    if (i > begin && SEPARATORS.has(words[i] ?? "")) {
      i += 1;
      continue;
    }
    const { count, read } = readNext(words.slice(i, i + MAX_TIME_WORDS), reader);
    if ("problem" in read) return read;
    times.push(read.value);
    i += count;
  }
  // Until now, also where a day alone would be that day.
  if (words[0] === "since" && times.length === 1) times.push({ kind: "instant", at: now });
  return { value: times };
}

/** What may stand between a start and an end, without meaning more. */
const SEPARATORS: ReadonlySet<string> = new Set(["-", "→", "to", "until", "till"]);

type Read = Parsed<TypedTime>;

/** More words than the longest length has. */
const MAX_TIME_WORDS = 8;

/** Reads the time that words begin with, and tells how many of them it is. */
function readNext(words: readonly string[], reader: Reader): { readonly count: number; readonly read: Read } {
  const [word = "", next = ""] = words;
  if (isDayWord(word) && isClockWord(next)) return { count: 2, read: readDayAndClock(word, next, reader) };
  if (isClockWord(word) && isDayWord(next)) return { count: 2, read: readDayAndClock(next, word, reader) };
  if (word === "this" && next === "shift") return { count: 2, read: readAnchor("shift", reader) };
  if ((word === "last" || word === "past") && (next === "hour" || next === "minute"))
    return { count: 2, read: lengthOf(`1 ${next}`) };
  const count = lengthWords(words);
  if (count > 0) return { count, read: lengthOf(words.slice(0, count).join(" ")) };
  const isPart = /^\d+$/.test(word) || BEGINNINGS.has(word);
  return { count: 1, read: readWord(word, isPart ? `${word} ${next}`.trim() : word, reader) };
}

/** How many words from the first on are one length; 0: none are. */
function lengthWords(words: readonly string[]): number {
  const counts = words.map((_, i) => i + 1).filter((count) => readLength(words.slice(0, count).join(" ")) !== null);
  const count = counts.at(-1) ?? 0;
  // "3 days ago" is a day.
  return words[count] === "ago" ? 0 : count;
}

const isClockWord = (word: string): boolean => CLOCK.test(word);

function lengthOf(text: string): Read {
  const length = readLength(text);
  return length === null ? problem("") : { value: { kind: "duration", length } };
}

function readWord(word: string, shown: string, reader: Reader): Read {
  const { zone, now } = reader;
  if (isAnchor(word)) return readAnchor(word, reader);
  if (word === "now") return { value: { kind: "instant", at: now } };
  const [, first, second] = TWO_NUMBERS.exec(word) ?? [];
  const isBoth = first !== undefined && readClockWord(word) !== null && readDate(`${word}.`, zone, now) !== null;
  if (isBoth)
    return problem(
      `I cannot tell whether ${quoteTyped(word)} is a day or a time. Type ${word}. or ${first}:${second}.`,
    );
  if (isDayWord(word)) return readDay(word, reader);
  if (CLOCK.test(word)) {
    const clockMs = readClockWord(word);
    return clockMs === null ? noSuchClock(word) : { value: { kind: "clock", clockMs } };
  }
  if (first !== undefined) return readDay(`${word}.`, reader);
  return problem(`I cannot read ${quoteTyped(shown)} as a time. ${howToType(zone, now)}`);
}

/** A time of day, in ms; a number alone is none here. */
const readClockWord = (word: string): number | null => (CLOCK.test(word) ? readClock(word) : null);

function readAnchor(word: keyof Anchors, { anchors, zone, now }: Reader): Read {
  const at = anchors[word];
  if (at !== null) return { value: { kind: "instant", at } };
  const why = word === "alarm" ? "There was no alarm yet." : "No shift is known here.";
  return problem(`${why} ${howToType(zone, now)}`);
}

function readDay(word: string, { zone, now }: Reader): Read {
  const day = readDate(word, zone, now);
  const startAt = day === null ? null : startOfDay(day, zone);
  if (day === null || startAt === null) return noSuchDay(word, zone, now);
  // The day after may be one that the zone skips; then the one after that begins where this one ends.
  const endAt = startOfDay(dayOf(day, 1), zone) ?? startOfDay(dayOf(day, 2), zone);
  return endAt === null ? noSuchDay(word, zone, now) : { value: { kind: "day", startAt, endAt } };
}

function readDayAndClock(dayWord: string, clockWord: string, { zone, now }: Reader): Read {
  const day = readDate(dayWord, zone, now);
  if (day === null) return noSuchDay(dayWord, zone, now);
  const clockMs = readClockWord(clockWord);
  if (clockMs === null) return noSuchClock(clockWord);
  const at = clockOnDay(day, clockMs, zone);
  return typeof at === "number" ? { value: { kind: "instant", at } } : at;
}

/** The instant at which a clock in `zone` shows `clockMs` since midnight on the day of the reading `day`. */
export function clockOnDay(day: number, clockMs: number, zone: string): number | Problem {
  const reading = dayOf(day) + clockMs;
  const [at] = instantsOf(reading, zone);
  if (at !== undefined) return at;
  const shown = new Date(reading).toISOString();
  return problem(
    `The clocks were put forward on ${shown.slice(0, 10)}, so there was no ${shown.slice(11, 16)}. Type a time an hour later.`,
  );
}

function noSuchDay(word: string, zone: string, now: number): Problem {
  const [year, month, day] = exampleDay(zone, now).split("-").map(Number);
  return problem(
    `There is no day ${quoteTyped(word)} in the calendar. Type one such as ${exampleDay(zone, now)} or ${day}.${month}.${year}.`,
  );
}

function noSuchClock(word: string): Problem {
  return problem(`There is no time ${quoteTyped(word)}. Type one from 00:00 to 24:00.`);
}
