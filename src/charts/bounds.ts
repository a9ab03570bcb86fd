/** Room above and below the line for labels, as a share of the range; in a panel there are none. Of a flat line, as a share of its value. */
const ROOM = 0.16;
const PANEL_ROOM = 0.06;
const FLAT_ROOM = 0.05;
/** Differences smaller than this share of the value are rounding errors; drawn large, their labels would be 15 digits long. */
const LEAST_ROOM = 1e-9;
/** Of larger numbers the difference may be none. */
const LARGEST = 1e300;
/** A smaller room has no round numbers: to look for them, chart.js takes for ever. */
const SMALLEST = 1e-300;

/** The least and the greatest number to show; null when there is none. */
export interface ValueRange {
  readonly min: number | null;
  readonly max: number | null;
}

/** The numbers at the bottom and at the top of an axis. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/** The ends of an axis: the numbers to show, and room for labels. */
export function endsOf(range: ValueRange, isPanel: boolean): Ends {
  if (range.min === null || range.max === null) return { low: 0, high: 1 };
  const [min, max] = [Math.max(range.min, -LARGEST), Math.min(range.max, LARGEST)];
  const magnitude = Math.max(Math.abs(min), Math.abs(max));
  const share = (max - min) * (isPanel ? PANEL_ROOM : ROOM);
  const room = max > min ? Math.max(share, magnitude * LEAST_ROOM) : magnitude * FLAT_ROOM;
  const seen = room > SMALLEST ? room : 1;
  return { low: min - seen, high: max + seen };
}
