import { formatQuantity } from "../number.ts";
import type { Limit, Measurement } from "../plots/measurement.ts";
import type { LineAnnotation } from "./annotations.ts";
import type { Label } from "./labels.ts";
import type { Axis } from "./layout.ts";
import type { Plot } from "./request.ts";
import { SIZES } from "./theme.ts";

/** A dashed line across the plot. */
export function limitLine({ value, severity }: Limit, { id }: Axis, { theme, scale }: Plot): LineAnnotation {
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

/** Where its label may stand, in the order in which that is liked: where trouble is, as the line itself is mostly not there. */
export function limitLabels(limit: Limit, { unit }: Measurement, axis: Axis, plot: Plot): Label[] {
  const { startAt, endAt, theme } = plot;
  const sides = limit.side === "above" ? (["end", "start"] as const) : (["start", "end"] as const);
  return sides.flatMap((y) =>
    (["start", "center", "end"] as const).map((x) => ({
      text: `limit ${formatQuantity(limit.value, unit)}`,
      colour: theme.severities[limit.severity],
      isBold: true,
      at: x === "start" ? startAt : x === "end" ? endAt : (startAt + endAt) / 2,
      axis,
      value: limit.value,
      side: { x, y },
      dx: x === "start" ? SIZES.space : x === "end" ? -SIZES.space : 0,
      dy: y === "end" ? -SIZES.dayGrid : SIZES.dayGrid,
    })),
  );
}
