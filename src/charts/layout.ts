import { endsOf, type Ends } from "./bounds.ts";
import { limitsNear } from "./limits-near.ts";
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

/** A line without a unit shares an axis as long as all that do take at least this share of its height… */
const LEAST_SHARE = 1 / 8;
/** …where one that hardly moves counts as if it moved by this share of its size. */
const STILL_SHARE = 0.05;

/**
 * The value axes of a picture: one for each unit, and for each range of those that have none. Of two or more each has a panel of its
 * own, one above the other, as lines on axes side by side are read off the wrong one.
 * @param extents of each line, what it is compared with included
 */
export function axesOf(
  lines: readonly Pick<ChartLine, "measurement">[],
  extents: readonly Extent[],
  limits: LimitsShown,
): Axis[] {
  const groups = groupsOf(lines, extents);
  return groups.map(({ unit, lines: its }, panel) => {
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
      panels: groups.length,
      ...endsOf(range, groups.length > 1),
    };
  });
}

/** Lines that share an axis, by their positions. */
interface Group {
  readonly unit: string | null;
  readonly lines: readonly number[];
}

function groupsOf(lines: readonly Pick<ChartLine, "measurement">[], extents: readonly Extent[]): readonly Group[] {
  const groups: { unit: string | null; lines: number[] }[] = [];
  for (const [n, { measurement }] of lines.entries()) {
    const { unit } = measurement;
    const fits = (group: Group): boolean =>
      group.unit === unit && (unit !== null || canShare([...group.lines, n].map((line) => extents[line])));
    const found = groups.find(fits);
    if (found) found.lines.push(n);
    else groups.push({ unit, lines: [n] });
  }
  return groups;
}

/** Whether none of some lines would be flat on the axis of all: nobody knows whether they measure the same kind of thing. */
function canShare(extents: readonly (Extent | undefined)[]): boolean {
  const known = extents.flatMap((extent) =>
    extent === undefined || extent.min === null || extent.max === null ? [] : [{ min: extent.min, max: extent.max }],
  );
  const whole = Math.max(...known.map(({ max }) => max)) - Math.min(...known.map(({ min }) => min));
  return known.every(({ min, max }) => {
    const own = Math.max(max - min, Math.max(Math.abs(min), Math.abs(max)) * STILL_SHARE);
    return own >= whole * LEAST_SHARE;
  });
}

/** Where a value of an axis is, as a share of the height of the whole plot; 0 is the top. */
export function heightOf(value: number, { low, high, panel, panels }: Omit<Axis, "id" | "unit" | "lines" | "isEmpty">) {
  return (panel + (high - value) / (high - low)) / panels;
}
