import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatSchedule,
  lastReportAt,
  nextReportAt,
  parseSchedule,
  type Schedule,
} from "../../src/reports/schedule.ts";
import { readingAt } from "../../src/lib/time/wall-clock.ts";

const ZONE = "Europe/Helsinki";
const at = (text: string): number => Date.parse(text);
const daily = (hour: number, minute = 0): Schedule => ({ minute: hour * 60 + minute, weekday: null });
const iso = (instant: number): string => new Date(instant).toISOString().slice(0, 16);

describe("nextReportAt", () => {
  it.each([
    // A Monday; 07:00 in Helsinki is 05:00 in winter.
    ["2026-11-23T04:59Z", daily(7), "2026-11-23T05:00"],
    ["2026-11-23T05:00Z", daily(7), "2026-11-24T05:00"],
    ["2026-11-23T04:59Z", { minute: 420, weekday: 1 }, "2026-11-23T05:00"],
    ["2026-11-23T05:00Z", { minute: 420, weekday: 1 }, "2026-11-30T05:00"],
    ["2026-11-23T05:00Z", { minute: 420, weekday: 7 }, "2026-11-29T05:00"],
    // Sunday in UTC is Monday in Helsinki already.
    ["2026-11-22T21:59Z", { minute: 5, weekday: 1 }, "2026-11-22T22:05"],
  ])("after %s", (after, schedule, expected) => {
    expect(iso(nextReportAt(schedule, ZONE, at(after)))).toBe(expected);
  });

  it("keeps to the clock on the wall over the change of clocks", () => {
    // Summer time begins on 2027-03-28 at 03:00 and ends on 2026-10-25 at 04:00.
    expect(iso(nextReportAt(daily(7), ZONE, at("2027-03-27T05:00Z")))).toBe("2027-03-28T04:00");
    expect(iso(nextReportAt(daily(7), ZONE, at("2026-10-24T04:00Z")))).toBe("2026-10-25T05:00");
  });

  it("comes once at a time that the clock shows twice, and an hour later at one that it skips", () => {
    const twice = nextReportAt(daily(3, 30), ZONE, at("2026-10-24T12:00Z"));
    expect(iso(twice)).toBe("2026-10-25T00:30");
    expect(iso(nextReportAt(daily(3, 30), ZONE, twice))).toBe("2026-10-26T01:30");
    const skipped = nextReportAt(daily(3, 30), ZONE, at("2027-03-27T12:00Z"));
    expect(iso(skipped)).toBe("2027-03-28T01:30");
    expect(iso(readingAt(skipped, ZONE))).toBe("2027-03-28T04:30");
    expect(iso(nextReportAt(daily(3, 30), ZONE, skipped))).toBe("2027-03-29T00:30");
  });

  const schedules = fc.record<Schedule>({
    minute: fc.integer({ min: 0, max: 1_439 }),
    weekday: fc.option(fc.integer({ min: 1, max: 7 })),
  });
  const zones = fc.constantFrom("UTC", ZONE, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo");
  const instants = fc.integer({ min: at("2011-01-01T00:00Z"), max: at("2030-01-01T00:00Z") });

  it("comes a day or a week after the one before, in every zone", () => {
    fc.assert(
      fc.property(schedules, zones, instants, (schedule, zone, after) => {
        const next = nextReportAt(schedule, zone, after);
        const days = schedule.weekday === null ? 1 : 7;
        const gapHours = (next - lastReportAt(schedule, zone, next - 1)) / 3_600_000;
        expect(next).toBeGreaterThan(after);
        expect(lastReportAt(schedule, zone, after)).toBeLessThanOrEqual(after);
        expect(lastReportAt(schedule, zone, next)).toBe(next);
        // Samoa left a whole day out.
        expect(Math.abs(gapHours - days * 24)).toBeLessThanOrEqual(zone === "Pacific/Apia" ? 25 : 2);
      }),
    );
  });
});

describe("parseSchedule", () => {
  it.each([
    ["daily 07:00", daily(7), "each day at 07:00"],
    [" Daily  7:05 ", daily(7, 5), "each day at 07:05"],
    ["weekly mon 07:00", { minute: 420, weekday: 1 }, "each Monday at 07:00"],
    ["weekly Sunday 23:59", { minute: 1_439, weekday: 7 }, "each Sunday at 23:59"],
    ["daily 7", daily(7), "each day at 07:00"],
    ["daily at 7.30", daily(7, 30), "each day at 07:30"],
    ["Every day 7 AM", daily(7), "each day at 07:00"],
    ["every monday at 6pm", { minute: 1_080, weekday: 1 }, "each Monday at 18:00"],
    ["mondays 0700", { minute: 420, weekday: 1 }, "each Monday at 07:00"],
    ["7:00 weekly mon", { minute: 420, weekday: 1 }, "each Monday at 07:00"],
  ])("reads %j", (text, schedule, words) => {
    expect(parseSchedule(text)).toEqual({ value: schedule });
    expect(formatSchedule(schedule)).toBe(words);
  });

  it.each([
    "",
    "07:00",
    "daily",
    "daily 24:00",
    "daily mon 07:00",
    "weekly 07:00",
    "weekly mo 07:00",
    "weekly mon",
    "weekly mon tue 7",
    "daily 7 8",
    "daily weekly 7",
    "daily 25",
    "constructor 7",
    "hourly 07:00",
  ])("says how to write it instead of %j", (text) => {
    expect(parseSchedule(text)).toEqual({ problem: expect.stringContaining("Write /report daily 07:00") });
  });
});
