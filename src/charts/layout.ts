import { boundsOf } from "./bounds.ts";
import { limitsNear } from "./limits.ts";
import type { ChartLine, LimitsShown } from "./request.ts";

/** One value axis, and what it is for. */
export interface Axis {
  readonly id: string;
  readonly unit: string | null;
  /** Which lines it carries, by their position in the request. */
  readonly lines: readonly number[];
  /** Of all that must be seen on it; `null`: it has no number. */
  readonly min: number | null;
  readonly max: number | null;
  readonly position: "left" | "right";
  /** Whether it has a panel of its own, below those before it. */
  readonly isStacked: boolean;
}

/** The numbers of a line that must be seen. */
interface Extent {
  readonly min: number | null;
  readonly max: number | null;
}

/**
 * The value axes of a picture: one for each unit. Two stand left and right; three or more would be read off the wrong one, so
 * each has a panel of its own.
 * @param extents of each line, what it is compared with included
 */
export function axesOf(lines: readonly ChartLine[], extents: readonly Extent[], limits: LimitsShown): Axis[] {
  const units = [...new Set(lines.map(({ measurement }) => measurement.unit))];
  return units.map((unit, i) => {
    const its = lines.flatMap((line, n) => (line.measurement.unit === unit ? [n] : []));
    const seen = its.flatMap((n) => {
      const { min, max } = extents[n] ?? { min: null, max: null };
      if (min === null || max === null) return [];
      return [
        min,
        max,
        ...limitsNear(lines[n]?.measurement.limits ?? [], { min, max }, limits).map(({ value }) => value),
      ];
    });
    return {
      id: `y${i}`,
      unit,
      lines: its,
      min: seen.length === 0 ? null : Math.min(...seen),
      max: seen.length === 0 ? null : Math.max(...seen),
      position: i === 1 && units.length === 2 ? "right" : "left",
      isStacked: units.length > 2,
    };
  });
}

/** Where a value is on its axis, as a share of the height of its panel; 0 is the top. */
export function heightOf(value: number, { min, max }: Pick<Axis, "min" | "max">): number {
  const ends = boundsOf({ min, max });
  return (ends.max - value) / (ends.max - ends.min);
}
