import { inAnyScript } from "../../lib/text/any-script.ts";
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
/** Behind a unit. */
const END = String.raw`(?![\p{L}\p{N}_/²³])`;
/** The unit that begins with a digit may stand right behind them: `4501/min`. */
const DIGITS = String.raw`(?:\d+?(?=1\/min${END})|\d+)`;
const BLANKS = String.raw`(?=${SIGN}\d+ \d)${BEFORE_BLANKS}${SIGN}\d{1,3}(?: \d{3})+(?!\d)`;
/** Groups that nothing else looks like. */
const GROUPS = String.raw`${SIGN}\d{1,3}(?:(?:[\u00a0\u2007\u2009\u202f'’]\d{3})+|(?:,\d{3}){2,}|(?: \d{3}){2,})(?!\d)`;
const DECIMALS = String.raw`(?<decimals>[.,]${DIGITS}(?:[eE][-+]?${DIGITS})?)`;
const MIXED = String.raw`${SIGN}\d{1,3}(?:(?:,\d{3})+(?<decimals>\.${DIGITS})|(?:\.\d{3})+(?<decimals>,${DIGITS}))`;
/** As German programs write them; without a unit it may be a version. */
const POINTS = String.raw`${SIGN}\d{1,3}(?:\.\d{3}){2,}(?!\d)`;

/** Each for itself: in one expression for all of a value, the units would be compiled once for each form of a number, which takes 20 ms. */
const expressionsFor = inAnyScript((make) => ({
  /** Where a number may begin: not inside a word, a version, a date or an address. */
  start: make(String.raw`(?=${SIGN}\d)(?<![\p{L}\p{N}_.,/-]|[\p{N}]:)`, "gu"),
  /** The longest that can be read. */
  number: make(
    `(?:(?<groups>${GROUPS})|${BLANKS})${DECIMALS}?|${MIXED}|(?<points>${POINTS})|${SIGN}${DIGITS}${DECIMALS}?`,
    "uy",
  ),
  unit: make(String.raw`\s?(?:(?<unit>${alternatives(UNITS)})|(?<short>${alternatives(SHORT_UNITS)}))${END}`, "uy"),
  /** What is measured without a unit, too. */
  bare: make(
    String.raw`(?:(?:${GROUPS}|${BLANKS})${DECIMALS}|${MIXED}|${SIGN}\d+${DECIMALS}|${GROUPS})(?![\p{L}\p{N}_]|[.,:/-][\p{N}])`,
    "uy",
  ),
  /** A first group of thousands, or the number of a machine. */
  groupBefore: make(String.raw`(?<![\p{L}\p{N}.,:/-])\d{1,3} $`, "u"),
}));

type Expressions = ReturnType<typeof expressionsFor>;

/** A measured value in a text. */
interface Measured {
  readonly start: number;
  readonly end: number;
  /** As it is written. */
  readonly number: string;
  readonly unit: string | null;
}

function* measuredIn(text: string): Generator<Measured> {
  const expressions = expressionsFor(text);
  let found = matchAt(expressions.start, text, 0);
  while (found) {
    const measured = measuredAt(text, found.index, expressions);
    if (measured) yield measured;
    found = matchAt(expressions.start, text, measured?.end ?? found.index + 1);
  }
}

/** The value that begins there; `null`: its number is part of a name. */
function measuredAt(text: string, start: number, { number, unit, bare }: Expressions): Measured | null {
  const longest = matchAt(number, text, start);
  if (!longest) return null;
  const [digits] = longest;
  const { decimals, groups, points } = longest.groups ?? {};
  const behind = start + digits.length;
  const named = matchAt(unit, text, behind);
  const mayBeShort = points === undefined && !/^\D?\d$/.test(digits);
  const name = named?.groups?.["unit"] ?? (mayBeShort ? named?.groups?.["short"] : undefined);
  if (named && name !== undefined) return { start, end: behind + named[0].length, number: digits, unit: name };
  const alone = (decimals ?? groups) === undefined ? null : matchAt(bare, text, start);
  return alone && { start, end: start + alone[0].length, number: alone[0], unit: null };
}

function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(text);
}

/** What is known of a text's measured values. */
interface Found {
  readonly without: string;
  readonly first: Quantity | null;
}

/** Of the newest texts, and of those before them: each is asked for when an alarm is read, told from others and shown. */
let [recent, former] = [new Map<string, Found>(), new Map<string, Found>()];
const MAX_RECENT = 200;
/** What is known of texts is kept below that length: of a longer one a piece of it would hold the whole. */
export const MAX_KEPT = 200;

function foundIn(text: string): Found {
  const known = recent.get(text) ?? former.get(text);
  if (known) return known;
  const found = lookThrough(withoutTimes(text));
  if (recent.size >= MAX_RECENT) [recent, former] = [new Map(), recent];
  if (text.length < MAX_KEPT) recent.set(text, found);
  return found;
}

function lookThrough(words: string): Found {
  let [marked, from] = ["", 0];
  let first: Quantity | null = null;
  for (const measured of measuredIn(words)) {
    marked += `${words.slice(from, measured.start)}#`;
    from = measured.end;
    first ??= quantityOf(measured, words);
  }
  const without = `${marked}${words.slice(from)}`.replace(/\s+/g, " ").replace(/ ?([:=]) ?#/g, "$1 #");
  return { without: without.trim(), first };
}

/** `null`: its digits are no number. */
function quantityOf({ number, unit, start }: Measured, words: string): Quantity | null {
  const value = numberOf(number);
  if (value === undefined) return null;
  const before = words.slice(Math.max(0, start - 6), start);
  const isDoubtful = /^\d{3}(?!\d)/.test(number) && expressionsFor(before).groupBefore.test(before);
  return { value: isDoubtful ? null : value, unit };
}

/**
 * The text with each measured value replaced by one mark, and without dates and times of day: equal for two texts that differ in
 * nothing else.
 */
export const withoutMeasured = (text: string): string => foundIn(text).without;

/** The first measured value in a text, with its unit if it has one; `null` if there is none. */
export const firstMeasured = (text: string): Quantity | null => foundIn(text).first;
