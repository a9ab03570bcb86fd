import type { ChartLine, ChartRequest } from "../../src/charts/request.ts";
import type { Series } from "../../src/measurements/series.ts";
import type { Measurement } from "../../src/measurements/measurement.ts";

/** A day in November. */
export const START_AT = Date.parse("2026-11-10T00:00Z");
export const DAY_MS = 86_400_000;

/** A line of coil temperatures, unless said otherwise. */
export function lineOf(series: Series, more: Partial<Measurement & Pick<ChartLine, "earlier">> = {}): ChartLine {
  const { earlier = null, ...measurement } = more;
  return {
    measurement: { number: 1, label: "Coil temperature", unit: "°C", decimals: null, limits: [], ...measurement },
    series,
    earlier,
  };
}

/** A request of one day in Helsinki's time, unless said otherwise. */
export function requestFor(lines: readonly ChartLine[], more: Partial<ChartRequest> = {}): ChartRequest {
  return {
    title: "Coil temperature",
    timeZone: "Europe/Helsinki",
    startAt: START_AT,
    endAt: START_AT + DAY_MS,
    lines,
    earlierName: null,
    limits: "near",
    alarms: [],
    theme: "light",
    ...more,
  };
}

/** So many entries evenly over a day. */
export function seriesOf(entries: number, valueAt: (i: number) => number): Series {
  return {
    times: Float64Array.from({ length: entries }, (_, i) => START_AT + (i * DAY_MS) / entries),
    values: Float64Array.from({ length: entries }, (_, i) => valueAt(i)),
  };
}
