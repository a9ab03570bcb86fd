import type { Problem, Parsed } from "../lib/text/parsed.ts";
import { after } from "../lib/time/duration.ts";
import { formatMinute, formatSecond } from "../lib/time/time.ts";
import { prepareNaturalWords, readNaturalWords } from "./natural-words.ts";
import { clockOnDay, readTimes } from "./typed-time.ts";
import { howToType, problem } from "./problem.ts";
import { isTimeWord, NO_ANCHORS, toWords } from "./time-words.ts";
import type { TypedTime } from "./typed-time.ts";
import { dayOf, readingAt, startOfDay } from "../lib/time/wall-clock.ts";

/** A stretch of time, in epoch ms: `startAt` belongs to it, `endAt` does not, and comes after it. */
export interface Period {
  readonly startAt: number;
  readonly endAt: number;
  /**
   * What of it goes on as the clock does, where it ends now: `end`, if it begins at an instant, as `today` or `shift` do; `whole`, if it
   * is a length. Left out: nothing.
   */
  readonly goesOn?: "end" | "whole";
}

/** The end of what has none but the clock's. */
const OPEN = Number.POSITIVE_INFINITY;

/** A period, or why there is none. */
export type PeriodResult = Parsed<Period>;

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
] as const;

/**
 * Reads a period as typed in one line. One length is that long until now; one day is that day; one instant is from then
 * until now; two times are a start and an end, as `parseStart` and `parseEnd` read them.
 * @param zone IANA name
 * @param now epoch ms; an end after it is cut to it, as nothing is measured yet
 */
export function parsePeriod(text: string, zone: string, now: number, anchors = NO_ANCHORS): PeriodResult {
  const read = readTimes(wordsOf(text), zone, now, anchors);
  if ("problem" in read) {
    const natural = naturalOf(text, zone, now);
    return natural ? check(natural.startAt, natural.endAt < now ? natural.endAt : OPEN, zone, now) : read;
  }
  const [start, end, ...rest] = read.value;
  if (start === undefined || rest.length > 0) return problem(`Give one start and one end. ${howToType(zone, now)}`);
  const startAt = end?.kind === "instant" ? startBefore(start, end.at, zone, now) : startOf(start, end, zone, now);
  if (typeof startAt !== "number") return startAt;
  const endAt = end ? endOf(end, startAt, zone, now) : start.kind === "day" ? start.endAt : OPEN;
  if (typeof endAt !== "number") return endAt;
  const period = check(startAt, endAt, zone, now);
  const goesOnWhole = "value" in period && period.value.goesOn !== undefined && start.kind === "duration";
  return goesOnWhole ? { value: { ...period.value, goesOn: "whole" } } : period;
}

/** What was typed, in words; what a button says may be typed, too. */
function wordsOf(text: string): readonly string[] {
  const typed = text.trim().toLowerCase();
  return toWords(PRESETS.find(({ label }) => label.toLowerCase() === typed)?.id ?? text);
}

/**
 * Reads the answer to "from when?". `endAt` is `null` if it is still to be asked for; a length is the whole answer, and so
 * are two times. A time without a day is today's.
 */
export function parseStart(
  text: string,
  zone: string,
  now: number,
  anchors = NO_ANCHORS,
): Parsed<{ readonly endAt: number | null } & Omit<Period, "endAt">> {
  const read = readTimes(wordsOf(text), zone, now, anchors);
  const period = parsePeriod(text, zone, now, anchors);
  if ("problem" in read) {
    const hasEnd = naturalOf(text, zone, now)?.hasEnd ?? true;
    return "value" in period && !hasEnd ? { value: { ...period.value, endAt: null } } : period;
  }
  const isWhole = read.value.length > 1 || read.value[0]?.kind === "duration";
  return "value" in period && !isWhole ? { value: { ...period.value, endAt: null } } : period;
}

/**
 * Reads the answer to "until when?". A day counts to its end, a length from the start, and a time without a day is the first
 * such time after the start.
 * @param startAt epoch ms
 */
export function parseEnd(text: string, startAt: number, zone: string, now: number): PeriodResult {
  const read = readTimes(toWords(text), zone, now, NO_ANCHORS);
  if ("problem" in read) {
    const natural = naturalOf(text, zone, now);
    return natural ? check(startAt, natural.endAt < now ? natural.endAt : OPEN, zone, now) : read;
  }
  const [end, ...rest] = read.value;
  if (end === undefined || rest.length > 0) return problem(`Give one end. ${howToType(zone, now)}`);
  const endAt = endOf(end, startAt, zone, now);
  return typeof endAt === "number" ? check(startAt, endAt, zone, now) : endAt;
}

/**
 * Makes ready what reads a text with words that are no times by their form. To be waited for before the text is read: the first of them
 * would hold up everybody else otherwise.
 */
export async function prepareFor(text: string): Promise<void> {
  if (!toWords(text).every(isTimeWord)) await prepareNaturalWords();
}

/** Words that all have the form of a time are ours: of a day that no calendar has, chrono makes another one. */
function naturalOf(text: string, zone: string, now: number): ReturnType<typeof readNaturalWords> {
  return toWords(text).every(isTimeWord) ? null : readNaturalWords(text, zone, now);
}

/** The start of what ends at an instant: a time without a day is the last one before it, as in "6:00 to 14:00 yesterday". */
function startBefore(time: TypedTime, endAt: number, zone: string, now: number): number | Problem {
  if (time.kind !== "clock") return startOf(time, undefined, zone, now);
  const day = readingAt(endAt, zone);
  const at = clockOnDay(day, time.clockMs, zone);
  return typeof at === "number" && at >= endAt ? clockOnDay(dayOf(day, -1), time.clockMs, zone) : at;
}

function startOf(time: TypedTime, end: TypedTime | undefined, zone: string, now: number): number | Problem {
  switch (time.kind) {
    case "day":
      return time.startAt;
    case "instant":
      return time.at;
    case "clock":
      // From ten to six, asked for in the morning, is last night.
      return end?.kind === "clock"
        ? startBefore(time, now, zone, now)
        : clockOnDay(readingAt(now, zone), time.clockMs, zone);
    case "duration":
      return after(now, time.length, zone, -1);
  }
}

function endOf(time: TypedTime, startAt: number, zone: string, now: number): number | Problem {
  switch (time.kind) {
    case "day":
      return time.endAt;
    case "instant":
      return time.at < now ? time.at : OPEN;
    case "clock": {
      const day = readingAt(startAt, zone);
      const at = clockOnDay(day, time.clockMs, zone);
      return typeof at === "number" && at <= startAt ? clockOnDay(dayOf(day, 1), time.clockMs, zone) : at;
    }
    case "duration":
      return after(startAt, time.length, zone);
  }
}

function check(startAt: number, typedEndAt: number, zone: string, now: number): PeriodResult {
  if (startAt < 0) return problem("That is before 1970. Type a later day or a shorter length.");
  if (startAt >= now) {
    return problem(
      `${formatMinute(startAt, zone)} is not past yet. Type an earlier start, for example yesterday 14:30.`,
    );
  }
  const endAt = Math.min(typedEndAt, now);
  if (endAt > startAt) return { value: { startAt, endAt, ...(typedEndAt > now ? { goesOn: "end" } : {}) } };
  return problem(`The end must come after the start, ${formatMinute(startAt, zone)}. Type a later end, or now.`);
}

/** Below this a period is told with its seconds. */
const SHORT_MS = 300_000;
const MINUTE_MS = 60_000;

/** A period as people read it: `2018-08-20`, `2018-08-20 → 08-21` (both included), `2018-08-20 14:30 → 15:30`, `2018-08-20 14:30 → 08-21 08:00`. */
export function formatPeriodAsTyped({ startAt, endAt }: Period, zone: string): string {
  const isMinutes = startAt % MINUTE_MS === 0 && endAt % MINUTE_MS === 0;
  const format = endAt - startAt < SHORT_MS && !isMinutes ? formatSecond : formatMinute;
  const [start, end] = [format(startAt, zone), format(endAt, zone)];
  const isWholeDays = [startAt, endAt].every((at) => at === startOfDay(readingAt(at, zone), zone));
  if (!isWholeDays) return `${start} → ${endBeside(start, end)}`;
  const [firstDay, lastDay] = [start.slice(0, 10), formatMinute(endAt - 1, zone).slice(0, 10)];
  return firstDay === lastDay ? firstDay : `${firstDay} → ${endBeside(firstDay, lastDay)}`;
}

/** An end without the date, or the year, that its start has, too. */
function endBeside(start: string, end: string): string {
  const plain = ["2018-08-20 ", "2018-"].find(({ length }) => start.slice(0, length) === end.slice(0, length));
  return end.slice(plain?.length ?? 0);
}
