import { numberOf, type Quantity } from "../../lib/text/quantity.ts";
import { withoutTimes } from "./written-time.ts";

/**
 * Finds the measured values in a plant's plain text: a decimal (`82.1`), or a number with a unit (`450 rpm`, `12 A`).
 * Other numbers (`Pump 3`, `E0417`, `w0001`, versions, addresses) are part of a name. In doubt it is a name:
 * then it is another alarm and rings, which is better than hiding one behind a counter.
 */

const UNITS = [
  "°C", "°F", "℃", "K/min", "°C/min", "degC", "deg C", "degF", "%", "‰", "%RH", "%rH", "Ω", "kΩ", "MΩ", "ohm", "Ohm", "µm", "μm", "um",
  "nm", "mm", "cm", "mm/s", "mm/min", "m/s", "m/min", "m/s²", "km/h", "m³", "m3", "m³/h", "m3/h", "m³/s", "m3/s", "m³/min", "m3/min",
  "l/s", "L/s", "l/min", "L/min", "l/h", "L/h", "ml", "ml/min", "gpm", "cfm", "rpm", "RPM", "1/min", "r/min", "U/min", "rev/min",
  "min⁻¹", "Hz", "kHz", "MHz", "mA", "kA", "mV", "kV", "mW", "kW", "MW", "GW", "kWh", "MWh", "Wh", "Ah", "VA", "kVA", "MVA", "var", "kvar",
  "Mvar", "Nm", "kN", "kNm", "N/mm²", "Pa", "hPa", "kPa", "MPa", "bar", "Bar", "barg", "bara", "bar(g)", "bar(a)", "mbar", "mbarg",
  "psi", "PSI", "psig", "mmHg", "mmH2O", "inH2O", "Torr", "dB", "dBA", "ppm", "ppb", "ms", "µs", "sec", "hrs", "hours", "days", "kg", "kg/h",
  "kg/s", "kg/m³", "kg/m3", "g/l", "mg/l", "mg/m³", "mg/m3", "t/h", "t/d", "°", "rad/s", "mT", "lx", "pH", "NTU", "cSt", "cP", "mPas",
  "µS/cm", "mS/cm", "kJ", "MJ", "kB", "MB", "GB", "TB", "kbit/s", "Mbit/s", "MB/s",
] as const; // prettier-ignore

/** These may well be part of a name (`Line 3 A`, `Tank 3 min level`): a unit only after a decimal or two or more digits. */
const SHORT_UNITS = ["A", "V", "W", "K", "N", "C", "F", "g", "s", "h", "m", "l", "T", "t", "J", "min", "deg"] as const;

const alternatives = (units: readonly string[]) =>
  [...units]
    .sort((a, b) => b.length - a.length)
    .map((unit) => unit.replace(/[/()]/g, String.raw`\$&`))
    .join("|");

/** Behind these a number begins, so that a blank in it separates thousands; in `Pump 3 450 rpm` that cannot be told. */
const QUANTITIES = [
  "speed", "flow", "power", "load", "pressure", "temperature", "level", "current", "voltage", "torque", "force", "frequency", "count",
  "drehzahl", "druck", "temperatur", "durchfluss", "leistung", "nopeus", "paine", "lämpötila", "virtaus", "teho", "varvtal", "tryck",
  "flöde", "effekt",
] as const; // prettier-ignore
const RELATIONS = "at|to|of|is|was|by|above|below|over|under|with|than|limit|value|max|min";
const anyCase = (word: string): string => `[${word.slice(0, 1).toUpperCase()}${word.slice(0, 1)}]${word.slice(1)}`;
const BEFORE_BLANKS = String.raw`(?<=^|[:=<>≤≥(] ?|(?<![\p{L}\p{N}])(?:${RELATIONS}) |(?:${QUANTITIES.map(anyCase).join("|")}) )`;
const SIGN = "[-+−]?";
const BLANKS = String.raw`${BEFORE_BLANKS}${SIGN}\d{1,3}(?: \d{3})+(?!\d)`;
/** Groups that nothing else looks like. */
const GROUPS = String.raw`${SIGN}\d{1,3}(?:[\u00a0\u2007\u2009\u202f'’]\d{3})+(?!\d)|${SIGN}\d{1,3}(?:,\d{3}){2,}(?!\d)|${SIGN}\d{1,3}(?: \d{3}){2,}(?!\d)`;
const GROUPED = `(?:${BLANKS}|${GROUPS})`;
/** As German programs write them; without a unit it may be a version. */
const POINTS = String.raw`${SIGN}\d{1,3}(?:\.\d{3}){2,}(?!\d)`;
const MIXED = String.raw`${SIGN}\d{1,3}(?:(?:,\d{3})+\.\d+|(?:\.\d{3})+,\d+)`;
const DECIMAL = String.raw`(?:${MIXED}|(?:${GROUPED}|${SIGN}\d+)[.,]\d+(?:[eE][-+]?\d+)?)`;
const END = String.raw`(?![\p{L}\p{N}_/²³])`;
/** Not inside a word, a version, a date or an address. */
const START = String.raw`(?<![\p{L}\p{N}_.,/-]|\p{N}:)`;

const MEASURED = new RegExp(
  `${START}(?:(?<number>${POINTS}|${DECIMAL}|${GROUPED}|${SIGN}\\d+)\\s?(?<unit>${alternatives(UNITS)})${END}` +
    `|(?<number>${DECIMAL}|${GROUPED}|${SIGN}\\d{2,})\\s?(?<unit>${alternatives(SHORT_UNITS)})${END}` +
    `|(?<number>${DECIMAL}|${GROUPS})(?![\\p{L}\\p{N}_]|[.,:/-]\\p{N}))`,
  "gu",
);

/** A first group of thousands, or the number of a machine. */
const GROUP_BEFORE = /(?<![\p{L}\p{N}.,:/-])\d{1,3} $/u;

/**
 * The text with each measured value replaced by one mark, and without dates and times of day: equal for two texts that differ in
 * nothing else.
 */
export function withoutMeasured(text: string): string {
  return withoutTimes(text)
    .replace(MEASURED, "#")
    .replace(/\s+/g, " ")
    .replace(/ ?([:=]) ?#/g, "$1 #")
    .trim();
}

/** The first measured value in a text, with its unit if it has one; `null` if there is none. */
export function firstMeasured(text: string): Quantity | null {
  const words = withoutTimes(text);
  for (const { groups, index } of words.matchAll(MEASURED)) {
    const number = groups?.["number"] ?? "";
    const value = numberOf(number);
    if (value === undefined) continue;
    const isDoubtful = /^\d{3}(?!\d)/.test(number) && GROUP_BEFORE.test(words.slice(Math.max(0, index - 6), index));
    return { value: isDoubtful ? null : value, unit: groups?.["unit"] ?? null };
  }
  return null;
}
