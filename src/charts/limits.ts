import { formatQuantity } from "../lib/text/number.ts";
import { formatDuration } from "../lib/time/time.ts";
import type { MeasuredLimit, Measurement } from "../measurements/measurement.ts";
import type { LineAnnotation } from "./annotations.ts";
import type { Label } from "./labels.ts";
import type { Axis } from "./layout.ts";
import type { Plot } from "./request.ts";
import { SIZES } from "./theme.ts";

/** A dashed line across the plot. */
export function limitLine({ value, severity }: MeasuredLimit, { id }: Axis, { theme, scale }: Plot): LineAnnotation {
  return {
    type: "line",
    scaleID: id,
    value,
    borderColor: theme.severities[severity],
    borderWidth: SIZES.dayGrid * scale,
    borderDash: [14 * scale, 8 * scale],
    drawTime: "beforeDatasetsDraw",
  };
}

/** What its label says, the most that has room first: how long it was passed is the number beside what is shaded. */
export function limitTexts({ value, side }: MeasuredLimit, { unit }: Measurement, beyondMs: number): string[] {
  const name = `limit ${formatQuantity(value, unit)}`;
  const where = side === "above" ? "over" : "below";
  return beyondMs === 0 ? [name] : [`${name}: ${formatDuration(beyondMs)} ${where}`, name];
}

/** Where it may stand, in the order in which that is liked: where trouble is, as the line itself is mostly not there. */
export function limitLabels(text: string, limit: MeasuredLimit, axis: Axis, plot: Plot): Label[] {
  const { startAt, endAt, theme } = plot;
  const sides = limit.side === "above" ? (["end", "start"] as const) : (["start", "end"] as const);
  return sides.flatMap((y) =>
    PLACES.map(([share, x]) => ({
      text,
      colour: theme.severities[limit.severity],
      isBold: true,
      at: startAt + share * (endAt - startAt),
      axis,
      value: limit.value,
      side: { x, y },
      dx: x === "start" ? SIZES.space : x === "end" ? -SIZES.space : 0,
      dy: y === "end" ? NEARER : -NEARER,
    })),
  );
}

/** So that its letters are as near to the line as can be read. */
const NEARER = SIZES.text / 6;

/** Along the line, as shares of its length. */
const PLACES = [
  [0, "start"],
  [0.5, "center"],
  [1, "end"],
  [0.25, "center"],
  [0.75, "center"],
] as const;
