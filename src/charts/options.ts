import type { ChartConfiguration, FontSpec, LegendItem } from "chart.js";
import { cutInMiddle, shortLabels } from "../plots/label.ts";
import { marksOf, timeAxis, valueAxis } from "./axes.ts";
import { clockChange, formatPeriod, placeOf } from "./calendar.ts";
import { boxOf, PLOT_WIDTH } from "./labels.ts";
import { axesOf, type Axis } from "./layout.ts";
import { drawLine, extentOf, LAYERS, type Dataset, type Point } from "./lines.ts";
import { newestMarks, type Mark } from "./marks.ts";
import { annotationsOf, colourOf, drawnOf } from "./overlay.ts";
import { DEFAULT_WIDTH, type ChartRequest, type Plot } from "./request.ts";
import { fontOf, SIZES, THEMES } from "./theme.ts";
import { timeTicks } from "./time-ticks.ts";
import { alarmsWithin } from "./times.ts";
import { traceLine, type TracedLine } from "./trace.ts";

/** The configuration of a picture; a drawing changes it, so each drawing needs its own. */
export type LineChart = ChartConfiguration<"line", Point[]>;

/** Characters that have room in the width, in large and in smaller type. */
const LARGE_TITLE_LENGTH = 46;
const TITLE_LENGTH = 66;
const LEGEND_LENGTH = 22;
/** What the label of a time takes, with room to the next; pixels at full scale. */
const TIME_WIDTH = SIZES.text * 3.5;
/** More are not read at a glance. */
const MAX_TIME_STEPS = 7;
/** Room above the plot for the numbers of alarms, and to the right of it for half the label of a time. */
const FLAG_HEIGHT = SIZES.text * 1.2;
const RIGHT_SPACE = SIZES.space * 2.5;

/** Turns a request into what chart.js draws. */
export function chartOptions(request: ChartRequest): LineChart {
  const { width = DEFAULT_WIDTH, title, timeZone, startAt, endAt } = request;
  const theme = THEMES[request.theme];
  const scale = width / DEFAULT_WIDTH;
  const whole: Plot = { startAt, endAt, theme, scale, width: PLOT_WIDTH };
  const lines = request.lines.map((line) => traceLine(line, whole));
  const axes = axesOf(lines, lines.map(extentOf), request.limits);
  const drawn = drawnOf(lines, axes, whole);
  const newest = newestMarks(drawn, whole);
  const alarms = alarmsWithin(request.alarms, whole);
  const right = rightOf(newest, whole);
  const axisWidth = Math.max(...axes.map((axis) => marksOf(axis).width));
  const plot: Plot = { ...whole, width: Math.min(PLOT_WIDTH, DEFAULT_WIDTH - axisWidth - right - SIZES.space) };
  const room = Math.floor((DEFAULT_WIDTH - axisWidth - right) / TIME_WIDTH);
  const ticks = timeTicks(startAt, endAt, timeZone, Math.min(MAX_TIME_STEPS, room));
  const space = SIZES.space * scale;
  const isAlone = lines.length === 1;

  return {
    type: "line",
    data: { labels: [...ticks.at], datasets: datasetsOf(axes, lines, request, plot) },
    options: {
      parsing: false,
      normalized: true,
      events: [],
      devicePixelRatio: 1,
      layout: {
        padding: { top: space / 2, right: right * scale, bottom: space / 2, left: space },
      },
      scales: {
        x: timeAxis({ ...plot, timeZone, step: ticks.step }),
        // chart.js puts the first of a stack at the bottom.
        ...Object.fromEntries(
          axes.toReversed().map((axis) => [axis.id, valueAxis(axis, axisColour(axis, axes, plot), plot)]),
        ),
      },
      plugins: {
        // The names of several lines, each with its colour, are the title of the picture.
        legend: legendOf(!isAlone, plot),
        tooltip: { enabled: false },
        title: heading(
          cutInMiddle(title, TITLE_LENGTH),
          theme.text,
          fontOf(title.length > LARGE_TITLE_LENGTH ? "text" : "title", scale, "bold"),
          space / 2,
          isAlone,
        ),
        subtitle: heading(
          subtitleOf(request),
          theme.quietText,
          fontOf("text", scale),
          space * 1.5 + (alarms.length > 0 ? FLAG_HEIGHT * scale : 0),
        ),
        annotation: {
          annotations: annotationsOf({ drawn, newest, axes, alarms, limits: request.limits }, plot),
          clip: false,
        },
      },
    },
  };
}

/** Layer by layer; chart.js draws the first dataset on top. */
function datasetsOf(
  axes: readonly Axis[],
  lines: readonly TracedLine[],
  { limits }: ChartRequest,
  plot: Plot,
): Dataset[] {
  const labels = shortLabels(
    lines.map(({ measurement }) => measurement),
    LEGEND_LENGTH,
  );
  const drawn = axes.flatMap((axis) =>
    axis.lines.map((n) => {
      const line = lines[n]!;
      // Apart from the next one, which chart.js cannot do sideways only.
      const name = `${labels[n]!}\u2002`;
      return drawLine(line, { axisId: axis.id, colour: colourOf(n, plot), name, limits }, plot);
    }),
  );
  return LAYERS.flatMap((layer) => drawn.flatMap((line) => line[layer]));
}

/** Room for the newest numbers, which stand behind the ends of their lines; pixels at full scale. */
function rightOf(newest: readonly Mark[], plot: Plot): number {
  const ends = newest.map(({ label }) => boxOf(label, plot).right - plot.width + SIZES.space);
  return Math.max(RIGHT_SPACE, ...ends);
}

/** The marks of a panel with one line are in its colour. */
function axisColour({ lines: [n = 0, ...others] }: Axis, axes: readonly Axis[], plot: Plot): string {
  return axes.length > 1 && others.length === 0 ? colourOf(n, plot) : plot.theme.text;
}

function subtitleOf({ startAt, endAt, timeZone, earlierName }: ChartRequest): string {
  return [
    formatPeriod(startAt, endAt, timeZone),
    ...(earlierName === null ? [] : [`pale: ${earlierName}`]),
    placeOf(timeZone),
    clockChange(startAt, endAt, timeZone),
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

function legendOf(isShown: boolean, { theme, scale }: Plot) {
  return {
    display: isShown,
    position: "top",
    align: "start",
    // Above the subtitle.
    weight: 2_000,
    labels: {
      color: theme.text,
      font: fontOf("text", scale, "bold"),
      padding: (SIZES.space / 2) * scale,
      boxWidth: ((SIZES.text * 2) / 3) * scale,
      boxHeight: SIZES.line * scale,
      filter: ({ text }: LegendItem) => text !== undefined,
    },
  } as const;
}

function heading(text: string, color: string, font: Partial<FontSpec>, bottom: number, isShown = true) {
  return { display: isShown, align: "start", text, color, font, padding: { top: 0, bottom } } as const;
}
