import { formatQuantity } from "../number.ts";
import type { Limit, Measurement } from "../plots/measurement.ts";
import type { LineAnnotation } from "./annotations.ts";
import type { LimitsShown, Plot } from "./request.ts";
import { fontOf, SIZES } from "./theme.ts";

/** A limit is near if it is at most so many ranges of the numbers away from them… */
const NEAR_RANGES = 1.5;
/** …or, where these hardly move, at most this share of themselves. */
const NEAR_SHARE = 0.1;

/** The limits to draw; one that is far away would flatten the line that is looked at. */
export function limitsNear(
  limits: readonly Limit[],
  { min, max }: { readonly min: number; readonly max: number },
  shown: LimitsShown,
): readonly Limit[] {
  if (shown !== "near") return shown === "all" ? limits : [];
  const reach = Math.max((max - min) * NEAR_RANGES, Math.max(Math.abs(min), Math.abs(max)) * NEAR_SHARE);
  return limits.filter(({ value }) => value <= max + reach && value >= min - reach);
}

/** Shares of the plot that the label of a limit takes, about, and where it may stand, by the middle of it. */
const LABEL_WIDTH = 0.2;
const LABEL_HEIGHT = 0.12;
const PLACES = { start: 0.1, center: 0.5, end: 0.9 } as const;

/** Where a label must not stand: shares of width and height of the plot. */
export interface Taken {
  readonly x: number;
  readonly y: number;
}

/**
 * A dashed line across the plot, with what it means.
 * @param y where the line is, as a share of the plot's height
 */
export function limitLine(
  limit: Limit,
  measurement: Measurement,
  { axisId, y, taken }: { readonly axisId: string; readonly y: number; readonly taken: readonly Taken[] },
  plot: Plot,
): LineAnnotation {
  const isFree = (place: keyof typeof PLACES): boolean =>
    taken.every((mark) => Math.abs(mark.x - PLACES[place]) > LABEL_WIDTH || Math.abs(mark.y - y) > LABEL_HEIGHT);
  const { theme, scale } = plot;
  const colour = theme.severities[limit.severity];
  const isAbove = limit.side === "above";
  return {
    type: "line",
    scaleID: axisId,
    value: limit.value,
    borderColor: colour,
    borderWidth: SIZES.dayGrid * scale,
    borderDash: [14 * scale, 8 * scale],
    label: {
      display: true,
      content: `limit ${formatQuantity(limit.value, measurement.unit)}`,
      position: (["start", "center", "end"] as const).find(isFree) ?? "start",
      // On the side where trouble is, as the line itself is mostly on the other.
      yAdjust: (isAbove ? -1 : 1) * 0.65 * SIZES.text * scale,
      color: colour,
      backgroundColor: theme.veil,
      font: fontOf("text", scale, "bold"),
      padding: (SIZES.space / 4) * scale,
    },
  };
}
