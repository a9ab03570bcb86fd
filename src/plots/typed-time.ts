import { dayOf, instantsOf, readingAt, startOfDay } from "../wall-clock.ts";

/** What a person typed cannot be used; `problem` is a sentence for that person, plain text, that says what to type instead. */
export interface Problem {
  readonly ok: false;
  readonly problem: string;
}

/** A time as typed, which becomes an instant only as the start or the end of a period. Instants are epoch ms. */
export type TypedTime =
  | { readonly kind: "day"; readonly startAt: number; readonly endAt: number }
  | { readonly kind: "instant"; readonly at: number }
  /** A time without a day, as ms since midnight. */
  | { readonly kind: "clock"; readonly clockMs: number }
  | { readonly kind: "duration"; readonly durationMs: number };

/** What people may name instead of a time; epoch ms, `null`: there was none. */
export interface Anchors {
  /** When the shift that works now started. */
  readonly shift: number | null;
  /** Some time before the newest alarm began. */
  readonly alarm: number | null;
}

/** Where nothing is known of shifts and alarms. */
export const NO_ANCHORS: Anchors = { shift: null, alarm: null };

/** How to type a period, for the end of a sentence. */
export const HOW_TO_TYPE =
  "Type a day such as 2018-08-20, a day and a time such as 2018-08-20 14:30, or a length such as 24h.";

const ISO_DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const EUROPEAN_DATE = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const DURATION = /^(\d{1,5})(m|h|d|w)$/;
const DURATION_UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const DAYS_AGO: Readonly<Record<string, number>> = { today: 0, yesterday: 1 };

/** Echoing more than this would bury the sentence. */
const ECHO_LIMIT = 40;

/** Splits what was typed into words, in lower case; a `T` between date and time separates like a space. */
export function toWords(text: string): readonly string[] {
  const words = text.trim().toLowerCase().split(/\s+/);
  return words.flatMap((word) => (/^\d[\d.-]*t\d/.test(word) ? word.split("t") : word)).filter((word) => word !== "");
}

/** Whether a word of `toWords` is (part of) a time by its form, be it a possible one or not. */
export function isTimeWord(word: string): boolean {
  return word === "now" || isAnchor(word) || isDayWord(word) || CLOCK.test(word) || DURATION.test(word);
}

const isAnchor = (word: string): word is keyof Anchors => word === "shift" || word === "alarm";

function isDayWord(word: string): boolean {
  return Object.hasOwn(DAYS_AGO, word) || ISO_DATE.test(word) || EUROPEAN_DATE.test(word);
}

/**
 * Reads words as times, in the zone of the reader: `2018-08-20`, `20.8.2018`, `today`, `yesterday`, each also followed by
 * `14:30` or `14:30:15`; a time alone; `now`; and lengths in minutes, hours, days of 24 h and weeks (`90m`, `24h`, `7d`, `2w`).
 * Of a time that occurs twice when summer time ends, the first is meant. `shift` and `alarm` are what `anchors` says.
 * @param now epoch ms
 */
export function readTimes(
  words: readonly string[],
  zone: string,
  now: number,
  anchors: Anchors,
): { readonly ok: true; readonly times: readonly TypedTime[] } | Problem {
  const times: TypedTime[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const next = words[i + 1] ?? "";
    const hasClock = isDayWord(word) && CLOCK.test(next);
    const read = hasClock ? readDayAndClock(word, next, zone, now) : readWord(word, zone, now, anchors);
    if (!read.ok) return read;
    times.push(read.time);
    if (hasClock) i += 1;
  }
  return { ok: true, times };
}

type Read = { readonly ok: true; readonly time: TypedTime } | Problem;

function readWord(word: string, zone: string, now: number, anchors: Anchors): Read {
  if (isAnchor(word)) return readAnchor(word, anchors);
  if (word === "now") return { ok: true, time: { kind: "instant", at: now } };
  if (isDayWord(word)) return readDay(word, zone, now);
  if (CLOCK.test(word)) {
    const clockMs = readClock(word);
    return clockMs === null ? noSuchClock(word) : { ok: true, time: { kind: "clock", clockMs } };
  }
  const [, count, unit] = DURATION.exec(word) ?? [];
  if (count !== undefined) {
    const durationMs = Number(count) * DURATION_UNITS_MS[unit as keyof typeof DURATION_UNITS_MS];
    return { ok: true, time: { kind: "duration", durationMs } };
  }
  return problem(`I cannot read ${quote(word)}. ${HOW_TO_TYPE}`);
}

function readAnchor(word: keyof Anchors, anchors: Anchors): Read {
  const at = anchors[word];
  if (at !== null) return { ok: true, time: { kind: "instant", at } };
  return problem(
    word === "alarm" ? `There was no alarm yet. ${HOW_TO_TYPE}` : `No shift is known here. ${HOW_TO_TYPE}`,
  );
}

function readDay(word: string, zone: string, now: number): Read {
  const day = readDate(word, zone, now);
  const startAt = day === null ? null : startOfDay(day, zone);
  if (day === null || startAt === null) return noSuchDay(word);
  // The day after may be one that the zone skips; then the one after that begins where this one ends.
  const endAt = startOfDay(dayOf(day, 1), zone) ?? startOfDay(dayOf(day, 2), zone);
  return endAt === null ? noSuchDay(word) : { ok: true, time: { kind: "day", startAt, endAt } };
}

function readDayAndClock(dayWord: string, clockWord: string, zone: string, now: number): Read {
  const day = readDate(dayWord, zone, now);
  if (day === null) return noSuchDay(dayWord);
  const clockMs = readClock(clockWord);
  if (clockMs === null) return noSuchClock(clockWord);
  const at = clockOnDay(day, clockMs, zone);
  return typeof at === "number" ? { ok: true, time: { kind: "instant", at } } : at;
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

/** The day that a word names, as a reading at midnight; `null` for one that no calendar has. */
function readDate(word: string, zone: string, now: number): number | null {
  const daysAgo = DAYS_AGO[word];
  if (daysAgo !== undefined) return dayOf(readingAt(now, zone), -daysAgo);
  const [, isoYear, isoMonth, isoDay] = ISO_DATE.exec(word) ?? [];
  const [, day = isoDay, month = isoMonth, year = isoYear] = EUROPEAN_DATE.exec(word) ?? [];
  const reading = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(reading);
  // Date.UTC takes 31.2. for the 3rd of March, and the year 70 for 1970.
  const isKept = date.getUTCFullYear() === Number(year) && date.getUTCMonth() === Number(month) - 1;
  return isKept && date.getUTCDate() === Number(day) ? reading : null;
}

function readClock(word: string): number | null {
  const [, hour, minute, second] = (CLOCK.exec(word) ?? []).map(Number);
  const seconds = second || 0;
  if (hour === undefined || minute === undefined || hour > 23 || minute > 59 || seconds > 59) return null;
  return ((hour * 60 + minute) * 60 + seconds) * 1_000;
}

/** A problem with its sentence. */
export function problem(sentence: string): Problem {
  return { ok: false, problem: sentence };
}

/** What somebody typed, for use in a sentence. */
export function quote(text: string): string {
  return text === "" || text.length > ECHO_LIMIT ? "that" : `“${text}”`;
}

function noSuchDay(word: string): Problem {
  return problem(`There is no day ${quote(word)} in the calendar. Type one such as 2018-08-20 or 20.8.2018.`);
}

function noSuchClock(word: string): Problem {
  return problem(`There is no time ${quote(word)}. Type one from 00:00 to 23:59.`);
}
