import type { AlarmTime } from "../alarms/alarm-time.ts";
import type { ChartLine, ChartRequest } from "../charts/request.ts";
import type { MeasuredLimit, Measurement } from "../measurements/measurement.ts";
import type { Series } from "../measurements/series.ts";
import type { Readings } from "../measurements/source.ts";
import type { Period } from "../queries/period.ts";
import type { PlotView } from "./view.ts";

/** One field over a period. */
export interface PlotLine {
  readonly measurement: Measurement;
  readonly series: Readings;
}

/** What a picture may have besides its view. */
export interface PlotMore {
  readonly size?: { readonly width: number; readonly height: number };
  readonly limits?: readonly MeasuredLimit[];
}

/** What the worker is to draw of what was read. */
export function requestFor(
  view: PlotView,
  read: {
    readonly period: Period;
    readonly timeZone: string;
    readonly shown: readonly PlotLine[];
    /** Of each line; empty: nothing is compared. */
    readonly earlier: readonly Series[];
    readonly alarms: readonly AlarmTime[];
    readonly more: PlotMore;
  },
): ChartRequest {
  const { period, timeZone, shown, earlier, alarms, more } = read;
  return {
    title: shown.map(({ measurement }) => measurement.label).join(", "),
    timeZone,
    startAt: period.startAt,
    endAt: period.endAt,
    lines: shown.map(({ series, measurement }, i): ChartLine => ({
      series,
      measurement: { ...measurement, limits: together(measurement.limits, more.limits ?? []) },
      earlier: earlier[i] ?? null,
    })),
    earlierName: view.compared === "none" ? null : view.compared,
    limits: view.limits,
    alarms,
    theme: view.theme,
    ...more.size,
  };
}

/** All limits, each value once. */
const together = (limits: readonly MeasuredLimit[], more: readonly MeasuredLimit[]): readonly MeasuredLimit[] => [
  ...limits,
  ...more.filter(({ value }) => limits.every((limit) => limit.value !== value)),
];
