import type { z } from "zod";
import { isAddress } from "../duty/read-source.ts";
import { isSafeUrl } from "../lib/outgoing.ts";
import { overlapOf, type DutySetting } from "../duty/weekly.ts";
import type { Destination } from "../alarms/types.ts";
import type { Parsed } from "../lib/text/parsed.ts";
import { parseEndOfDay } from "../alarms/time-of-day.ts";
import { isTimeZone } from "../lib/time/time.ts";
import { parseWeekday } from "../lib/time/weekday.ts";
import { duration, list, oneOrMore, readBy, section, text, timeOfDay } from "./schema-parts.ts";

/** The form of who is on duty. */

const ALL_DAYS = [1, 2, 3, 4, 5, 6, 7];

/** `mon`, or `mon-fri`. */
const days = readBy((given): Parsed<readonly number[]> => {
  const [first = null, last = null, ...others] = String(given)
    .trim()
    .split(/\s*[-–]\s*/)
    .map(parseWeekday);
  const isRange = /[-–]/.test(String(given));
  if (first === null || others.length > 0 || (isRange && last === null)) {
    return { problem: "is not a day of the week: write one such as mon, or mon-fri" };
  }
  const until = last ?? first;
  return {
    value:
      first <= until ? ALL_DAYS.slice(first - 1, until) : [...ALL_DAYS.slice(first - 1), ...ALL_DAYS.slice(0, until)],
  };
});

const endOfDay = readBy((given): Parsed<number> => {
  const value = parseEndOfDay(String(given));
  return value === null ? { problem: "is not a time of day: write one such as 14:00" } : { value };
});

const date = readBy((given): Parsed<number> => {
  const text = String(given);
  const reading = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // 30 February is no day, though it can be read as one of March.
  const isDay = !Number.isNaN(reading) && new Date(reading).toISOString().startsWith(text);
  return isDay ? { value: reading } : { problem: "is not a day: write one such as 2026-11-02" };
});

const zone = readBy((given): Parsed<string> =>
  typeof given === "string" && isTimeZone(given)
    ? { value: given }
    : { problem: "is not a time zone: write one such as Europe/Helsinki" },
);

/** A secret may stand in an address: nobody on the way is to read it. */
const calendarSource = text.refine(
  (source) => !isAddress(source) || isSafeUrl(source),
  "must be a path, or an address that begins with https:",
);
const HOUR_MS = 3_600_000;

/** Under `duty`. @param destination reads a chat, by its name or its number; `chats`: those whom a calendar may name */
export const dutyOf = (
  destination: z.ZodType<Destination>,
  chats: ReadonlyMap<string, Destination>,
): z.ZodType<DutySetting> => {
  const person = destination.refine(({ chatId }) => chatId >= 0, {
    error: "is a group: a person is on duty",
    abort: true,
  });
  const people = [...chats.values()].filter(({ chatId }) => chatId > 0);
  const shift = section({
    days: oneOrMore(days).default([ALL_DAYS]),
    from: timeOfDay,
    to: endOfDay,
    who: oneOrMore(person),
  }).transform(({ days: named, from, to, who }) => ({ weekdays: [...new Set(named.flat())], from, to, who }));
  return section({
    zone: zone.optional(),
    start: date.optional(),
    week: list(shift).min(1, "names no shift").optional(),
    calendar: calendarSource.optional(),
    every: duration.default(HOUR_MS),
  })
    .superRefine(({ start, week = [], calendar }, context) => {
      if (week.length > 0 === (calendar !== undefined)) {
        context.addIssue({ code: "custom", message: "needs a week or a calendar, not both" });
      }
      const overlap = overlapOf(week);
      if (overlap !== null) {
        const [one, other] = overlap;
        const message = one === other ? `is still on when it starts again` : `is still on when ${other} starts`;
        context.addIssue({
          code: "custom",
          path: ["week", one - 1],
          message: `${message}: only one person is on duty`,
        });
      }
      if (start === undefined && week.some(({ who }) => who.length > 1)) {
        context.addIssue({
          code: "custom",
          message: "needs a start: the first day on which the first of each who has a week",
        });
      }
    })
    .transform(({ zone: named = null, start = 0, week = [], calendar, every }) => ({
      zone: named,
      start,
      shifts: week,
      calendar: calendar === undefined ? null : { source: calendar, everyMs: every, people },
    }));
};
