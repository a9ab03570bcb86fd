/**
 * Finds the measured values in a plant's plain text: a decimal (`82.1`), or a number with a unit (`450 rpm`, `12 A`).
 * Other numbers (`Pump 3`, `E0417`, `w0001`, dates, versions, addresses) are part of a name. In doubt it is a name:
 * then it is another alarm and rings, which is better than hiding one behind a counter.
 */

const UNITS = [
  "°C", "°F", "℃", "%", "‰", "Ω", "kΩ", "MΩ", "ohm", "µm", "μm", "um", "nm", "mm", "cm", "mm/s", "m/s", "m/s²", "km/h",
  "m³/h", "l/min", "l/h", "rpm", "1/min", "r/min", "min⁻¹", "Hz", "kHz", "MHz", "mA", "kA", "mV", "kV", "mW", "kW",
  "MW", "kWh", "MWh", "VA", "kVA", "var", "Nm", "kN", "kNm", "Pa", "hPa", "kPa", "MPa", "bar", "mbar", "psi", "dB",
  "dBA", "ppm", "ppb", "ms", "µs", "sec", "kg", "kg/h", "°", "deg", "rad/s", "mT", "lx", "pH",
] as const; // prettier-ignore

/** One letter may well be a name (`Line 3 A`): it is a unit only after a decimal or a number of two or more digits. */
const SHORT_UNITS = ["A", "V", "W", "K", "N", "C", "F", "g", "s", "h", "m", "l", "T"] as const;

const alternatives = (units: readonly string[]) =>
  [...units]
    .sort((a, b) => b.length - a.length)
    .map((unit) => unit.replace(/[/]/g, "\\/"))
    .join("|");

const NUMBER = String.raw`[-+−]?\d+`;
const DECIMAL = String.raw`${NUMBER}[.,]\d+(?:[eE][-+]?\d+)?`;
const END = String.raw`(?![\p{L}\p{N}_/²³])`;
/** Not inside a word, a version, a date or an address. */
const START = String.raw`(?<![\p{L}\p{N}_.,:/-])`;

const MEASURED = new RegExp(
  `${START}(?:(?<number>${DECIMAL}|${NUMBER})\\s?(?<unit>${alternatives(UNITS)})${END}` +
    `|(?<number>${DECIMAL}|${NUMBER}\\d)\\s?(?<unit>${alternatives(SHORT_UNITS)})${END}` +
    `|(?<number>${DECIMAL})(?![\\p{L}\\p{N}_]|[.,:/-]\\p{N}))`,
  "gu",
);

/** The text with each measured value replaced by one mark: equal for two texts that differ only in measured values. */
export function withoutMeasured(text: string): string {
  return text.replace(MEASURED, "#");
}

/** The first measured value in a text, with its unit if it has one; `null` if there is none. */
export function firstMeasured(text: string): { value: number; unit: string | null } | null {
  for (const match of text.matchAll(MEASURED)) {
    const value = Number((match.groups?.["number"] ?? "").replace("−", "-").replace(",", "."));
    if (Number.isFinite(value)) return { value, unit: match.groups?.["unit"] ?? null };
  }
  return null;
}
