import type { ChartConfiguration, ChartDataset, FontSpec } from "chart.js";
import { timeAxis, valueAxis } from "./axes.ts";
import { formatPeriod } from "./calendar.ts";
import { annotationsOf } from "./marks.ts";
import { sortByTime, summarize, thin, type Series } from "./series.ts";
import { fontOf, LIGHT, SIZES, type Theme } from "./theme.ts";
import { timeTicks } from "./time-ticks.ts";

/** All that a picture is made from. */
export interface ChartRequest {
  /** What the picture is of, in large type: the field, or channel and field. The period is written below it. */
  readonly title: string;
  /** Name of the value axis. */
  readonly label: string;
  readonly unit: string | null;
  /** IANA name; all times on the picture are in this zone. */
  readonly timeZone: string;
  /** The time axis spans exactly this period; epoch ms UTC. */
  readonly startAt: number;
  readonly endAt: number;
  /** In any order. */
  readonly series: Series;
  /** Pixels; 1280 × 720 unless given. */
  readonly width?: number;
  readonly height?: number;
}

/** A data point as chart.js takes it without parsing; `y` of NaN breaks the line. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** The configuration of a picture; a drawing changes it, so each drawing needs its own. */
export type LineChart = ChartConfiguration<"line", Point[]>;

export const DEFAULT_WIDTH = 1280;
export const DEFAULT_HEIGHT = 720;

/** A column of the thinned line is half as wide as the line: finer ones only make a brush of it. */
const COLUMN_PX = SIZES.line / 2;

/** Characters that have room in the width, in large and in smaller type, and in the height. */
const LARGE_TITLE_LENGTH = 46;
const TITLE_LENGTH = 66;
const AXIS_TITLE_LENGTH = 27;

/** Turns a request into what chart.js draws. */
export function chartOptions(request: ChartRequest): LineChart {
  const { width = DEFAULT_WIDTH, title, label, unit, timeZone, startAt, endAt } = request;
  const theme = LIGHT;
  const scale = width / DEFAULT_WIDTH;
  const series = thin(sortByTime(request.series), DEFAULT_WIDTH / COLUMN_PX);
  const summary = summarize(series);
  const plot = { startAt, endAt, theme, scale };
  const space = SIZES.space * scale;
  const ticks = timeTicks(startAt, endAt, timeZone);

  return {
    type: "line",
    data: { labels: [...ticks.at], datasets: datasetsOf(series, theme, scale) },
    options: {
      parsing: false,
      normalized: true,
      events: [],
      devicePixelRatio: 1,
      layout: { padding: { top: space / 2, right: space * 2.5, bottom: space / 2, left: space } },
      scales: {
        x: timeAxis({ ...plot, timeZone, step: ticks.step }),
        y: valueAxis({ ...plot, title: axisTitle(label, unit), min: summary.min, max: summary.max }),
      },
      plugins: {
        legend: { display: false },
        tooltip: { enabled: false },
        title: heading(
          shorten(title, TITLE_LENGTH),
          theme.text,
          fontOf(title.length > LARGE_TITLE_LENGTH ? "text" : "title", scale, "bold"),
          space / 2,
        ),
        subtitle: heading(formatPeriod(startAt, endAt, timeZone), theme.quietText, fontOf("text", scale), space * 1.5),
        annotation: { annotations: annotationsOf(series, summary, plot), clip: false },
      },
    },
  };
}

function heading(text: string, color: string, font: Partial<FontSpec>, bottom: number) {
  return { display: true, align: "start", text, color, font, padding: { top: 0, bottom } } as const;
}

/** The line, and a dot for each number that stands alone between two gaps, as a line through one point is invisible. */
function datasetsOf({ times, values }: Series, theme: Theme, scale: number): ChartDataset<"line", Point[]>[] {
  const line = Array.from(times, (x, i) => ({ x, y: values[i]! }));
  const isNumber = (point: Point | undefined) => point !== undefined && !Number.isNaN(point.y);
  const lonely = line.filter((point, i) => isNumber(point) && !isNumber(line[i - 1]) && !isNumber(line[i + 1]));
  return [
    {
      data: line,
      borderColor: theme.line,
      borderWidth: SIZES.line * scale,
      borderJoinStyle: "round",
      borderCapStyle: "round",
      pointRadius: 0,
    },
    {
      data: lonely,
      showLine: false,
      pointRadius: SIZES.line * scale,
      pointBackgroundColor: theme.line,
      pointBorderWidth: 0,
    },
  ];
}

/** The label gives way to the unit: it is in the title too, the unit is not. */
function axisTitle(label: string, unit: string | null): string {
  const suffix = unit === null ? "" : ` (${unit})`;
  return shorten(label, AXIS_TITLE_LENGTH - suffix.length) + suffix;
}

function shorten(text: string, maxLength: number): string {
  const characters = Array.from(text);
  return characters.length <= maxLength ? text : `${characters.slice(0, Math.max(1, maxLength - 1)).join("")}…`;
}
