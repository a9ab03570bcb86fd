const MINUTE_MS = 60_000;

/**
 * Reads a date as ThingSpeak writes it, to epoch ms UTC; `NaN` when it is none.
 * Takes `2021-07-27 12:04:19 UTC`, `2016-11-22 07:20:00 -0500` (REST), `2018-12-18T13:13:41+01:00` and `…Z` (JSON, web export).
 * A fraction of a second is taken to the millisecond. A date without a zone is refused: an offset is never assumed. Scans characters, because a million `Date.parse` calls take
 * a second and would take `2021-02-30` for the 2nd of March.
 */
export function parseEntryDate(text: string): number {
  const { prefix, suffix, hourAt } = lastHour;
  const zoneFrom = endOfFraction(text);
  const isSameHour =
    text.length === zoneFrom + suffix.length && text.startsWith(prefix) && text.endsWith(suffix) && text[16] === ":";
  if (isSameHour) return hourAt + minutesMs(text) + fractionMs(text, zoneFrom);

  const hour = parseHour(text, zoneFrom);
  const at = hour + minutesMs(text) + fractionMs(text, zoneFrom);
  if (!Number.isNaN(at)) lastHour = { prefix: text.slice(0, 14), suffix: text.slice(zoneFrom), hourAt: hour };
  return at;
}

/** Behind the seconds. */
const SECONDS_END = 19;

/** Where the zone begins: behind the seconds, and their fraction if there is one. */
function endOfFraction(text: string): number {
  const mark = text[SECONDS_END];
  if (mark !== "." && mark !== ",") return SECONDS_END;
  let end = SECONDS_END + 1;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

/** The milliseconds of the fraction that ends there; `NaN` if it has no digits. */
function fractionMs(text: string, end: number): number {
  if (end === SECONDS_END) return 0;
  return digitsAt(text.slice(SECONDS_END + 1, end).padEnd(3, "0"), 0, end === SECONDS_END + 1 ? 4 : 3);
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Entries come one after the other, so most dates are like the one before but for minutes and seconds: half the time. */
let lastHour = { prefix: "", suffix: "?", hourAt: 0 };

/** The minutes and seconds of a date; `NaN` if they are none. */
function minutesMs(text: string): number {
  const [minute, second] = [digitsAt(text, 14, 2), digitsAt(text, 17, 2)];
  return minute <= 59 && second <= 59 ? (minute * 60 + second) * 1_000 : Number.NaN;
}

/** When the hour of a date begins. */
function parseHour(text: string, zoneFrom: number): number {
  const separators = text[4] === "-" && text[7] === "-" && text[13] === ":" && text[16] === ":";
  if (!separators || (text[10] !== " " && text[10] !== "T")) return Number.NaN;

  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  const hour = digitsAt(text, 11, 2);
  // Years before 1000 would mean another century to Date.UTC, and are a broken clock anyway.
  const isDay = year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month, day);
  if (!isDay || !(hour <= 23)) return Number.NaN;

  return Date.UTC(year, month - 1, day, hour) - zoneOffsetMs(text.slice(zoneFrom));
}

/** The number that `count` digits from `index` on form; `NaN` if one of them is not a digit. */
function digitsAt(text: string, index: number, count: number): number {
  let number = 0;
  for (let i = index; i < index + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** Every month has 28 days, so the calendar is asked only for the rest. */
function daysInMonth(year: number, month: number, day: number): number {
  return day <= 28 ? 28 : new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** What follows the seconds: ` UTC`, `Z`, ` -0500`, `+01:00`; `NaN` for anything else. */
function zoneOffsetMs(zone: string): number {
  if (zone === " UTC" || zone === "Z") return 0;

  const sign = zone.trimStart();
  const hasColon = sign[3] === ":";
  if ((sign[0] !== "+" && sign[0] !== "-") || sign.length !== (hasColon ? 6 : 5)) return Number.NaN;
  const hours = digitsAt(sign, 1, 2);
  const minutes = digitsAt(sign, hasColon ? 4 : 3, 2);
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN;
  return (sign[0] === "-" ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}
