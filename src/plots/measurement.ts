import type { Severity } from "../alarms/types.ts";
import { decimalsOf, formatQuantity } from "../number.ts";
import type { Field } from "../sources/source.ts";
import { splitLabel } from "./label.ts";

/** A value that a measurement should not pass. */
export interface Limit {
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
  readonly limits: readonly Limit[];
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
  };
}

/**
 * What several values come to, such as their mean, with one decimal at least and as many as they have: more would say that it is
 * known better than they are.
 */
export function formatAverage(value: number, values: readonly number[], measurement: Measurement): string {
  if (measurement.decimals !== null) return formatValue(value, measurement);
  const decimals = Math.max(1, ...values.map(decimalsOf));
  // What is far smaller than they are, as a deviation can be, keeps its digits.
  const isKept = Math.abs(value) >= 10 ** -decimals || value === 0;
  return formatQuantity(isKept ? Number(value.toFixed(decimals)) : Number(value.toPrecision(2)), measurement.unit);
}

/** A value with the decimals that the plants file wants, and its unit. */
export function formatValue(value: number, { unit, decimals }: Pick<Measurement, "unit" | "decimals">): string {
  if (decimals === null) return formatQuantity(value, unit);
  return `${value.toFixed(decimals).replace("-", "\u2212")}${unit === null ? "" : ` ${unit}`}`;
}
