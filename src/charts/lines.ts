import type { ChartDataset } from "chart.js";
import { envelopeOf } from "./envelope.ts";
import { limitsNear } from "./limits.ts";
import { DEFAULT_WIDTH, type ChartLine, type LimitsShown, type Plot } from "./request.ts";
import { broken, summarize, type Series, type Summary } from "./series.ts";
import { faded, SIZES } from "./theme.ts";

/** A data point as chart.js takes it without parsing; `y` of NaN breaks the line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Dataset = ChartDataset<"line", Point[]>;

/** A column is half as wide as the line: finer ones only make a brush of it. */
const COLUMNS = DEFAULT_WIDTH / (SIZES.line / 2);

/** How one line is drawn. */
export interface Stroke {
  readonly axisId: string;
  readonly colour: string;
  /** As the legend names it. */
  readonly name: string;
  readonly limits: LimitsShown;
}

/**
 * A line, with the earlier one below it, and what is over a limit in the limit's colour. More numbers than the picture has
 * columns become their mean, within the band from their lowest to their highest.
 * @param line with series in order
 */
export function drawLine({ measurement, series, earlier }: ChartLine, stroke: Stroke, plot: Plot): Dataset[] {
  const { theme, scale, startAt, endAt } = plot;
  const summary = summarize(series);
  const band = summary.numbers > COLUMNS ? envelopeOf(series, startAt, endAt, COLUMNS) : null;
  const line = band ? pointsOf({ times: band.times, values: band.mean }) : pointsOf(broken(series));
  const [low, high] = band
    ? [pointsOf({ times: band.times, values: band.min }), pointsOf({ times: band.times, values: band.max })]
    : [line, line];
  const edge = { ...bare(stroke), borderColor: stroke.colour, borderWidth: SIZES.edge * scale };
  const over = (
    summary.min === null || summary.max === null
      ? []
      : limitsNear(measurement.limits, { min: summary.min, max: summary.max }, stroke.limits)
  ).map(({ value, side, severity }): Dataset => {
    const colour = faded(theme.severities[severity], 0.35);
    const isAbove = side === "above";
    const fill = {
      target: { value },
      above: isAbove ? colour : "transparent",
      below: isAbove ? "transparent" : colour,
    };
    return { ...bare(stroke), data: isAbove ? high : low, borderWidth: 0, fill };
  });
  return [
    ...(earlier ? [earlierLine(earlier, stroke, plot)] : []),
    ...over,
    ...(band
      ? [
          { ...edge, data: high, fill: { target: "+1", above: faded(stroke.colour, 0.22), below: "transparent" } },
          { ...edge, data: low },
        ]
      : []),
    { ...bare(stroke), label: stroke.name, data: line, borderColor: stroke.colour, borderWidth: SIZES.line * scale },
    dots(line, stroke, scale),
  ];
}

function earlierLine(earlier: Series, stroke: Stroke, plot: Plot): Dataset {
  const { startAt, endAt, theme, scale } = plot;
  const isDense = summarize(earlier).numbers > COLUMNS;
  const band = isDense ? envelopeOf(earlier, startAt, endAt, COLUMNS) : null;
  const data = pointsOf(band ? { times: band.times, values: band.mean } : broken(earlier));
  return { ...bare(stroke), data, borderColor: theme.earlier, borderWidth: SIZES.line * 0.8 * scale };
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
