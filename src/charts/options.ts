import type { ChartConfiguration, FontSpec, LegendItem } from "chart.js";
import { stackedAxis, timeAxis, valueAxis } from "./axes.ts";
import { formatPeriod } from "./calendar.ts";
import { axesOf, type Axis } from "./layout.ts";
import { annotationsOf, colourOf } from "./overlay.ts";
import { drawLine, extentOf, type Dataset, type Point } from "./lines.ts";
import { DEFAULT_WIDTH, type ChartLine, type ChartRequest, type Plot } from "./request.ts";
import { sortByTime, summarize } from "./series.ts";
import { fontOf, SIZES, THEMES } from "./theme.ts";
import { timeTicks } from "./time-ticks.ts";

/** The configuration of a picture; a drawing changes it, so each drawing needs its own. */
export type LineChart = ChartConfiguration<"line", Point[]>;

/** Characters that have room in the width, in large and in smaller type, and in the height. */
const LARGE_TITLE_LENGTH = 46;
const TITLE_LENGTH = 66;
const AXIS_TITLE_LENGTH = 27;
const LEGEND_LENGTH = 22;

/** Turns a request into what chart.js draws. */
export function chartOptions(request: ChartRequest): LineChart {
  const { width = DEFAULT_WIDTH, title, timeZone, startAt, endAt } = request;
  const theme = THEMES[request.theme];
  const scale = width / DEFAULT_WIDTH;
  const plot: Plot = { startAt, endAt, theme, scale };
  const lines = request.lines.map((line) => ({
    ...line,
    series: sortByTime(line.series),
    earlier: line.earlier && sortByTime(line.earlier),
  }));
  const summaries = lines.map(({ series }) => summarize(series));
  const extents = lines.map(({ earlier }, i) => extentOf(summaries[i]!, earlier && summarize(earlier)));
  const axes = axesOf(lines, extents, request.limits);
  const ticks = timeTicks(startAt, endAt, timeZone);
  const space = SIZES.space * scale;

  return {
    type: "line",
    data: { labels: [...ticks.at], datasets: axes.flatMap((axis) => linesOn(axis, lines, request, plot)) },
    options: {
      parsing: false,
      normalized: true,
      events: [],
      devicePixelRatio: 1,
      layout: { padding: { top: space / 2, right: space * 2.5, bottom: space / 2, left: space } },
      scales: {
        x: timeAxis({ ...plot, timeZone, step: ticks.step }),
        ...Object.fromEntries(
          // chart.js puts the first of a stack at the bottom.
          axes.toReversed().map((axis) => {
            const [only, ...others] = axis.lines;
            const colour = axes.length > 1 && only !== undefined && others.length === 0 ? colourOf(only, plot) : null;
            const own = valueAxis({ ...plot, ...axis, title: axisTitle(axis, lines), colour });
            return [axis.id, axis.isStacked ? stackedAxis(own) : own];
          }),
        ),
      },
      plugins: {
        legend: legendOf(lines.length > 1, plot),
        tooltip: { enabled: false },
        title: heading(
          shorten(title, TITLE_LENGTH),
          theme.text,
          fontOf(title.length > LARGE_TITLE_LENGTH ? "text" : "title", scale, "bold"),
          space / 2,
        ),
        subtitle: heading(subtitleOf(request), theme.quietText, fontOf("text", scale), space * 1.5),
        annotation: { annotations: annotationsOf({ ...request, lines }, summaries, axes, plot), clip: false },
      },
    },
  };
}

function linesOn(axis: Axis, lines: readonly ChartLine[], { limits }: ChartRequest, plot: Plot): Dataset[] {
  return axis.lines.flatMap((n) => {
    const line = lines[n]!;
    const name = shorten(line.measurement.label, LEGEND_LENGTH);
    return drawLine(line, { axisId: axis.id, colour: colourOf(n, plot), name, limits }, plot);
  });
}

function subtitleOf({ startAt, endAt, timeZone, earlierName }: ChartRequest): string {
  const period = formatPeriod(startAt, endAt, timeZone);
  return earlierName === null ? period : `${period} · grey: ${earlierName}`;
}

/** One line needs no name beside the title. */
function legendOf(isShown: boolean, { theme, scale }: Plot) {
  return {
    display: isShown,
    position: "top",
    align: "start",
    labels: {
      color: theme.text,
      font: fontOf("text", scale),
      boxWidth: SIZES.text * scale,
      boxHeight: SIZES.line * scale,
      filter: ({ text }: LegendItem) => text !== undefined,
    },
  } as const;
}

function heading(text: string, color: string, font: Partial<FontSpec>, bottom: number) {
  return { display: true, align: "start", text, color, font, padding: { top: 0, bottom } } as const;
}

/** What one axis is for; where there are several lines, the legend names them. */
function axisTitle({ unit }: Axis, lines: readonly ChartLine[]): string {
  const [line, ...others] = lines;
  if (line === undefined || others.length > 0) return unit ?? "";
  const suffix = unit === null ? "" : ` (${unit})`;
  return shorten(line.measurement.label, AXIS_TITLE_LENGTH - suffix.length) + suffix;
}

function shorten(text: string, maxLength: number): string {
  const characters = Array.from(text);
  return characters.length <= maxLength ? text : `${characters.slice(0, Math.max(1, maxLength - 1)).join("")}…`;
}
