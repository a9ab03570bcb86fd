import { must } from "../lib/must.ts";
import type { MeasuredLimit } from "../measurements/measurement.ts";
import type { Annotation, LineAnnotation } from "./annotations.ts";
import { FLAG_HEIGHT } from "./frame.ts";
import { overTime } from "../measurements/held.ts";
import { createPlaces, drawLabel, emptyNote, entriesIn, type Box, type Places } from "./labels.ts";
import { heightOf, type Axis } from "./layout.ts";
import { limitLabels, limitLine, limitTexts } from "./limits.ts";
import { limitsNear } from "./limits-near.ts";
import { drawMark, extremeLabels, type Mark, type MarkedLine } from "./marks.ts";
import type { AlarmTime } from "../alarms/alarm-time.ts";
import type { LimitsShown, Plot } from "./request.ts";
import { SIZES, type Theme } from "./theme.ts";
import { alarmFlags, alarmMarks, gapBand, gapLabels, gapsOfAll } from "./times.ts";
import type { TracedLine } from "./traced-line.ts";

/** One line on its axis, with its numbers. */
export interface Drawn extends MarkedLine {
  readonly line: TracedLine;
}

/** The lines that have numbers, each with all that is needed to write on it. */
export function drawnOf(lines: readonly TracedLine[], axes: readonly Axis[], theme: Theme): Drawn[] {
  return axes.flatMap((axis) =>
    axis.lines.flatMap((n): Drawn[] => {
      const line = must(lines[n], "a line");
      const { measurement, trace } = line;
      const { summary, lineEndsAt } = trace;
      const [isAlone, colour] = [lines.length === 1, colourOf(n, theme)];
      return summary.numbers === 0 ? [] : [{ axis, line, summary, lineEndsAt, measurement, colour, isAlone }];
    }),
  );
}

/** The colour of the line at a position of the request. */
export const colourOf = (n: number, theme: Theme): string => must(theme.lines[n % theme.lines.length], "a colour");

/** What is drawn on and below the lines besides their newest numbers. */
interface Overlay {
  /** Series in order. */
  readonly drawn: readonly Drawn[];
  readonly newest: readonly Mark[];
  /** At least one. */
  readonly axes: readonly Axis[];
  /** Those within the period, in the order in which they began. */
  readonly alarms: readonly AlarmTime[];
  readonly limits: LimitsShown;
}

/** All that is drawn on and below the lines. What matters more finds its place first. */
export function annotationsOf({ drawn, newest, axes, alarms, limits }: Overlay, plot: Plot): Annotation[] {
  const top = must(axes[0], "an axis");
  const limited = limitsOf(drawn, limits);
  const lineOf = ({ one, limit }: Limited): number => heightOf(limit.value, one.axis) * plot.height;
  const places = createPlaces(plot, limited.map(lineOf));
  newest.forEach(({ label }) => places.take(label));
  const extremes = drawn.flatMap((line) =>
    extremeLabels(line, plot).flatMap((candidates): Mark[] => {
      const label = places.find(candidates);
      return label ? [{ line, label }] : [];
    }),
  );
  const limitMarks = limited.flatMap((each) => drawLimit(each, lineOf(each), places, plot));
  const flags = alarmFlags(alarms, top, plot).flatMap(
    (flag) => places.find([flag], { zone: ABOVE, apart: SIZES.space }) ?? [],
  );
  return [
    ...gapsIn(drawn, top, places, plot),
    ...alarms.flatMap((alarm) => alarmMarks(alarm, plot)),
    ...axes.slice(0, -1).map((axis) => panelEnd(axis, plot)),
    ...limitMarks,
    ...extremes.flatMap((mark) => drawMark(mark, false, plot)),
    ...newest.flatMap((mark) => drawMark(mark, true, plot)),
    ...flags.map((flag) => drawLabel(flag, plot)),
    ...(drawn.length === 0 ? [emptyNote(plot)] : []),
  ];
}

/** The row of the alarms' numbers. */
const ABOVE = { top: -FLAG_HEIGHT, bottom: 0 };

/** A limit, and a line that has it. */
interface Limited {
  readonly one: Drawn;
  readonly limit: MeasuredLimit;
}

/** The limits of lines, those that two lines of one axis share only once. */
function limitsOf(drawn: readonly Drawn[], shown: LimitsShown): Limited[] {
  const all = drawn.flatMap((one) => {
    const { min, max } = one.summary;
    if (min === null || max === null) return [];
    return limitsNear(one.line.measurement.limits, { min, max }, shown).map((limit) => ({ one, limit }));
  });
  return [...new Map(all.map((each) => [`${each.one.axis.id} ${each.limit.side} ${each.limit.value}`, each])).values()];
}

/**
 * Its label stands in its own panel, where it hides least of the line; one that has no place where its own line is the nearest is left
 * out.
 */
function drawLimit({ one, limit }: Limited, height: number, places: Places, plot: Plot): Annotation[] {
  const { axis, line } = one;
  const { series, until } = line.trace;
  // Of several lines on one axis nobody could tell which one was beyond it for so long; the caption names each.
  const beyondMs = axis.lines.length > 1 ? [] : overTime(series, until, [limit]).beyondMs;
  const cost = (box: Box): number => entriesIn(box, series, axis, plot);
  const zone = { top: heightOf(axis.high, axis) * plot.height, bottom: heightOf(axis.low, axis) * plot.height };
  for (const text of limitTexts(limit, line.measurement, beyondMs[0] ?? 0)) {
    const label = places.find(limitLabels(text, limit, axis, plot), { cost, line: height, zone });
    if (label) return [limitLine(limit, axis, plot), drawLabel(label, plot)];
  }
  return [limitLine(limit, axis, plot)];
}

/** Times in which no line has a number, with their length where that has room. */
function gapsIn(drawn: readonly Drawn[], axis: Axis, places: Places, plot: Plot): Annotation[] {
  if (drawn.length === 0) return [];
  const gaps = gapsOfAll(
    drawn.map(({ line }) => line.trace.gaps),
    plot,
  );
  return gaps.flatMap((gap) => {
    const label = places.find(gapLabels(gap, axis, plot));
    return [gapBand(gap, plot), ...(label ? [drawLabel(label, plot)] : [])];
  });
}

/** Where one panel ends and the next begins. */
const panelEnd = ({ id, low }: Axis, { theme, scale }: Plot): LineAnnotation => ({
  type: "line",
  scaleID: id,
  value: low,
  borderColor: theme.dayGrid,
  borderWidth: SIZES.dayGrid * scale,
  drawTime: "beforeDatasetsDraw",
});
