import { formatDuration } from "../lib/time/time.ts";
import type { Annotation } from "./annotations.ts";
import { widthOf, xOf, type Label } from "./labels.ts";
import type { Axis } from "./layout.ts";
import type { AlarmTime } from "../alarms/alarm-time.ts";
import type { Plot } from "./request.ts";
import type { Span } from "../measurements/series.ts";
import { faded, SIZES } from "./theme.ts";

/** The share of the width below which a gap is only a break in the line. */
const GAP_WIDTH = 0.01;
/** Where the length of a gap may stand, as shares of the height of an axis. */
const GAP_HEIGHTS = [0.5, 0.25, 0.75, 0.9, 0.1];

/** The times that are gaps in each of several lines, as far as they can be seen. */
export function gapsOfAll(gaps: readonly (readonly Span[])[], { startAt, endAt }: Plot): readonly Span[] {
  const isSeen = (gap: Span): boolean => gap.endAt - gap.startAt >= (endAt - startAt) * GAP_WIDTH;
  return gaps
    .map((its) => its.filter(isSeen))
    .reduce((ones, others) =>
      ones.flatMap((one) =>
        others
          .map((other) => ({
            startAt: Math.max(one.startAt, other.startAt),
            endAt: Math.min(one.endAt, other.endAt),
          }))
          .filter(isSeen),
      ),
    );
}

/** A time without numbers, in grey. */
export const gapBand = ({ startAt, endAt }: Span, { theme }: Plot): Annotation => band(startAt, endAt, theme.gap);

/** A time over the full height of the plot. */
const band = (startAt: number, endAt: number, colour: string): Annotation => ({
  type: "box",
  xMin: startAt,
  xMax: endAt,
  // Of no panel: then it goes through all of them.
  yScaleID: "all",
  backgroundColor: colour,
  borderWidth: 0,
  drawTime: "beforeDatasetsDraw",
});

/** Where the length of a gap may stand; nowhere if it does not fit in. */
export function gapLabels({ startAt, endAt }: Span, axis: Axis, plot: Plot): Label[] {
  const room = xOf(endAt, plot) - xOf(startAt, plot);
  const length = formatDuration(endAt - startAt);
  // `4 h 30 min`, or `4 h` where that is too long.
  const text = [length, length.split(" ").slice(0, 2).join(" ")].find((words) => widthOf(words) <= room);
  if (text === undefined) return [];
  return GAP_HEIGHTS.map((share) => ({
    text,
    colour: plot.theme.quietText,
    isBold: false,
    at: (startAt + endAt) / 2,
    axis,
    value: axis.low + share * (axis.high - axis.low),
    side: { x: "center", y: "center" },
    dx: 0,
    dy: 0,
  }));
}

/** The alarms that were active in the period, in the order in which they began. */
export const alarmsWithin = (alarms: readonly AlarmTime[], plot: Pick<Plot, "startAt" | "endAt">): AlarmTime[] =>
  alarms
    .filter(({ startAt, endAt }) => startAt < plot.endAt && (endAt ?? plot.endAt) > plot.startAt)
    .toSorted((a, b) => a.startAt - b.startAt);

/** A band for the time in which an alarm was active, and a line where it began. */
export function alarmMarks({ severity, startAt, endAt }: AlarmTime, plot: Plot): Annotation[] {
  const colour = plot.theme.severities[severity];
  const active = band(Math.max(startAt, plot.startAt), Math.min(endAt ?? plot.endAt, plot.endAt), faded(colour, 0.13));
  if (startAt < plot.startAt) return [active];
  const borderWidth = SIZES.dayGrid * plot.scale;
  const drawTime = "beforeDatasetsDraw";
  return [active, { type: "line", scaleID: "x", value: startAt, borderColor: colour, borderWidth, drawTime }];
}

/** The numbers of alarms above the plot, each where it began. */
export function alarmFlags(alarms: readonly AlarmTime[], axis: Axis, plot: Plot): Label[] {
  return alarms.map(({ alarmId, severity, startAt }): Label => {
    const text = `#${alarmId}`;
    const began = Math.max(startAt, plot.startAt);
    return {
      text,
      colour: plot.theme.severities[severity],
      isBold: true,
      at: began,
      axis,
      value: axis.high,
      side: { x: "start", y: "end" },
      dx: Math.min(0, plot.width - widthOf(text, true) - SIZES.rim - xOf(began, plot)),
      dy: SIZES.rim / 2,
    };
  });
}
