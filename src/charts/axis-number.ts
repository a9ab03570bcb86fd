import { timesTenTo, withSign } from "../lib/text/number.ts";

/** How the numbers of one axis are written. */
export interface AxisStyle {
  /** The largest magnitude among them; decides for all whether powers of ten are needed. */
  readonly largest: number;
  /** The least difference that must show. */
  readonly step: number;
  /** Whether zeros fill the decimals up, as below each other on an axis; default no. */
  readonly isPadded?: boolean;
}

const MANY_DECIMALS = 3;
const LONGEST_POWER = 12;

/**
 * Writes a number as a person reads it on a picture: `−5.25`, `12,500`, and from a million up or a thousandth down
 * `1.5×10¹²`, all of one axis with the same power.
 */
export function formatAxisNumber(value: number, { largest, step, isPadded = false }: AxisStyle): string {
  const power = largest === 0 ? 0 : Math.floor(Math.log10(largest) + 1e-9);
  // A power of ten that leaves many decimals makes a number no shorter: 1,763,904,193.
  const isPlain = power >= -3 && power < (power + decimalsOf(step) > MANY_DECIMALS ? LONGEST_POWER : 6);
  if (value === 0) return "0";
  const decimals = Math.min(15, Math.max(0, decimalsOf(step) + (isPlain ? 0 : power)));
  const digits = formatterOf(isPadded ? decimals : 0, decimals).format(isPlain ? value : value / 10 ** power);
  return `${withSign(digits)}${isPlain ? "" : timesTenTo(power)}`;
}

/** A formatter is slow to make, and a few of them serve every picture. */
const formatters = new Map<string, Intl.NumberFormat>();

function formatterOf(minimumFractionDigits: number, maximumFractionDigits: number): Intl.NumberFormat {
  const key = `${minimumFractionDigits} ${maximumFractionDigits}`;
  const formatter =
    formatters.get(key) ?? new Intl.NumberFormat("en-GB", { minimumFractionDigits, maximumFractionDigits });
  formatters.set(key, formatter);
  return formatter;
}

/** The decimals that `step` needs: 1 for 0.5 and 2.5, 0 for 2, −1 for 20. */
function decimalsOf(step: number): number {
  if (step === 0) return 0;
  const decimals = -Math.floor(Math.log10(step) + 1e-9);
  const digit = step * 10 ** decimals;
  return Math.abs(digit - Math.round(digit)) < 1e-6 ? decimals : decimals + 1;
}
