import type { Measurement } from "../plots/measurement.ts";
import type { Annotation, Side } from "./annotations.ts";
import { formatAxisNumber } from "./axis-number.ts";
import type { Axis } from "./layout.ts";
import type { Plot } from "./request.ts";
import type { Series, Summary } from "./series.ts";
import { fontOf, SIZES } from "./theme.ts";

/** What a line's numbers are written with, and where. */
export interface MarkedLine {
  readonly axis: Pick<Axis, "id" | "min" | "max">;
  readonly measurement: Pick<Measurement, "unit" | "decimals">;
  readonly colour: string;
  /** Whether the picture has no other line. */
  readonly isAlone: boolean;
}

/** A number of the series that a picture points out. */
export interface Mark {
  readonly name: "max" | "min" | "last";
  readonly at: number;
  readonly value: number;
  readonly isAbove: boolean;
}

/** The share of the plot that a label takes, about. Two marks that come closer than this are not both shown. */
const LABEL_WIDTH = 0.2;
const LABEL_HEIGHT = 0.15;

/**
 * What is marked on a series in order: the highest, lowest and newest number; on one among several lines the newest only. A
 * mark whose label would run into that of a more important one is left out; a flat line shows its newest number alone.
 */
export function marksOf(series: Series, summary: Summary, { axis, isAlone }: MarkedLine, plot: Plot): readonly Mark[] {
  const { max, maxAt, min, minAt, last, lastAt } = summary;
  if (max === null || maxAt === null || min === null || minAt === null || last === null || lastAt === null) return [];
  const spanMs = plot.endAt - plot.startAt;
  const range = (axis.max ?? max) - (axis.min ?? min);
  const extremes: Mark[] = [
    { name: "max", at: maxAt, value: max, isAbove: true },
    { name: "min", at: minAt, value: min, isAbove: false },
  ];
  const newest: Mark = { name: "last", at: lastAt, value: last, isAbove: isRising(series, spanMs * LABEL_WIDTH) };
  const marks = max > min && isAlone ? [...extremes, newest] : [newest];

  const isApart = (a: Mark, b: Mark) =>
    Math.abs(a.at - b.at) > LABEL_WIDTH * spanMs || Math.abs(a.value - b.value) > LABEL_HEIGHT * range;
  return marks.filter((mark, i) => marks.slice(0, i).every((other) => isApart(mark, other)));
}

/** How a number of a line is written on the picture. */
export function numberText(
  value: number,
  { min, max }: Summary,
  { unit, decimals }: MarkedLine["measurement"],
): string {
  const suffix = unit === null ? "" : ` ${unit}`;
  if (decimals !== null) return `${value.toFixed(decimals).replace("-", "−")}${suffix}`;
  const [low, high] = [min ?? value, max ?? value];
  const largest = Math.max(Math.abs(high), Math.abs(low));
  // A hundredth of the range is about what the eye tells apart on the picture; a flat line has no range.
  const step = 10 ** Math.floor(Math.log10(high > low ? (high - low) / 100 : largest / 10_000));
  return `${formatAxisNumber(value, { largest, step })}${suffix}`;
}

/** What stands in the middle of a picture without numbers. */
export function emptyNote({ theme, scale }: Plot): Annotation {
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

/**
 * A dot with its label.
 * @param shift px at full scale by which the label moves down to make room for another
 */
export function drawMark(mark: Mark, text: string, line: MarkedLine, plot: Plot, shift = 0): Annotation[] {
  const { theme, scale } = plot;
  const { name, at, value, isAbove } = mark;
  const isNewest = name === "last";
  return [
    {
      type: "point",
      yScaleID: line.axis.id,
      xValue: at,
      yValue: value,
      radius: SIZES.mark * scale,
      backgroundColor: isNewest ? line.colour : theme.background,
      borderColor: line.colour,
      borderWidth: (SIZES.line - 1) * scale,
    },
    {
      type: "label",
      yScaleID: line.axis.id,
      xValue: at,
      yValue: value,
      content: line.isAlone ? `${name} ${text}` : text,
      color: line.isAlone ? theme.text : line.colour,
      backgroundColor: theme.veil,
      font: fontOf("text", scale, isNewest ? "bold" : "normal"),
      padding: (SIZES.space / 3) * scale,
      position: { x: sideOf((at - plot.startAt) / (plot.endAt - plot.startAt)), y: isAbove ? "end" : "start" },
      yAdjust: ((isAbove ? -1.5 : 1.5) * SIZES.mark + shift) * scale,
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
