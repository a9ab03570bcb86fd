import type { DateAdapter, TimeUnit } from "chart.js";
import { addUnits, countUnits, formatTime, startOf, type TimeFormat } from "./time-units.ts";

/** What a time axis tells the adapter, as `adapters: { date: { timeZone } }`; an IANA name. */
export interface DateAdapterOptions {
  readonly timeZone: string;
}

/**
 * What chart.js asks to know about dates, answered in the axis' own time zone. Data are epoch ms UTC; format strings are
 * the names of `TimeFormat`. Weeks are ISO weeks. chartjs-adapter-date-fns has no zones and cannot be loaded here.
 */
export const dateAdapter: Omit<DateAdapter<DateAdapterOptions>, "options"> = {
  init: () => {},
  formats: () => FORMATS,
  parse: (value) => (typeof value === "number" ? value : null),
  format(at, format) {
    return formatTime(at, format as TimeFormat, this.options.timeZone);
  },
  add(at, amount, unit) {
    return addUnits(at, amount, unit, this.options.timeZone);
  },
  diff(laterAt, earlierAt, unit) {
    return countUnits(laterAt, earlierAt, unit, this.options.timeZone);
  },
  startOf(at, unit) {
    return startOf(at, unit === "isoWeek" ? "week" : unit, this.options.timeZone);
  },
  endOf(at, unit) {
    const { timeZone } = this.options;
    return addUnits(startOf(at, unit, timeZone), 1, unit, timeZone) - 1;
  },
};

const FORMATS: Record<TimeUnit | "datetime", TimeFormat> = {
  datetime: "seconds",
  millisecond: "seconds",
  second: "seconds",
  minute: "time",
  hour: "time",
  day: "day",
  week: "day",
  month: "month",
  quarter: "month",
  year: "year",
};
