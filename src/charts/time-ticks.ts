import { must } from "../lib/must.ts";
import { tz } from "@date-fns/tz/tz";
import { set } from "date-fns/set";
import { addUnits, formatTime, startOf } from "./time-units.ts";

/** Where a time axis has its marks, and how fine they are. */
export interface TimeTicks {
  /** Epoch ms UTC, ascending, within the window. */
  readonly at: readonly number[];
  readonly step: TimeStep;
}

/** The distance of neighbouring marks. */
export interface TimeStep {
  readonly unit: "second" | "minute" | "hour" | "day" | "week" | "month" | "year";
  readonly amount: number;
}

const LENGTH_MS = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30.4 * 86_400_000,
  year: 365.25 * 86_400_000,
} as const;

/** Labels with seconds are longer than others. */
const SECONDS_SHARE = 2 / 3;

/** Steps that people count time in; each divides the unit that it is counted from. */
const STEPS: readonly TimeStep[] = (
  [
    ["second", [1, 2, 5, 10, 15, 30]],
    ["minute", [1, 2, 5, 10, 15, 30]],
    ["hour", [1, 2, 3, 6, 12]],
    ["day", [1, 2, 3]],
    ["week", [1, 2]],
    ["month", [1, 3, 6]],
    ["year", [1, 2, 5, 10, 20, 50, 100]],
  ] as const
).flatMap(([unit, amounts]) => amounts.map((amount) => ({ unit, amount })));

/**
 * Marks at natural times of the zone: the finest step that needs few enough marks to be read, counted from the start of the
 * next larger unit. Marks several hours apart stand at the same hours of every day, also when the clocks change; closer
 * ones are evenly spaced, so that an hour that comes twice is marked twice.
 * @param most how many steps have room in the window
 */
export function timeTicks(startAt: number, endAt: number, timeZone: string, most: number): TimeTicks {
  const isFewEnough = ({ unit, amount }: TimeStep) =>
    (endAt - startAt) / (LENGTH_MS[unit] * amount) <= most * (unit === "second" ? SECONDS_SHARE : 1);
  const step = must(STEPS.find(isFewEnough) ?? STEPS.at(-1), "a step");
  const at = Array.from(marks(startAt, endAt, step, timeZone)).filter((at) => at >= startAt && at <= endAt);
  return { at, step };
}

function* marks(startAt: number, endAt: number, { unit, amount }: TimeStep, timeZone: string): Generator<number> {
  if (unit === "hour" && amount > 1) return yield* hoursOfDays(startAt, endAt, amount, timeZone);
  const from = origin(startAt, unit, amount, timeZone);
  for (let i = 0, at = from; at <= endAt; i++, at = addUnits(from, i * amount, unit, timeZone)) yield at;
}

/** Every `amount`th hour by the clocks of each day; an hour that the clocks jump over is left out. */
function* hoursOfDays(startAt: number, endAt: number, amount: number, timeZone: string): Generator<number> {
  const from = startOf(startAt, "day", timeZone);
  for (let i = 0, day = from; day <= endAt; i++, day = addUnits(from, i, "day", timeZone)) {
    yield day;
    for (let hours = amount; hours < 24; hours += amount) {
      const at = set(day, { hours, minutes: 0 }, { in: tz(timeZone) });
      if (at.getHours() === hours) yield Number(at);
    }
  }
}

/** Where marks are counted from: the start of the next larger unit, so that they fall on :00, :15, :30, on January, on 2020. */
function origin(startAt: number, unit: TimeStep["unit"], amount: number, timeZone: string): number {
  switch (unit) {
    case "second":
      return startOf(startAt, "minute", timeZone);
    case "minute":
      return startOf(startAt, "hour", timeZone);
    case "hour":
    case "day":
      return startOf(startAt, "day", timeZone);
    case "week":
      return startOf(startAt, "week", timeZone);
    case "month":
      return startOf(startAt, "year", timeZone);
    case "year": {
      const year = startOf(startAt, "year", timeZone);
      return addUnits(year, -(Number(formatTime(year, "year", timeZone)) % amount), "year", timeZone);
    }
  }
}
