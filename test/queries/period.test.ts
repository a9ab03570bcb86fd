import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPeriodAsTyped, parseEnd, parsePeriod, parseStart, PRESETS } from "../../src/queries/period.ts";
import type { PeriodResult } from "../../src/queries/period.ts";
import { formatMinute } from "../../src/lib/time/time.ts";

const ZONE = "Europe/Helsinki";
/** 2026-11-23 15:00 in Helsinki, which is UTC+2 in winter. */
const NOW = Date.parse("2026-11-23T13:00:00Z");

/** A period in the words of `ZONE`'s clocks, or the sentence. */
function shown(result: PeriodResult, zone = ZONE): string {
  if ("problem" in result) return result.problem;
  const { startAt, endAt } = result.value;
  return `${formatMinute(startAt, zone)} .. ${formatMinute(endAt, zone)}`;
}

/** Whether a result is a period that can be drawn, or a sentence. */
function isSound(result: PeriodResult): boolean {
  if ("problem" in result) return /^[A-Z0-9].*\.$/s.test(result.problem);
  const { startAt, endAt } = result.value;
  return 0 <= startAt && startAt < endAt && endAt <= NOW;
}

describe("parsePeriod", () => {
  it.each([
    ["24h", "2026-11-22 15:00 .. 2026-11-23 15:00"],
    ["90M", "2026-11-23 13:30 .. 2026-11-23 15:00"],
    ["7d", "2026-11-16 15:00 .. 2026-11-23 15:00"],
    ["2w", "2026-11-09 15:00 .. 2026-11-23 15:00"],
    ["2018-08-20", "2018-08-20 00:00 .. 2018-08-21 00:00"],
    ["20.8.2018", "2018-08-20 00:00 .. 2018-08-21 00:00"],
    ["2018-8-5", "2018-08-05 00:00 .. 2018-08-06 00:00"],
    ["today", "2026-11-23 00:00 .. 2026-11-23 15:00"],
    ["Yesterday", "2026-11-22 00:00 .. 2026-11-23 00:00"],
    ["14:30", "2026-11-23 14:30 .. 2026-11-23 15:00"],
    ["yesterday 14:00", "2026-11-22 14:00 .. 2026-11-23 15:00"],
    ["2026-11-20 14:30", "2026-11-20 14:30 .. 2026-11-23 15:00"],
    ["2026-11-20T14:30:59", "2026-11-20 14:30 .. 2026-11-23 15:00"],
    ["  20.11.2026   14:30 ", "2026-11-20 14:30 .. 2026-11-23 15:00"],
    ["2018-08-20 2018-08-21", "2018-08-20 00:00 .. 2018-08-22 00:00"],
    ["2018-08-20 14:30 2018-08-21 08:00", "2018-08-20 14:30 .. 2018-08-21 08:00"],
    ["2018-08-20T14:30 2018-08-21T08:00", "2018-08-20 14:30 .. 2018-08-21 08:00"],
    ["2018-08-20 14:30 24h", "2018-08-20 14:30 .. 2018-08-21 14:30"],
    ["7d now", "2026-11-16 15:00 .. 2026-11-23 15:00"],
    ["2018-08-20 now", "2018-08-20 00:00 .. 2026-11-23 15:00"],
    // A bare time is the first after the start, be it on the same day or on the next.
    ["2018-08-20 08:00 14:30", "2018-08-20 08:00 .. 2018-08-20 14:30"],
    ["yesterday 22:00 06:00", "2026-11-22 22:00 .. 2026-11-23 06:00"],
    // Without a year, the last one that was.
    ["20.11.", "2026-11-20 00:00 .. 2026-11-21 00:00"],
    ["24.12.", "2025-12-24 00:00 .. 2025-12-25 00:00"],
    ["29.2.", "2024-02-29 00:00 .. 2024-03-01 00:00"],
    ["20.11.26", "2026-11-20 00:00 .. 2026-11-21 00:00"],
    ["20. 11. 2026", "2026-11-20 00:00 .. 2026-11-21 00:00"],
    ["2018/08/20", "2018-08-20 00:00 .. 2018-08-21 00:00"],
    ["20.11. 21.11.", "2026-11-20 00:00 .. 2026-11-22 00:00"],
    ["20.11.-21.11.", "2026-11-20 00:00 .. 2026-11-22 00:00"],
    ["20.11. – 21.11.", "2026-11-20 00:00 .. 2026-11-22 00:00"],
    ["20. 11. - 21. 11.", "2026-11-20 00:00 .. 2026-11-22 00:00"],
    ["20.–21.11.", "2026-11-20 00:00 .. 2026-11-22 00:00"],
    ["20.11. 8.00 — 21.11. 10.30", "2026-11-20 08:00 .. 2026-11-21 10:30"],
    ["2018-08-20-2018-08-21", "2018-08-20 00:00 .. 2018-08-22 00:00"],
    ["2018-08-20 to 2018-08-21", "2018-08-20 00:00 .. 2018-08-22 00:00"],
    ["from 20.11. until 21.11.", "2026-11-20 00:00 .. 2026-11-22 00:00"],
    ["since 20.11.", "2026-11-20 00:00 .. 2026-11-23 15:00"],
    ["8:00-10:00", "2026-11-23 08:00 .. 2026-11-23 10:00"],
    ["8:00 − 10:00", "2026-11-23 08:00 .. 2026-11-23 10:00"],
    ["8.00-14.30", "2026-11-23 08:00 .. 2026-11-23 14:30"],
    ["8am to 2:30 PM", "2026-11-23 08:00 .. 2026-11-23 14:30"],
    ["yesterday 8:00-10:00", "2026-11-22 08:00 .. 2026-11-22 10:00"],
    ["8:00-10:00 yesterday", "2026-11-22 08:00 .. 2026-11-22 10:00"],
    ["10:00 yesterday", "2026-11-22 10:00 .. 2026-11-23 15:00"],
    ["yesterday 20:00-24:00", "2026-11-22 20:00 .. 2026-11-23 00:00"],
    // What cannot have been today was yesterday.
    ["22:00-06:00", "2026-11-22 22:00 .. 2026-11-23 06:00"],
    ["3 hours", "2026-11-23 12:00 .. 2026-11-23 15:00"],
    ["90 min", "2026-11-23 13:30 .. 2026-11-23 15:00"],
    ["last 3 days", "2026-11-20 15:00 .. 2026-11-23 15:00"],
    ["Last hour", "2026-11-23 14:00 .. 2026-11-23 15:00"],
    ["Last 24 h", "2026-11-22 15:00 .. 2026-11-23 15:00"],
    ["6mo", "2026-05-23 15:00 .. 2026-11-23 15:00"],
    ["1 year", "2025-11-23 15:00 .. 2026-11-23 15:00"],
    ["2018-08-20 1 month", "2018-08-20 00:00 .. 2018-09-20 00:00"],
    // Nothing is measured yet after now.
    ["2026-11-20 2030-01-01", "2026-11-20 00:00 .. 2026-11-23 15:00"],
  ])("reads %s", (text, expected) => {
    expect(shown(parsePeriod(text, ZONE, NOW))).toBe(expected);
  });

  it.each([
    ["31.2.2018", "There is no day “31.2.2018”"],
    ["2018-13-01", "There is no day “2018-13-01”"],
    ["2018-00-10", "There is no day “2018-00-10”"],
    ["0099-01-01", "There is no day “0099-01-01”"],
    ["31.2.", "There is no day “31.2.” in the calendar. Type one such as 2026-11-22 or 22.11.2026."],
    ["10.11", "I cannot tell whether “10.11” is a day or a time. Type 10.11. or 10:11."],
    ["5q", "I cannot read “5q” as a time. Type a day such as 2026-11-22, a day and a time such as 2026-11-22 14:30"],
    ["3 fortnights", "I cannot read “3 fortnights” as a time."],
    ["9999y", "That is before 1970."],
    ["2018-08-20 25:00", "There is no time “25:00”"],
    ["14:60", "There is no time “14:60”"],
    ["2018-03-25 03:30", "The clocks were put forward on 2018-03-25, so there was no 03:30."],
    ["2018-08-21 2018-08-20", "The end must come after the start, 2018-08-21 00:00."],
    ["2018-08-20 0h", "The end must come after the start"],
    ["2027-01-01", "2027-01-01 00:00 is not past yet."],
    ["16:00", "2026-11-23 16:00 is not past yet."],
    ["now", "2026-11-23 15:00 is not past yet."],
    ["99999w", "That is before 1970."],
    ["1969-12-31", "That is before 1970."],
    ["last time", "I cannot read “last time” as a time. Type a day such as 2026-11-22"],
    ["constructor", "I cannot read “constructor” as a time."],
    ["x".repeat(4096), "I cannot read that as a time."],
    ["", "Give one start and one end."],
    ["2018-08-20 2018-08-21 2018-08-22", "Give one start and one end."],
  ])("answers %.30s with a sentence", (text, sentence) => {
    expect(shown(parsePeriod(text, ZONE, NOW))).toContain(sentence);
  });

  it("reads each preset by its id", () => {
    for (const { id } of PRESETS)
      expect(parsePeriod(id, ZONE, NOW, { shift: NOW - 1, alarm: NOW - 1 })).toMatchObject({
        value: { startAt: expect.any(Number) as number },
      });
  });

  it("means the reader's day, not that of UTC", () => {
    const justAfterMidnight = Date.parse("2026-11-22T22:30:00Z");
    expect(shown(parsePeriod("yesterday", ZONE, justAfterMidnight))).toBe("2026-11-22 00:00 .. 2026-11-23 00:00");
    expect(shown(parsePeriod("yesterday", "UTC", justAfterMidnight), "UTC")).toBe(
      "2026-11-21 00:00 .. 2026-11-22 00:00",
    );
  });

  it("knows that days have 23, 24 or 25 hours, and may begin at 01:00 or not at all", () => {
    const hours = (day: string, zone: string) => {
      const period = parsePeriod(day, zone, NOW);
      return "value" in period ? (period.value.endAt - period.value.startAt) / 3_600_000 : period.problem;
    };
    expect(hours("2018-03-25", ZONE)).toBe(23);
    expect(hours("2018-03-26", ZONE)).toBe(24);
    expect(hours("2018-10-28", ZONE)).toBe(25);
    expect(hours("2018-11-04", "America/Sao_Paulo")).toBe(23);
    expect(shown(parsePeriod("2018-11-04", "America/Sao_Paulo", NOW), "America/Sao_Paulo")).toMatch(
      /^2018-11-04 01:00/,
    );
    // Clocks went back from 00:01, so this day began twice.
    expect(hours("2006-10-29", "America/St_Johns")).toBe(25);
    expect(hours("2011-12-29", "Pacific/Apia")).toBe(24);
    expect(hours("2011-12-30", "Pacific/Apia")).toContain("There is no day “2011-12-30”");
  });

  it("takes the first of two equal times when the clocks are put back", () => {
    const period = parsePeriod("2018-10-28 03:30 24h", ZONE, NOW);
    expect(period).toMatchObject({ value: { startAt: Date.parse("2018-10-28T00:30:00Z") } });
  });
});

describe("what goes on", () => {
  const goesOn = (text: string) => {
    const period = parsePeriod(text, ZONE, NOW, { shift: NOW - 1, alarm: NOW - 1 });
    return "value" in period ? (period.value.goesOn ?? "nothing") : period.problem;
  };

  it.each([
    "today",
    "14:30",
    "yesterday 14:00",
    "shift",
    "alarm",
    "2018-08-20 now",
    "since last monday",
    "2026-11-20 2030-01-01",
  ])("is the end of %s, which begins at an instant", (text) => expect(goesOn(text)).toBe("end"));
  it.each(["24h", "7d", "7d now"])("is the whole of %s", (text) => expect(goesOn(text)).toBe("whole"));
  it.each(["yesterday", "2018-08-20", "7d yesterday", "13:00 14:30"])("is nothing of %s", (text) =>
    expect(goesOn(text)).toBe("nothing"),
  );
});

describe("parseStart", () => {
  it("leaves the end open for a day or an instant", () => {
    const startAt = Date.parse("2018-08-19T21:00:00Z");
    expect(parseStart("2018-08-20", ZONE, NOW)).toEqual({ value: { startAt, endAt: null } });
    expect(parseStart("2018-08-20 14:30", ZONE, NOW)).toMatchObject({ value: { endAt: null } });
  });

  it("is the whole period for a length, and for two times", () => {
    expect(parseStart("24h", ZONE, NOW)).toEqual({
      value: {
        startAt: NOW - 86_400_000,
        endAt: NOW,
        goesOn: "whole",
      },
    });
    expect(shown(parseStart("2018-08-20 2018-08-21", ZONE, NOW) as PeriodResult)).toBe(
      "2018-08-20 00:00 .. 2018-08-22 00:00",
    );
  });

  it("refuses a start that is not past", () => {
    expect(parseStart("2027-01-01", ZONE, NOW)).toMatchObject({ problem: expect.any(String) as string });
  });
});

describe("parseEnd", () => {
  const startAt = Date.parse("2018-08-20T05:00:00Z"); // 08:00 in Helsinki

  it.each([
    ["2018-08-21", "2018-08-20 08:00 .. 2018-08-22 00:00"],
    ["2018-08-20", "2018-08-20 08:00 .. 2018-08-21 00:00"],
    ["2018-08-21 06:00", "2018-08-20 08:00 .. 2018-08-21 06:00"],
    ["06:00", "2018-08-20 08:00 .. 2018-08-21 06:00"],
    ["14:30", "2018-08-20 08:00 .. 2018-08-20 14:30"],
    ["90m", "2018-08-20 08:00 .. 2018-08-20 09:30"],
    ["now", "2018-08-20 08:00 .. 2026-11-23 15:00"],
    ["2018-08-19", "The end must come after the start, 2018-08-20 08:00. Type a later end, or now."],
    ["2018-08-21 2018-08-22", "Give one end."],
    ["soon", "I cannot read “soon” as a time."],
  ])("reads %s", (text, expected) => {
    expect(shown(parseEnd(text, startAt, ZONE, NOW))).toContain(expected);
  });
});

describe("formatPeriod", () => {
  it.each([
    ["2018-08-20", "2018-08-20"],
    ["2018-08-20 2018-08-21", "2018-08-20 → 08-21"],
    ["2018-10-28", "2018-10-28"],
    ["2018-08-20 14:30 2018-08-21 08:00", "2018-08-20 14:30 → 08-21 08:00"],
    ["2018-08-20 14:30 2018-08-20", "2018-08-20 14:30 → 08-21 00:00"],
  ])("writes %s", (text, expected) => {
    const period = parsePeriod(text, ZONE, NOW);
    expect("value" in period && formatPeriodAsTyped(period.value, ZONE)).toBe(expected);
  });
});

describe("for any text, zone and instant", () => {
  const zone = fc.constantFrom(
    "UTC",
    ZONE,
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
  );
  const past = fc.integer({ min: Date.parse("1970-01-03"), max: NOW - 1 });
  const word = fc.oneof(
    fc.constantFrom("now", "today", "yesterday", "14:30", "25:00", "24h", "0m", "99999w", "31.2.2018", "2018-08-20"),
    fc.stringMatching(/^[0-9]{1,4}[-.:t][0-9]{1,2}[-.:][0-9]{1,4}$/),
    fc.string(),
  );
  const words = fc.array(word, { maxLength: 5 }).map((list) => list.join(" "));

  it("a formatted day reads as the day it was, and a formatted minute as the minute", () => {
    fc.assert(
      fc.property(past, zone, (at, zone) => {
        const shown = formatMinute(at, zone);
        const day = parsePeriod(shown.slice(0, 10), zone, NOW);
        const minute = parseStart(shown, zone, NOW);
        const isDay = "value" in day && day.value.startAt <= at && at < day.value.endAt;
        expect(isDay && "value" in minute && formatMinute(minute.value.startAt, zone)).toBe(shown);
      }),
    );
  });

  it("there is a period with a start before its end and no end to come, or a sentence; never a throw", () => {
    fc.assert(
      fc.property(words, zone, past, (text, zone, startAt) => {
        const start = parseStart(text, zone, NOW);
        expect("value" in start).toBe("value" in parsePeriod(text, zone, NOW));
        expect(parsePeriod(text, zone, NOW)).toSatisfy(isSound);
        expect(parseEnd(text, startAt, zone, NOW)).toSatisfy(isSound);
      }),
    );
  });
});
