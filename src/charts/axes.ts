import type { ScriptableScaleContext, Tick } from "chart.js";
import type { TimeFormat } from "./time-units.ts";
import { formatAxisNumber } from "./axis-number.ts";
import { LINE_HEIGHT } from "./frame.ts";
import { widthOf } from "./labels.ts";
import type { Axis } from "./layout.ts";
import type { Plot } from "./request.ts";
import { fontOf, SIZES } from "./theme.ts";
import type { TimeStep } from "./time-ticks.ts";
import { valueTicks } from "./value-ticks.ts";

/** Marks that have room on an axis, by the count of panels. */
const MAX_VALUE_TICKS: Readonly<Record<number, number>> = { 1: 6, 2: 4, 3: 3 };
const MIN_VALUE_TICKS = 2;

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
  } as const;
}

/**
 * The marks of an axis with their texts, the unit behind the topmost, and the width that these take; pixels at full scale.
 * @param height of the plot
 */
export function marksOf({ low, high, unit, isEmpty, panels }: Axis, height: number) {
  // So far from the ends that texts of neighbouring panels do not meet.
  const inset = ((high - low) * (LINE_HEIGHT / 2)) / (height / panels);
  const ends = { low: low + inset, high: high - inset };
  const room = Math.max(MIN_VALUE_TICKS, Math.floor(height / panels / LINE_HEIGHT) - 1);
  const { values, step } = valueTicks(ends, Math.min(room, MAX_VALUE_TICKS[panels] ?? MIN_VALUE_TICKS));
  const style = { largest: Math.max(...values.map(Math.abs)), step, isPadded: true };
  const texts = values.map((value, i) => {
    const isTop = i === values.length - 1;
    return `${formatAxisNumber(value, style)}${isTop && unit !== null ? ` ${unit}` : ""}`;
  });
  const width = isEmpty ? 0 : Math.max(0, ...texts.map((text) => widthOf(text))) + SIZES.space * 2;
  return { values, texts, width };
}

/**
 * A value axis; one without numbers has no marks.
 * @param colour of its marks
 */
export function valueAxis(axis: Axis, colour: string, { theme, scale, height }: Plot) {
  const { low, high, isEmpty, panels } = axis;
  const { values, texts, width } = marksOf(axis, height);
  return {
    type: "linear",
    position: "left",
    min: low,
    max: high,
    grid: { color: theme.grid, lineWidth: SIZES.grid * scale, drawTicks: false },
    border: { display: false },
    afterBuildTicks: (scale: { ticks: Tick[] }) => void (scale.ticks = values.map((value) => ({ value }))),
    ticks: {
      display: !isEmpty,
      autoSkip: false,
      padding: SIZES.space * scale,
      color: colour,
      font: fontOf("text", scale),
      callback: (_: number | string, index: number) => texts[index] ?? "",
    },
    // chart.js leaves each of several axes a part of the width, as if they stood side by side.
    afterFit: (box: { width: number }) => void (box.width = Math.max(box.width, width * scale)),
    // Those of one picture are one above the other.
    ...(panels > 1 ? { stack: "panels", stackWeight: 1 } : {}),
  } as const;
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
