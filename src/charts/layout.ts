import { endsOf, type Ends } from "./bounds.ts";
import { limitsNear } from "./near.ts";
import type { ChartLine, LimitsShown } from "./request.ts";

/** One value axis, and what it is for. */
export interface Axis extends Ends {
  readonly id: string;
  readonly unit: string | null;
  /** Which lines it carries, by their position in the request. */
  readonly lines: readonly number[];
  /** Whether none of them has a number. */
  readonly isEmpty: boolean;
  /** Which panel of how many; 0 is the one on top. */
  readonly panel: number;
  readonly panels: number;
}

/** The numbers of a line that must be seen. */
interface Extent {
  readonly min: number | null;
  readonly max: number | null;
}

/**
 * The value axes of a picture: one for each unit. Of two or more each has a panel of its own, one above the other, as lines on
 * axes side by side are read off the wrong one.
 * @param extents of each line, what it is compared with included
 */
export function axesOf(
  lines: readonly Pick<ChartLine, "measurement">[],
  extents: readonly Extent[],
  limits: LimitsShown,
): Axis[] {
  const units = [...new Set(lines.map(({ measurement }) => measurement.unit))];
  return units.map((unit, panel) => {
    const its = lines.flatMap((line, n) => (line.measurement.unit === unit ? [n] : []));
    const seen = its.flatMap((n) => {
      const { min, max } = extents[n] ?? { min: null, max: null };
      if (min === null || max === null) return [];
      const near = limitsNear(lines[n]?.measurement.limits ?? [], { min, max }, limits);
      return [min, max, ...near.map(({ value }) => value)];
    });
    const isEmpty = seen.length === 0;
    const range = isEmpty ? { min: null, max: null } : { min: Math.min(...seen), max: Math.max(...seen) };
    return {
      id: `y${panel}`,
      unit,
      lines: its,
      isEmpty,
      panel,
      panels: units.length,
      ...endsOf(range, units.length > 1),
    };
  });
}

/** Where a value of an axis is, as a share of the height of the whole plot; 0 is the top. */
export function heightOf(value: number, { low, high, panel, panels }: Omit<Axis, "id" | "unit" | "lines" | "isEmpty">) {
  return (panel + (high - value) / (high - low)) / panels;
}
