import type { ScriptableScaleContext, Tick } from "chart.js";
import type { TimeFormat } from "./calendar.ts";
import { formatAxisNumber } from "./axis-number.ts";
import { boundsOf, type ValueRange } from "./bounds.ts";
import type { Axis } from "./layout.ts";
import type { Plot } from "./request.ts";
import { fontOf, SIZES } from "./theme.ts";
import type { TimeStep } from "./time-ticks.ts";

const MAX_VALUE_TICKS = 7;
const MAX_PANEL_TICKS = 4;

/** A time axis over exactly the period, with marks where `data.labels` has them and the date in bold at midnight. */
export function timeAxis({
  startAt,
  endAt,
  theme,
  scale,
  timeZone,
  step,
}: Plot & { timeZone: string; step: TimeStep }) {
  const time = timeFormats(step.unit);
  // Among marks that are all dates, one in bold would look like more than it is.
  const isNewDate = ({ tick }: ScriptableScaleContext) => tick?.major === true && time.unit !== "day";
  return {
    type: "time",
    min: startAt,
    max: endAt,
    adapters: { date: { timeZone } },
    time,
    grid: {
      color: (context: ScriptableScaleContext) => (isNewDate(context) ? theme.dayGrid : theme.grid),
      lineWidth: (context: ScriptableScaleContext) => (isNewDate(context) ? SIZES.dayGrid : SIZES.grid) * scale,
    },
    border: { color: theme.dayGrid },
    ticks: {
      source: "labels",
      autoSkip: false,
      maxRotation: 0,
      major: { enabled: true },
      color: theme.text,
      font: (context: ScriptableScaleContext) => fontOf("text", scale, isNewDate(context) ? "bold" : "normal"),
    },
    title: {
      display: true,
      text: `Time in ${timeZone.replaceAll("_", " ")}`,
      color: theme.quietText,
      font: fontOf("text", scale),
    },
  } as const;
}

/**
 * A value axis around the numbers from `min` to `max`; both are null when there are none, and it has no marks then.
 * @param colour that of the one line that it is for; `null`: it is for all
 */
export function valueAxis({
  theme,
  scale,
  title,
  min,
  max,
  colour,
  position,
  isStacked,
}: Plot & ValueRange & Pick<Axis, "position" | "isStacked"> & { title: string; colour: string | null }) {
  return {
    type: "linear",
    position,
    ...boundsOf({ min, max }),
    // Of two axes side by side only one can rule the plot.
    grid: { color: theme.grid, lineWidth: SIZES.grid * scale, drawTicks: false, drawOnChartArea: position === "left" },
    border: { display: false },
    ticks: {
      display: min !== null,
      includeBounds: false,
      maxTicksLimit: isStacked ? MAX_PANEL_TICKS : MAX_VALUE_TICKS,
      padding: SIZES.space * scale,
      color: colour ?? theme.text,
      // In a low panel, one number alone is no scale.
      font: fontOf(isStacked ? "small" : "text", scale),
      callback: (value: number | string, _: number, all: Tick[]) => formatAxisNumber(Number(value), styleOf(all)),
    },
    title: {
      display: title !== "" && !isStacked,
      text: title,
      color: colour ?? theme.quietText,
      font: fontOf("text", scale),
    },
  } as const;
}

/** The same axis in a panel of its own; the first is on top. */
export const stackedAxis = (axis: ReturnType<typeof valueAxis>) =>
  ({ ...axis, stack: "panels", stackWeight: 1 }) as const;

/** The marks of an axis decide together how each is written. */
function styleOf(ticks: Tick[]) {
  const values = ticks.map((tick) => tick.value);
  const step = Math.abs((values[1] ?? 0) - (values[0] ?? 0));
  return { largest: Math.max(...values.map(Math.abs)), step, isPadded: true };
}

interface TimeFormats {
  /** chart.js writes marks at the start of the next larger unit in that unit's format. */
  readonly unit: "hour" | "day" | "month" | "year";
  readonly displayFormats: Partial<Record<"hour" | "day" | "month" | "year", TimeFormat>>;
}

/** Times of day with the date at midnight; dates; months with the year in January; years. */
function timeFormats(unit: TimeStep["unit"]): TimeFormats {
  switch (unit) {
    case "second":
      return { unit: "hour", displayFormats: { hour: "seconds", day: "day" } };
    case "minute":
    case "hour":
      return { unit: "hour", displayFormats: { hour: "time", day: "day" } };
    case "day":
    case "week":
      return { unit: "day", displayFormats: { day: "day", month: "day" } };
    case "month":
      return { unit: "month", displayFormats: { month: "month", year: "year" } };
    case "year":
      return { unit: "year", displayFormats: { year: "year" } };
  }
}
