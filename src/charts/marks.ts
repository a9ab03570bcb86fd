import type { ChartType } from "chart.js";
import { formatAxisNumber } from "./axis-number.ts";
import type { Series, Summary } from "./series.ts";
import { fontOf, SIZES, type Theme } from "./theme.ts";

declare module "chart.js" {
  // chartjs-plugin-annotation says this too, but its types cannot be resolved from an ES module.
  interface PluginOptionsByType<TType extends ChartType> {
    annotation: TType extends ChartType
      ? { readonly annotations: readonly Annotation[]; readonly clip: boolean }
      : never;
  }
}

type Side = "start" | "center" | "end";

/** The part of chartjs-plugin-annotation's options that we use. */
export type Annotation = PointAnnotation | LabelAnnotation;

interface PointAnnotation {
  readonly type: "point";
  readonly xValue: number;
  readonly yValue: number;
  readonly radius: number;
  readonly backgroundColor: string;
  readonly borderColor: string;
  readonly borderWidth: number;
}

interface LabelAnnotation {
  readonly type: "label";
  /** Without values the label stands in the middle of the plot. */
  readonly xValue?: number;
  readonly yValue?: number;
  readonly content: string;
  readonly color: string;
  readonly backgroundColor: string;
  readonly font: ReturnType<typeof fontOf>;
  readonly padding: number;
  /** Which side of the label is at the value. */
  readonly position: { readonly x: Side; readonly y: Side };
  readonly yAdjust: number;
}

/** What marks are drawn on. */
export interface Plot {
  readonly startAt: number;
  readonly endAt: number;
  readonly theme: Theme;
  /** Of all sizes; 1 at a width of 1280 pixels. */
  readonly scale: number;
}

/** A number of the series that a picture points out. */
interface Mark {
  readonly name: "max" | "min" | "last";
  readonly at: number;
  readonly value: number;
  readonly isAbove: boolean;
}

/** The share of the plot that a label takes, about. Two marks that come closer than this are not both shown. */
const LABEL_WIDTH = 0.2;
const LABEL_HEIGHT = 0.15;

/**
 * Dots with labels on the highest, lowest and newest number of a series in order, or a note that it has none. A mark
 * whose label would run into that of a more important one is left out; a flat line shows its newest number alone.
 */
export function annotationsOf(series: Series, summary: Summary, plot: Plot): Annotation[] {
  const { max, maxAt, min, minAt, last, lastAt } = summary;
  if (max === null || maxAt === null || min === null || minAt === null || last === null || lastAt === null)
    return [emptyNote(plot)];
  const spanMs = plot.endAt - plot.startAt;
  const extremes: Mark[] = [
    { name: "max", at: maxAt, value: max, isAbove: true },
    { name: "min", at: minAt, value: min, isAbove: false },
  ];
  const newest: Mark = { name: "last", at: lastAt, value: last, isAbove: isRising(series, spanMs * LABEL_WIDTH) };
  const marks = max > min ? [...extremes, newest] : [newest];

  const isApart = (a: Mark, b: Mark) =>
    Math.abs(a.at - b.at) > LABEL_WIDTH * spanMs || Math.abs(a.value - b.value) > LABEL_HEIGHT * (max - min);
  const shown = marks.filter((mark, i) => marks.slice(0, i).every((other) => isApart(mark, other)));
  const largest = Math.max(Math.abs(max), Math.abs(min));
  // A hundredth of the range is about what the eye tells apart on the picture; a flat line has no range.
  const step = 10 ** Math.floor(Math.log10(max > min ? (max - min) / 100 : largest / 10_000));
  return shown.flatMap((mark) => drawMark(mark, formatAxisNumber(mark.value, { largest, step }), plot));
}

function emptyNote({ theme, scale }: Plot): Annotation {
  return {
    type: "label",
    content: "No numbers in this period",
    color: theme.quietText,
    backgroundColor: theme.veil,
    font: fontOf("title", scale),
    padding: 0,
    position: { x: "center", y: "center" },
    yAdjust: 0,
  };
}

function drawMark({ name, at, value, isAbove }: Mark, text: string, plot: Plot): Annotation[] {
  const { theme, scale } = plot;
  const isNewest = name === "last";
  return [
    {
      type: "point",
      xValue: at,
      yValue: value,
      radius: SIZES.mark * scale,
      backgroundColor: isNewest ? theme.line : theme.background,
      borderColor: theme.line,
      borderWidth: (SIZES.line - 1) * scale,
    },
    {
      type: "label",
      xValue: at,
      yValue: value,
      content: `${name} ${text}`,
      color: theme.text,
      backgroundColor: theme.veil,
      font: fontOf("text", scale, isNewest ? "bold" : "normal"),
      padding: (SIZES.space / 3) * scale,
      position: { x: sideOf((at - plot.startAt) / (plot.endAt - plot.startAt)), y: isAbove ? "end" : "start" },
      yAdjust: (isAbove ? -1.5 : 1.5) * SIZES.mark * scale,
    },
  ];
}

/** Near an edge the label turns inwards, so that it is not cut off. */
function sideOf(across: number): Side {
  if (across < LABEL_WIDTH / 2) return "start";
  return across > 1 - LABEL_WIDTH / 2 ? "end" : "center";
}

/** Whether the line comes up to its newest number from below; then there is room for a label above. */
function isRising({ times, values }: Series, withinMs: number): boolean {
  const from = times.findIndex((at, i) => at >= times.at(-1)! - withinMs && !Number.isNaN(values[i]!));
  return values.at(-1)! >= values[from]!;
}
