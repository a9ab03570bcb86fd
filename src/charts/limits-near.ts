import type { MeasuredLimit } from "../measurements/measurement.ts";
import type { LimitsShown } from "./request.ts";

/** A limit is near if it is at most so many ranges of the numbers away from them… */
const NEAR_RANGES = 1.5;
/** …or, where these hardly move, at most this share of themselves. */
const NEAR_SHARE = 0.1;

/** The limits to draw; one that is far away would flatten the line that is looked at. */
export function limitsNear(
  limits: readonly MeasuredLimit[],
  { min, max }: { readonly min: number; readonly max: number },
  shown: LimitsShown,
): readonly MeasuredLimit[] {
  if (shown !== "near") return shown === "all" ? limits : [];
  const reach = Math.max((max - min) * NEAR_RANGES, Math.max(Math.abs(min), Math.abs(max)) * NEAR_SHARE);
  return limits.filter(({ value }) => value <= max + reach && value >= min - reach);
}
