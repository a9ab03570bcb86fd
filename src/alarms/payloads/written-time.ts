import { inAnyScript } from "../../lib/text/any-script.ts";

/** Dates and times of day in a plant's plain text. They say when, and are no part of the name of what happened. */

const YEAR = String.raw`(?:19|20)\d\d`;
const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}";
const ZONE = String.raw`(?:\s?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)(?![\p{L}\p{N}]))?`;
const CLOCK = String.raw`(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:\s?[AaPp][Mm](?![\p{L}]))?${ZONE}`;
const DATE =
  String.raw`(?:${YEAR}(?<by>[-/.])\d\d?\k<by>\d\d?|\d\d?(?<of>[-/.])\d\d?\k<of>${YEAR}` +
  String.raw`|\d\d?\s${MONTH}\s${YEAR}|${MONTH}\s\d\d?,?\s${YEAR})`;
/** Without a year only a clock beside it makes it a date. */
const DAY = String.raw`(?:${MONTH}\s{1,2}\d\d?|\d\d?\s${MONTH}|\d\d?\.\d\d?\.(?:\d\d)?)`;
/** Hours and minutes alone may be an address (`Slot 03:12`), but not at the beginning, nor behind such words. */
const BEFORE_CLOCK = String.raw`(?:(?<=^[[(<]?)|(?<=(?<![\p{L}])(?:at|since|from|until|till|um|ab|seit|bis|klo|kl|kl\.|@)\s))`;
const MINUTE = String.raw`(?:[01]\d|2[0-3]):[0-5]\d${ZONE}`;
const START = String.raw`(?<![\p{L}\p{N}_:/-]|[\p{N}][.,])`;
const END = String.raw`(?![\p{L}\p{N}_]|[.,:/-][\p{N}])`;
const FULL_CLOCK = String.raw`(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d{1,9})?(?:\s?[AaPp][Mm](?![\p{L}]))?${ZONE}`;

const WRITTEN =
  String.raw`${START}(?:(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s)?(?:${DATE}(?:(?:[T,]|,?\s)\s?${CLOCK})?|${DAY},?\s${CLOCK}(?:\s${YEAR})?)` +
  String.raw`|${FULL_CLOCK}|(?:[01]?\d|2[0-3]):[0-5]\d\s?(?:[AaPp][Mm]|Uhr)|${BEFORE_CLOCK}${MINUTE})${END}`;

const expressionsFor = inAnyScript((make) => ({
  written: make(WRITTEN, "gu"),
  before: make(String.raw`^[^\p{L}\p{N}]{0,4}`, "u"),
  behind: make(String.raw`[^\p{L}\p{N}[(<]{0,4}`, "uy"),
}));

/** Each has one of these, and most texts have neither. */
const NEEDED = /\d:[0-5]\d|(?:19|20)\d\d/;

/** The text without them. */
export function withoutTimes(text: string): string {
  const rest = NEEDED.test(text) ? text.replace(expressionsFor(text).written, "") : text;
  return rest.replace(/\[\s?\]|\(\s?\)|<\s?>/g, "");
}

/** How much of a text is the time that it begins with, with what stands around that; 0: it begins with none. */
export function lengthOfLeadingTime(text: string): number {
  if (!NEEDED.test(text)) return 0;
  const { written, before, behind } = expressionsFor(text);
  const start = before.exec(text)?.[0].length ?? 0;
  written.lastIndex = start;
  const time = written.exec(text);
  if (time?.index !== start) return 0;
  behind.lastIndex = start + time[0].length;
  return behind.lastIndex + (behind.exec(text)?.[0].length ?? 0);
}
