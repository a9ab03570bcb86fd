import { formatDuration } from "../time.ts";
import type { Annotation } from "./annotations.ts";
import type { AlarmTime, Plot } from "./request.ts";
import type { Gap } from "./series.ts";
import { faded, fontOf, SIZES } from "./theme.ts";

/** Shares of the width that a label needs, and below which a gap is only a break in the line. */
const GAP_LABEL_WIDTH = 0.16;
const GAP_WIDTH = 0.01;
const ALARM_LABEL_WIDTH = 0.07;

/** Times without numbers in grey, with their length where it has room. */
export function gapMarks(gaps: readonly Gap[], plot: Plot): Annotation[] {
  const spanMs = plot.endAt - plot.startAt;
  return gaps.flatMap((gap): Annotation[] => {
    const [startAt, endAt] = [Math.max(gap.startAt, plot.startAt), Math.min(gap.endAt, plot.endAt)];
    if (endAt - startAt < spanMs * GAP_WIDTH) return [];
    const hasRoom = endAt - startAt > spanMs * GAP_LABEL_WIDTH;
    return [
      {
        type: "box",
        xMin: startAt,
        xMax: endAt,
        backgroundColor: plot.theme.gap,
        borderWidth: 0,
        drawTime: "beforeDatasetsDraw",
        ...(hasRoom
          ? {
              label: {
                display: true,
                content: formatDuration(gap.endAt - gap.startAt),
                position: { x: "center", y: "center" },
                color: plot.theme.quietText,
                font: fontOf("text", plot.scale),
              },
            }
          : {}),
      },
    ];
  });
}

/** A band for each time in which an alarm was active, and a mark with its number where it began. */
export function alarmMarks(alarms: readonly AlarmTime[], plot: Plot): Annotation[] {
  const { theme, scale } = plot;
  const spanMs = plot.endAt - plot.startAt;
  let labelledAt = Number.NEGATIVE_INFINITY;
  return alarms
    .filter(({ startAt, endAt }) => startAt < plot.endAt && (endAt ?? plot.endAt) > plot.startAt)
    .toSorted((a, b) => a.startAt - b.startAt)
    .flatMap(({ alarmId, severity, startAt, endAt }): Annotation[] => {
      const colour = theme.severities[severity];
      const began = Math.max(startAt, plot.startAt);
      const hasRoom =
        began - labelledAt > spanMs * ALARM_LABEL_WIDTH && plot.endAt - began > spanMs * ALARM_LABEL_WIDTH;
      if (hasRoom) labelledAt = began;
      const band: Annotation = {
        type: "box",
        xMin: began,
        xMax: Math.min(endAt ?? plot.endAt, plot.endAt),
        backgroundColor: faded(colour, 0.13),
        borderWidth: 0,
        drawTime: "beforeDatasetsDraw",
      };
      if (startAt < plot.startAt) return [band];
      return [
        band,
        {
          type: "line",
          scaleID: "x",
          value: startAt,
          borderColor: colour,
          borderWidth: SIZES.dayGrid * scale,
          ...(hasRoom
            ? {
                label: {
                  display: true,
                  content: `#${alarmId}`,
                  position: "end",
                  // Beside its line, not on it.
                  xAdjust: (1.2 + 0.35 * String(alarmId).length) * SIZES.text * 0.75 * scale,
                  color: colour,
                  backgroundColor: theme.veil,
                  font: fontOf("text", scale, "bold"),
                  padding: 0,
                },
              }
            : {}),
        },
      ];
    });
}
