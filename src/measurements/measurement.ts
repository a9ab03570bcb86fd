import type { Severity } from "../alarms/types.ts";
import { clean, shorten } from "../alarms/text.ts";
import {
  CERTAIN_DIGITS,
  decimalsOf,
  formatDigits,
  formatFixed,
  formatQuantity,
  parseDecimal,
} from "../lib/text/number.ts";
import type { Field } from "./source.ts";
import { splitLabel } from "./label.ts";

/** Decimals of averages, where values have more: three, or as many as a thousandth of their range needs. */
const USUAL_DECIMALS = 3;
const MAX_DECIMALS = 15;
/** A field may hold 255 bytes of text. */
const MAX_TEXT = 40;

/** A value that a measurement should not pass. */
export interface MeasuredLimit {
  readonly value: number;
  /** On which side of it is trouble. */
  readonly side: "above" | "below";
  /** How bad it is there. */
  readonly severity: Severity;
}

/** What the plants file says about a field; `null`: nothing. */
export interface FieldSetting {
  /** Its number, 1 to 8. */
  readonly field: number;
  readonly unit: string | null;
  /** Decimals with which its values are written. */
  readonly decimals: number | null;
  readonly limits: readonly MeasuredLimit[];
  /** How often it comes, ms; left out: nobody has said it. */
  readonly everyMs?: number;
}

/** A field with all that is known about it. */
export interface Measurement extends Omit<FieldSetting, "field"> {
  readonly number: number;
  /** As its owner named it, without the unit. */
  readonly label: string;
}

/** Joins what the channel and the plants file say of a field; for the unit the file has the last word. */
export function measurementOf({ number, label: text }: Field, settings: readonly FieldSetting[]): Measurement {
  const setting = settings.find(({ field }) => field === number);
  const { label, unit } = splitLabel(text);
  return {
    number,
    label,
    unit: setting?.unit ?? unit,
    decimals: setting?.decimals ?? null,
    limits: setting?.limits ?? [],
    ...(setting?.everyMs !== undefined && { everyMs: setting.everyMs }),
  };
}

/**
 * What several values come to, such as their mean, with one decimal at least and as many as they have: more would say that it is
 * known better than they are. What a device adds by calculating, as in `82.0999984741211`, is no better knowledge either.
 */
export function formatAverage(value: number, values: readonly number[], measurement: Measurement): string {
  if (measurement.decimals !== null) return formatValue(value, measurement);
  const range = Math.min(Number.MAX_VALUE, Math.max(...values) - Math.min(...values));
  const visible = range > 0 ? Math.ceil(-Math.log10(range / 1_000)) : USUAL_DECIMALS;
  const decimals = Math.min(Math.max(1, ...values.map(decimalsOf)), Math.max(USUAL_DECIMALS, visible), MAX_DECIMALS);
  // What is far smaller than they are, as a deviation can be, keeps its digits.
  const isKept = Math.abs(value) >= 10 ** -decimals || value === 0;
  return formatQuantity(isKept ? Number(value.toFixed(decimals)) : Number(value.toPrecision(2)), measurement.unit);
}

/** A value with all its digits, or the decimals that the plants file wants, and its unit. */
export function formatValue(value: number, { unit, decimals }: Pick<Measurement, "unit" | "decimals">): string {
  if (decimals === null) return formatQuantity(value, unit);
  return withUnit(formatFixed(value, decimals), unit);
}

const withUnit = (text: string, unit: string | null): string => (unit === null ? text : `${text} ${unit}`);

/** What stands in a field, which may be any text; most of it is numbers. */
export function formatEntry(text: string, measurement: Pick<Measurement, "unit" | "decimals">): string {
  const number = parseDecimal(text);
  if (Number.isNaN(number)) return `“${shorten(clean(text), MAX_TEXT)}”`;
  // A counter of 64 bits has more digits than a number holds.
  const isCertain = text.replace(/e.*|\D/gis, "").replace(/^0+/, "").length <= CERTAIN_DIGITS;
  const isRounded = measurement.decimals !== null && Math.abs(number) <= Number.MAX_SAFE_INTEGER;
  if (isCertain || isRounded) return formatValue(number, measurement);
  return withUnit(shorten(formatDigits(text.trim().replace(",", ".")), MAX_TEXT), measurement.unit);
}
