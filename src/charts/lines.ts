import type { ChartDataset } from "chart.js";
import { envelopeOf, type Envelope } from "../measurements/envelope.ts";
import { broken } from "../measurements/gaps.ts";
import { limitsNear } from "./limits-near.ts";
import { DEFAULT_WIDTH, type LimitsShown, type Plot } from "./request.ts";
import { numberAt, type Series } from "../measurements/series.ts";
import { faded, SIZES } from "./theme.ts";
import type { Trace } from "../measurements/trace.ts";
import type { TracedLine } from "./traced-line.ts";

/** A data point as chart.js takes it without parsing; `y` of NaN breaks the line. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

export type Dataset = ChartDataset<"line", ChartPoint[]>;

/** A column is as wide as the line: finer ones only make a brush of it. */
const COLUMNS = DEFAULT_WIDTH / SIZES.line;
/** So many numbers to a column are still drawn one by one. */
const FEW = 2;
const DAY = 86_400_000;
/** From columns of so long on the mean is of whole days: what is day and night in turn would make waves of its own. */
const COARSE_MS = DAY / 4;
/** So much of what is usually known of a day makes it a whole one. */
const WHOLE_SHARE = 0.9;

/** How one line is drawn. */
export interface Stroke {
  readonly axisId: string;
  readonly colour: string;
  /** As the legend names it. */
  readonly name: string;
  readonly limits: LimitsShown;
}

/** The parts of a line, from the top of the picture to its ground. */
export const LAYERS = ["line", "band", "over", "earlier"] as const;

/**
 * A line, and below it the band in which its numbers lie, what is over a limit in the limit's colour, and the earlier one. Numbers
 * that are too many for the picture's columns become their mean, within the band from their lowest to their highest.
 */
export function drawLine(
  { measurement, trace, earlier }: TracedLine,
  stroke: Stroke,
  plot: Plot,
): Readonly<Record<(typeof LAYERS)[number], Dataset[]>> {
  const { theme, scale } = plot;
  const course = thinned(trace, plot);
  const { mean, low, high, stepped } = course;
  const { min, max } = trace.summary;
  const limits = min === null || max === null ? [] : limitsNear(measurement.limits, { min, max }, stroke.limits);
  return {
    line: [
      dots(mean, stroke, scale),
      {
        ...bare(stroke),
        label: stroke.name,
        data: mean,
        stepped,
        borderColor: stroke.colour,
        borderWidth: SIZES.line * scale,
      },
    ],
    band: band(course, stroke, { edge: stroke.colour, inside: faded(stroke.colour, 0.3) }, scale),
    over: limits.map(({ value, side, severity }): Dataset => {
      const colour = faded(theme.severities[severity], 0.35);
      const isAbove = side === "above";
      const fill = {
        target: { value },
        above: isAbove ? colour : "transparent",
        below: isAbove ? "transparent" : colour,
      };
      return { ...bare(stroke), data: isAbove ? high : low, stepped, borderWidth: 0, fill };
    }),
    earlier: earlier ? earlierLine(earlier, stroke, plot) : [],
  };
}

/** The points of a series that is drawn; all three are the same if it is drawn number by number. */
interface TracePoints {
  readonly mean: ChartPoint[];
  readonly low: ChartPoint[];
  readonly high: ChartPoint[];
  /** Whether its points are the ends of steps. */
  readonly stepped: boolean;
}

function thinned(trace: Trace, { startAt, endAt }: Plot): TracePoints {
  const { series, summary, gaps, until, isHeld } = trace;
  // The mean of a minute is never drawn without what it hides.
  if (!series.spread && summary.numbers <= COLUMNS * FEW) {
    const points = [...pointsOf(broken(series, gaps)), ...tailOf(trace)];
    return { mean: points, low: points, high: points, stepped: isHeld };
  }
  const inColumns = (count: number) => envelopeOf(series, { startAt, endAt }, { count, gaps, until, isHeld });
  const fine = inColumns(COLUMNS);
  const isCoarse = endAt - startAt >= COLUMNS * COARSE_MS;
  const { times, mean } = isCoarse ? wholeDays(inColumns(Math.round((endAt - startAt) / DAY))) : fine;
  return {
    mean: pointsOf({ times, values: mean }),
    low: pointsOf({ times: fine.times, values: fine.min }),
    high: pointsOf({ times: fine.times, values: fine.max }),
    stepped: false,
  };
}

/** What a line has behind its newest number: that holds. */
const tailOf = ({ summary: { last, lastAt }, lineEndsAt }: Trace): ChartPoint[] =>
  last === null || lineEndsAt === null || lineEndsAt === lastAt ? [] : [{ x: lineEndsAt, y: last }];

/** Columns of days without those of which less is known than of most: half a day has another mean than a whole one. */
function wholeDays({ times, mean, knownMs }: Envelope): Pick<Envelope, "times" | "mean"> {
  const usual = knownMs.filter((ms) => ms > 0).sort();
  const least = (usual[usual.length >> 1] ?? 0) * WHOLE_SHARE;
  const isWhole = (_: number, i: number): boolean => Number.isNaN(numberAt(mean, i)) || numberAt(knownMs, i) >= least;
  return { times: times.filter(isWhole), mean: mean.filter(isWhole) };
}

/** What lies between the lowest and the highest of a course; nothing of one that is drawn number by number. */
function band(
  { mean, low, high }: TracePoints,
  stroke: Stroke,
  { edge, inside }: { readonly edge: string; readonly inside: string },
  scale: number,
): Dataset[] {
  if (low === mean) return [];
  const line = { ...bare(stroke), borderColor: edge, borderWidth: SIZES.edge * scale };
  return [
    { ...line, data: high, fill: { target: "+1", above: inside, below: "transparent" } },
    { ...line, data: low },
  ];
}

/** Paler, with all that it reached: a spike of yesterday is one. */
function earlierLine(earlier: Trace, stroke: Stroke, plot: Plot): Dataset[] {
  const course = thinned(earlier, plot);
  const pale = faded(stroke.colour, 0.45);
  const line: Dataset = {
    ...bare(stroke),
    data: course.mean,
    stepped: course.stepped,
    borderColor: pale,
    borderWidth: SIZES.line * 0.8 * plot.scale,
  };
  return [
    line,
    ...band(course, stroke, { edge: faded(stroke.colour, 0.25), inside: faded(stroke.colour, 0.12) }, plot.scale),
  ];
}

/** A dot for each number that stands alone between two gaps, as a line through one point is invisible. */
function dots(line: readonly ChartPoint[], stroke: Stroke, scale: number): Dataset {
  const isNumber = (point: ChartPoint | undefined) => point !== undefined && !Number.isNaN(point.y);
  return {
    ...bare(stroke),
    data: line.filter((point, i) => isNumber(point) && !isNumber(line[i - 1]) && !isNumber(line[i + 1])),
    showLine: false,
    pointRadius: SIZES.line * scale,
    pointBackgroundColor: stroke.colour,
    pointBorderWidth: 0,
  };
}

/** What all parts of a line have in common; without a label they are not in the legend. */
const bare = ({ axisId }: Stroke) =>
  ({ yAxisID: axisId, pointRadius: 0, borderJoinStyle: "round", borderCapStyle: "round" }) as const;

const pointsOf = ({ times, values }: Series): ChartPoint[] =>
  Array.from(times, (x, i) => ({ x, y: numberAt(values, i) }));

/** The lowest and the highest number of what a line shows, the earlier one included. */
export function extentOf({ trace, earlier }: TracedLine): { min: number | null; max: number | null } {
  const seen = [trace, earlier].flatMap((each) =>
    each === null || each.summary.min === null || each.summary.max === null ? [] : [each.summary.min, each.summary.max],
  );
  return seen.length === 0 ? { min: null, max: null } : { min: Math.min(...seen), max: Math.max(...seen) };
}
