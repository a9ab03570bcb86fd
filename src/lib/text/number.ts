/** Decimal notation only: `Number` alone also takes blanks, `0x10` and `Infinity`. Plants write decimal commas as well. */
const DECIMAL = /^\s*[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?\s*$/i;

/** Reads text as a number; `NaN` for whatever is none: `nan`, `inf`, `()`, words, blanks. */
export function parseDecimal(text: string): number {
  if (!DECIMAL.test(text)) return Number.NaN;
  const value = Number(text.includes(",") ? text.replace(",", ".") : text);
  return Number.isFinite(value) ? value : Number.NaN;
}

const MINUS = "\u2212";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** Digits of a number that are certain, whatever it is: IEEE 754, double precision. */
export const CERTAIN_DIGITS = 15;
/** Smaller ones would be mostly zeros. */
const SMALLEST_PLAIN = 1e-6;

/**
 * A measured value with all its digits, no trailing zeros: `82.1`, `1,763,904,193`. Beyond 2⁵³, where doubles do not hold each whole
 * number any more, and below a millionth, as `3.4×10³⁸`.
 */
function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= SMALLEST_PLAIN && size <= Number.MAX_SAFE_INTEGER)) return formatDigits(String(value));
  const certain = size < 1 ? value : Number(value.toPrecision(CERTAIN_DIGITS));
  return formatDigits(certain.toExponential());
}

/** Digits as they came, in the form of all numbers: a proper minus, thousands in groups, a power of ten as `×10³⁸`. */
export function formatDigits(text: string): string {
  const [, sign = "", whole = "", rest = "", power] = /^([+-]?)(\d*)(\.?\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = `${sign.replace("+", "")}${whole.replace(/\B(?=(?:\d{3})+$)/g, ",")}${rest}`;
  return `${withSign(digits)}${power === undefined ? "" : timesTenTo(Number(power))}`;
}

/** How a power of ten is written behind a number: `×10⁻³`. */
export function timesTenTo(power: number): string {
  return `×10${String(power)
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? "")}`;
}

/** A number with so many decimals; what comes to nothing has no sign. */
export function formatFixed(value: number, decimals: number): string {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? formatNumber(value) : formatDigits(value.toFixed(decimals));
}

/** The digits of a number with a proper minus, which zero has none of. */
export function withSign(digits: string): string {
  return /[1-9]/.test(digits) ? digits.replace("-", MINUS) : digits.replace("-", "");
}

/** The decimals with which `formatQuantity` writes a value, powers of ten written out. */
export function decimalsOf(value: number): number {
  const [mantissa = "", power = "0"] = String(value).split("e");
  return Math.max(0, (mantissa.split(".")[1] ?? "").length - Number(power));
}

/** A value with its unit: `82.1 °C`, `5 %`; without one, the number alone. */
export function formatQuantity(value: number, unit: string | null): string {
  return unit === null ? formatNumber(value) : `${formatNumber(value)} ${unit}`;
}

/** A count with its thousands apart: `40,320`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** A size as people read it: `512 B`, `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const size = bytes / 1000 ** power;
  return `${size >= 100 || power === 0 ? Math.round(size) : size.toFixed(1)} ${BYTE_UNITS[power]}`;
}
