import { findField } from "./find-field.ts";
import type { Measurement } from "../measurements/measurement.ts";
import type { Period } from "./period.ts";
import { splitRequest, toProblem, type PlotProblem } from "./plot-command.ts";
import { NO_ANCHORS } from "./time-words.ts";

/** Some fields over a period. */
export interface FeedRequest extends Period {
  readonly measurements: readonly Measurement[];
}

/**
 * Reads what follows a command about numbers: a field as behind `/plot`, and then a period. Without a field all of them are
 * meant; without a period, the last 24 hours.
 * @param measurements what the channel has
 * @param zone IANA name
 * @param now epoch ms
 */
export function parseFeedRequest(
  args: string,
  measurements: readonly Measurement[],
  zone: string,
  now: number,
  anchors = NO_ANCHORS,
): { readonly value: FeedRequest } | PlotProblem {
  const { label, period } = splitRequest(args, measurements, zone, now, anchors);
  if ("problem" in period) return { ...period, choice: null };
  if (label === "") return { value: { ...period.value, measurements } };
  const found = findField(label, measurements);
  if ("problem" in found) return toProblem(found, period.value);
  const chosen = measurements.filter(({ number }) => number === found.value.number);
  return { value: { ...period.value, measurements: chosen } };
}
