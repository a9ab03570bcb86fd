/** Room above and below the line for labels, as a share of the range; of a flat line, as a share of its value. */
const ROOM = 0.13;
const FLAT_ROOM = 0.05;
/** Differences smaller than this share of the value are rounding errors; drawn large, their labels would be 15 digits long. */
const LEAST_ROOM = 1e-9;

/** The least and the greatest number to show; null when there is none. */
export interface ValueRange {
  readonly min: number | null;
  readonly max: number | null;
}

/** The numbers on the ends of an axis: those to show, and room for labels. */
export function boundsOf({ min, max }: ValueRange) {
  if (min === null || max === null) return { min: 0, max: 1 };
  const magnitude = Math.max(Math.abs(min), Math.abs(max));
  const room = max > min ? Math.max((max - min) * ROOM, magnitude * LEAST_ROOM) : magnitude * FLAT_ROOM || 1;
  return { min: min - room, max: max + room };
}
