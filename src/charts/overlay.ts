import type { Annotation } from "./annotations.ts";
import { heightOf, type Axis } from "./layout.ts";
import { limitLine, limitsNear, type Taken } from "./limits.ts";
import { drawMark, emptyNote, marksOf, numberText, type MarkedLine } from "./marks.ts";
import type { ChartLine, ChartRequest, Plot } from "./request.ts";
import { findGaps, type Summary } from "./series.ts";
import { SIZES } from "./theme.ts";
import { alarmMarks, gapMarks } from "./times.ts";

/** Pixels of the plot's height, about; how far two labels must be apart in it. */
const PLOT_HEIGHT = 440;
const LABEL_STEP = SIZES.text * 1.4;

/** One line on its axis, with its numbers. */
interface Drawn extends MarkedLine {
  readonly axis: Axis;
  readonly line: ChartLine;
  readonly summary: Summary;
}

/** All that is drawn on top of the lines of a request whose series are in order. */
export function annotationsOf(
  { lines, alarms, limits }: ChartRequest,
  summaries: readonly Summary[],
  axes: readonly Axis[],
  plot: Plot,
): Annotation[] {
  if (summaries.every(({ numbers }) => numbers === 0)) return [...alarmMarks(alarms, plot), emptyNote(plot)];
  const isAlone = lines.length === 1;
  const drawn = axes.flatMap((axis) =>
    axis.lines.map((n): Drawn => {
      const line = lines[n]!;
      return { axis, line, summary: summaries[n]!, measurement: line.measurement, colour: colourOf(n, plot), isAlone };
    }),
  );
  return [
    ...(isAlone ? drawn.flatMap(({ line }) => gapMarks(findGaps(line.series), plot)) : []),
    ...alarmMarks(alarms, plot),
    ...drawn.flatMap((one) => limitLines(one, limits, plot)),
    ...(isAlone ? drawn.flatMap((one) => allMarks(one, plot)) : newestMarks(drawn, plot)),
  ];
}

/** The colour of the line at a position of the request. */
export const colourOf = (n: number, { theme }: Plot): string => theme.lines[n % theme.lines.length]!;

function limitLines(one: Drawn, shown: ChartRequest["limits"], plot: Plot): Annotation[] {
  const { line, axis, summary, measurement } = one;
  if (summary.min === null || summary.max === null) return [];
  const taken = marksOf(line.series, summary, one, plot).map(({ at, value }): Taken => ({
    x: (at - plot.startAt) / (plot.endAt - plot.startAt),
    y: heightOf(value, axis),
  }));
  return limitsNear(line.measurement.limits, { min: summary.min, max: summary.max }, shown).map((limit) =>
    limitLine(
      limit,
      { ...line.measurement, ...measurement },
      { axisId: axis.id, y: heightOf(limit.value, axis), taken },
      plot,
    ),
  );
}

function allMarks(one: Drawn, plot: Plot): Annotation[] {
  return marksOf(one.line.series, one.summary, one, plot).flatMap((mark) =>
    drawMark(mark, numberText(mark.value, one.summary, one.measurement), one, plot),
  );
}

/** The newest numbers of several lines, one below the other where they would cover each other. */
function newestMarks(drawn: readonly Drawn[], plot: Plot): Annotation[] {
  let taken = Number.NEGATIVE_INFINITY;
  return drawn
    .flatMap((one) => marksOf(one.line.series, one.summary, one, plot).map((mark) => ({ one, mark })))
    .map(({ one, mark }) => ({
      one,
      mark: { ...mark, isAbove: true },
      y: heightOf(mark.value, one.axis) * PLOT_HEIGHT,
    }))
    .toSorted((a, b) => a.y - b.y)
    .flatMap(({ one, mark, y }) => {
      const shift = one.axis.isStacked ? 0 : Math.max(0, taken + LABEL_STEP - y);
      taken = y + shift;
      return drawMark(mark, numberText(mark.value, one.summary, one.measurement), one, plot, shift);
    });
}
