/** Decimal notation only: `Number` alone also takes blanks, `0x10` and `Infinity`. Plants write decimal commas as well. */
const DECIMAL = /^\s*[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?\s*$/i;

/** Reads text as a number; `NaN` for whatever is none: `nan`, `inf`, `()`, words, blanks. */
export function parseDecimal(text: string): number {
  if (!DECIMAL.test(text)) return Number.NaN;
  const value = Number(text.includes(",") ? text.replace(",", ".") : text);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** A measured value as people read it: six significant digits at most, no trailing zeros. */
function formatNumber(value: number): string {
  return String(Number(value.toPrecision(6))).replace("-", "\u2212");
}

/** The decimals with which `formatQuantity` writes a value. */
export function decimalsOf(value: number): number {
  const [mantissa = "", power = "0"] = String(Number(value.toPrecision(6))).split("e");
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
