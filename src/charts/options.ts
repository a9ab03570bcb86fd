import { must } from "../lib/must.ts";
import type { ChartConfiguration, FontSpec, LegendItem } from "chart.js";
import { cutInMiddle, shortLabels } from "../measurements/label.ts";
import { timeAxis, valueAxis } from "./axes.ts";
import { clockChange, formatPeriod, placeOfZone } from "./time-units.ts";
import { widthAt } from "./fonts.ts";
import { FLAG_HEIGHT, LEGEND_BOX, SUBTITLE_SPACE, TITLE_SPACE } from "./frame.ts";
import { axesOf, type Axis } from "./layout.ts";
import { drawLine, extentOf, LAYERS, type Dataset, type ChartPoint } from "./lines.ts";
import { newestMarks } from "./marks.ts";
import { areaOf } from "./plot-area.ts";
import { annotationsOf, colourOf, drawnOf } from "./overlay.ts";
import { DEFAULT_WIDTH, type ChartRequest, type LimitsShown, type Plot } from "./request.ts";
import { fontOf, SIZES, THEMES } from "./theme.ts";
import { timeTicks } from "./time-ticks.ts";
import { alarmsWithin } from "./times.ts";
import { tracedLines, type TracedLine } from "./traced-line.ts";

/** The configuration of a picture; a drawing changes it, so each drawing needs its own. */
export type LineChart = ChartConfiguration<"line", ChartPoint[]>;

/** What a title may take, as chart.js leaves what is right of the plot free beside it, too; pixels at full scale. */
const TITLE_WIDTH = 1_080;
/** Characters of each of several names. */
const LEGEND_LENGTH = 22;
/** What the label of a time takes, with room to the next; pixels at full scale. */
const TIME_WIDTH = SIZES.text * 3.5;
/** More are not read at a glance. */
const MAX_TIME_STEPS = 7;

/** Turns a request into what chart.js draws. @param lines those of the request, if they are worked out already */
export function chartOptions(request: ChartRequest, lines: readonly TracedLine[] = tracedLines(request)): LineChart {
  const { width = DEFAULT_WIDTH, timeZone, startAt, endAt } = request;
  const theme = THEMES[request.theme];
  const scale = width / DEFAULT_WIDTH;
  const axes = axesOf(lines, lines.map(extentOf), request.limits);
  const drawn = drawnOf(lines, axes, theme);
  const alarms = alarmsWithin(request.alarms, request);
  const isAlone = lines.length === 1;
  const heading = titleOf(request.title);
  const names = legendNames(lines);
  const hasFlags = alarms.length > 0;
  const head = { titleSize: isAlone ? SIZES[heading.size] : null, names, hasFlags, scale };
  const { plot, right } = areaOf({ startAt, endAt, theme, scale }, { drawn, axes, head });
  const newest = newestMarks(drawn, plot);
  const room = Math.floor(plot.width / TIME_WIDTH);
  const ticks = timeTicks(startAt, endAt, timeZone, Math.min(MAX_TIME_STEPS, room));
  const space = SIZES.space * scale;

  return {
    type: "line",
    data: { labels: [...ticks.at], datasets: datasetsOf(axes, lines, { names, limits: request.limits }, plot) },
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
        title: headLine(heading.text, theme.text, fontOf(heading.size, scale, "bold"), TITLE_SPACE * scale, isAlone),
        subtitle: headLine(
          subtitleOf(request),
          theme.quietText,
          fontOf("text", scale),
          (SUBTITLE_SPACE + (hasFlags ? FLAG_HEIGHT : 0)) * scale,
        ),
        annotation: {
          annotations: annotationsOf({ drawn, newest, axes, alarms, limits: request.limits }, plot),
          clip: false,
        },
      },
    },
  };
}

/** The title in large letters if it has room, else in small ones, cut if need be. */
function titleOf(text: string): { readonly text: string; readonly size: "title" | "text" } {
  const isWide = (words: string, size: "title" | "text"): boolean => widthAt(words, SIZES[size], "bold") > TITLE_WIDTH;
  if (!isWide(text, "title")) return { text, size: "title" };
  let length = Array.from(text).length;
  while (isWide(cutInMiddle(text, length), "text")) length--;
  return { text: cutInMiddle(text, length), size: "text" };
}

/** Apart from the next one, which chart.js cannot do sideways only. */
const legendNames = (lines: readonly TracedLine[]): string[] =>
  shortLabels(
    lines.map(({ measurement }) => measurement),
    LEGEND_LENGTH,
  ).map((label) => `${label}\u2002`);

/** Layer by layer; chart.js draws the first dataset on top. */
function datasetsOf(
  axes: readonly Axis[],
  lines: readonly TracedLine[],
  { names, limits }: { readonly names: readonly string[]; readonly limits: LimitsShown },
  plot: Plot,
): Dataset[] {
  const drawn = axes.flatMap((axis) =>
    axis.lines.map((n) =>
      drawLine(
        must(lines[n], "a line"),
        { axisId: axis.id, colour: colourOf(n, plot.theme), name: names[n] ?? "", limits },
        plot,
      ),
    ),
  );
  return LAYERS.flatMap((layer) => drawn.flatMap((line) => line[layer]));
}

/** The marks of a panel with one line are in its colour. */
function axisColour({ lines: [n = 0, ...others] }: Axis, axes: readonly Axis[], plot: Plot): string {
  return axes.length > 1 && others.length === 0 ? colourOf(n, plot.theme) : plot.theme.text;
}

function subtitleOf({ startAt, endAt, timeZone, earlierName }: ChartRequest): string {
  return [
    formatPeriod(startAt, endAt, timeZone),
    ...(earlierName === null ? [] : [`pale: ${earlierName}`]),
    placeOfZone(timeZone),
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
      padding: TITLE_SPACE * scale,
      boxWidth: LEGEND_BOX * scale,
      boxHeight: SIZES.line * scale,
      filter: ({ text }: LegendItem) => text !== undefined,
    },
  } as const;
}

function headLine(text: string, color: string, font: Partial<FontSpec>, bottom: number, isShown = true) {
  return { display: isShown, align: "start", text, color, font, padding: { top: 0, bottom } } as const;
}
