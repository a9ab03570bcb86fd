import type { Limit } from "../plots/measurement.ts";
import type { Annotation, LineAnnotation } from "./annotations.ts";
import { createPlaces, drawLabel, emptyNote, entriesIn, type Places } from "./labels.ts";
import type { Axis } from "./layout.ts";
import { limitLabels, limitLine } from "./limits.ts";
import { limitsNear } from "./near.ts";
import { drawMark, extremeLabels, type Mark, type MarkedLine } from "./marks.ts";
import type { AlarmTime, LimitsShown, Plot } from "./request.ts";
import { SIZES } from "./theme.ts";
import { alarmFlags, alarmMarks, gapBand, gapLabels, gapsOfAll } from "./times.ts";
import type { TracedLine } from "./trace.ts";

/** One line on its axis, with its numbers. */
export interface Drawn extends MarkedLine {
  readonly line: TracedLine;
}

/** The lines that have numbers, each with all that is needed to write on it. */
export function drawnOf(lines: readonly TracedLine[], axes: readonly Axis[], plot: Plot): Drawn[] {
  return axes.flatMap((axis) =>
    axis.lines.flatMap((n): Drawn[] => {
      const line = lines[n]!;
      const { measurement, trace } = line;
      const { summary } = trace;
      const isAlone = lines.length === 1;
      return summary.numbers === 0 ? [] : [{ axis, line, summary, measurement, colour: colourOf(n, plot), isAlone }];
    }),
  );
}

/** The colour of the line at a position of the request. */
export const colourOf = (n: number, { theme }: Plot): string => theme.lines[n % theme.lines.length]!;

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
  const [top] = axes as readonly [Axis];
  const places = createPlaces(plot);
  newest.forEach(({ label }) => places.take(label));
  const extremes = drawn.flatMap((line) =>
    extremeLabels(line, plot).flatMap((candidates): Mark[] => {
      const label = places.find(candidates);
      return label ? [{ line, label }] : [];
    }),
  );
  const limitMarks = limitsOf(drawn, limits).flatMap(({ one, limit }) => drawLimit(one, limit, places, plot));
  return [
    ...gapsIn(drawn, top, places, plot),
    ...alarms.flatMap((alarm) => alarmMarks(alarm, plot)),
    ...axes.slice(0, -1).map((axis) => panelEnd(axis, plot)),
    ...limitMarks,
    ...extremes.flatMap((mark) => drawMark(mark, false, plot)),
    ...newest.flatMap((mark) => drawMark(mark, true, plot)),
    ...alarmFlags(alarms, top, plot).map((flag) => drawLabel(flag, plot)),
    ...(drawn.length === 0 ? [emptyNote(plot)] : []),
  ];
}

/** The limits of lines, those that two lines of one axis share only once. */
function limitsOf(drawn: readonly Drawn[], shown: LimitsShown): { readonly one: Drawn; readonly limit: Limit }[] {
  const all = drawn.flatMap((one) => {
    const { min, max } = one.summary;
    if (min === null || max === null) return [];
    return limitsNear(one.line.measurement.limits, { min, max }, shown).map((limit) => ({ one, limit }));
  });
  return [...new Map(all.map((each) => [`${each.one.axis.id} ${each.limit.side} ${each.limit.value}`, each])).values()];
}

/** Its label stands where it hides least of the line; where none is free, at the start. */
function drawLimit(one: Drawn, limit: Limit, places: Places, plot: Plot): Annotation[] {
  const candidates = limitLabels(limit, one.line.measurement, one.axis, plot);
  const label =
    places.find(candidates, (box) => entriesIn(box, one.line.trace.series, one.axis, plot)) ?? candidates[0]!;
  return [limitLine(limit, one.axis, plot), drawLabel(label, plot)];
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
