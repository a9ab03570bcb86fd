import type { ChartDataset } from "chart.js";
import { envelopeOf } from "./envelope.ts";
import { limitsNear } from "./near.ts";
import { DEFAULT_WIDTH, type ChartLine, type LimitsShown, type Plot } from "./request.ts";
import { broken, summarize, type Series, type Summary } from "./series.ts";
import { faded, SIZES } from "./theme.ts";

/** A data point as chart.js takes it without parsing; `y` of NaN breaks the line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Dataset = ChartDataset<"line", Point[]>;

/** A column is as wide as the line: finer ones only make a brush of it. */
const COLUMNS = DEFAULT_WIDTH / SIZES.line;
/** So many numbers to a column are still drawn one by one. */
const FEW = 2;

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
 * @param line with series in order
 */
export function drawLine(
  { measurement, series, earlier }: ChartLine,
  stroke: Stroke,
  plot: Plot,
): Readonly<Record<(typeof LAYERS)[number], Dataset[]>> {
  const { theme, scale } = plot;
  const { mean, low, high } = thinned(series, plot);
  const edge = { ...bare(stroke), borderColor: stroke.colour, borderWidth: SIZES.edge * scale };
  const { min, max } = summarize(series);
  const limits = min === null || max === null ? [] : limitsNear(measurement.limits, { min, max }, stroke.limits);
  return {
    line: [
      dots(mean, stroke, scale),
      { ...bare(stroke), label: stroke.name, data: mean, borderColor: stroke.colour, borderWidth: SIZES.line * scale },
    ],
    band:
      low === mean
        ? []
        : [
            { ...edge, data: high, fill: { target: "+1", above: faded(stroke.colour, 0.3), below: "transparent" } },
            { ...edge, data: low },
          ],
    over: limits.map(({ value, side, severity }): Dataset => {
      const colour = faded(theme.severities[severity], 0.35);
      const isAbove = side === "above";
      const fill = {
        target: { value },
        above: isAbove ? colour : "transparent",
        below: isAbove ? "transparent" : colour,
      };
      return { ...bare(stroke), data: isAbove ? high : low, borderWidth: 0, fill };
    }),
    earlier: earlier ? [earlierLine(earlier, stroke, plot)] : [],
  };
}

/** The points of a series that is drawn; all three are the same if it is drawn number by number. */
function thinned(
  series: Series,
  { startAt, endAt }: Plot,
): { readonly mean: Point[]; readonly low: Point[]; readonly high: Point[] } {
  // The mean of a minute is never drawn without what it hides.
  if (!series.spread && summarize(series).numbers <= COLUMNS * FEW) {
    const points = pointsOf(broken(series));
    return { mean: points, low: points, high: points };
  }
  const { times, mean, min, max } = envelopeOf(series, startAt, endAt, COLUMNS);
  return {
    mean: pointsOf({ times, values: mean }),
    low: pointsOf({ times, values: min }),
    high: pointsOf({ times, values: max }),
  };
}

function earlierLine(earlier: Series, stroke: Stroke, plot: Plot): Dataset {
  const { mean } = thinned(earlier, plot);
  return {
    ...bare(stroke),
    data: mean,
    borderColor: faded(stroke.colour, 0.45),
    borderWidth: SIZES.line * 0.8 * plot.scale,
  };
}

/** A dot for each number that stands alone between two gaps, as a line through one point is invisible. */
function dots(line: readonly Point[], stroke: Stroke, scale: number): Dataset {
  const isNumber = (point: Point | undefined) => point !== undefined && !Number.isNaN(point.y);
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

const pointsOf = ({ times, values }: Series): Point[] => Array.from(times, (x, i) => ({ x, y: values[i]! }));

/** The lowest and the highest number of what a line shows, the earlier one included. */
export function extentOf(summary: Summary, earlier: Summary | null): { min: number | null; max: number | null } {
  const seen = [summary, earlier].flatMap((each) =>
    each === null || each.min === null || each.max === null ? [] : [each.min, each.max],
  );
  return seen.length === 0 ? { min: null, max: null } : { min: Math.min(...seen), max: Math.max(...seen) };
}
