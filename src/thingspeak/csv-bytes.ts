import { numberAt } from "../measurements/series.ts";

/** Bytes that mean something in CSV. */
export const [LINE_FEED, RETURN, QUOTE] = [0x0a, 0x0d, 0x22];
export const [COMMA, MINUS, POINT, ZERO] = [0x2c, 0x2d, 0x2e, 0x30];
const [COLON, NINE] = [0x3a, 0x39];
/** `2021-07-27 12:04:19`, behind which the zone begins, and as much of it as names the hour. */
export const [DATE_LENGTH, HOUR_LENGTH] = [19, 14];

export const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;

/** The end of the feed ends a cell, too. */
export const endsCell = (byte: number | undefined): boolean =>
  byte === COMMA || byte === LINE_FEED || byte === RETURN || byte === undefined;

export function endOfCell(csv: Uint8Array, from: number): number {
  let at = from;
  while (!endsCell(csv[at])) at++;
  return at;
}

/** The minutes and seconds of a date, ms; −1: they are none. */
export function minutesIn(csv: Uint8Array, from: number): number {
  const minute = pairAt(csv, from + HOUR_LENGTH);
  const second = pairAt(csv, from + HOUR_LENGTH + 3);
  const isTime = minute >= 0 && minute <= 59 && second >= 0 && second <= 59 && csv[from + HOUR_LENGTH + 2] === COLON;
  return isTime ? (minute * 60 + second) * 1_000 : -1;
}

/** Two digits; −1: they are none. */
function pairAt(csv: Uint8Array, at: number): number {
  return isDigit(csv[at]) && isDigit(csv[at + 1]) ? (numberAt(csv, at) - ZERO) * 10 + numberAt(csv, at + 1) - ZERO : -1;
}
