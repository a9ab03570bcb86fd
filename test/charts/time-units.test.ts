import { describe, expect, it } from "vitest";
import { clockChange, formatPeriod, formatTime, placeOfZone } from "../../src/charts/time-units.ts";
import { dateAdapter } from "../../src/charts/date-adapter.ts";
import { timeTicks } from "../../src/charts/time-ticks.ts";

const HELSINKI = "Europe/Helsinki";
const at = (iso: string) => Date.parse(iso);
const adapterIn = (timeZone: string) => ({ ...dateAdapter, options: { timeZone } });
const marksIn = (timeZone: string, start: string, end: string) =>
  timeTicks(at(start), at(end), timeZone, 9).at.map((mark) => formatTime(mark, "time", timeZone));

describe("the date adapter", () => {
  const adapter = adapterIn(HELSINKI);

  it.each([
    ["millisecond", "2026-11-12T13:14:15.678Z"],
    ["second", "2026-11-12T13:14:15Z"],
    ["minute", "2026-11-12T13:14:00Z"],
    ["hour", "2026-11-12T13:00:00Z"],
    ["day", "2026-11-11T22:00:00Z"],
    ["week", "2026-11-08T22:00:00Z"],
    ["month", "2026-10-31T22:00:00Z"],
    ["quarter", "2026-09-30T21:00:00Z"],
    ["year", "2025-12-31T22:00:00Z"],
  ] as const)("finds the start of a %s in the zone", (unit, start) => {
    expect(adapter.startOf(at("2026-11-12T13:14:15.678Z"), unit)).toBe(at(start));
    expect(adapter.endOf(at("2026-11-12T13:14:15.678Z"), unit)).toBe(adapter.add(at(start), 1, unit) - 1);
  });

  it("adds days by the calendar and hours by the clock on the days of 23 and of 25 hours", () => {
    const [spring, autumn] = [at("2026-03-28T22:00Z"), at("2026-10-24T21:00Z")];
    expect(adapter.add(spring, 1, "day") - spring).toBe(23 * 3_600_000);
    expect(adapter.add(autumn, 1, "day") - autumn).toBe(25 * 3_600_000);
    expect(adapter.add(autumn, 4, "hour") - autumn).toBe(4 * 3_600_000);
    expect(adapter.diff(adapter.add(spring, 1, "day"), spring, "day")).toBe(1);
    expect(adapter.diff(adapter.add(autumn, 1, "day"), autumn, "hour")).toBe(25);
    expect(adapter.diff(at("2027-01-31T00:00Z"), at("2026-01-01T00:00Z"), "month")).toBe(12);
  });

  it("tells the two hours after 03:00 of an autumn night apart", () => {
    const second = at("2026-10-25T01:30Z");
    expect(adapter.format(second, "time")).toBe("03:30");
    expect(adapter.startOf(second, "hour")).toBe(at("2026-10-25T01:00Z"));
    expect(adapter.startOf(second - 3_600_000, "hour")).toBe(at("2026-10-25T00:00Z"));
  });

  it("goes from start of day to start of day where midnight itself is skipped", () => {
    const adapter = adapterIn("America/Sao_Paulo");
    const saturday = at("2018-11-03T03:00Z");
    const sunday = adapter.add(saturday, 1, "day");
    expect(adapter.format(sunday, "time")).toBe("01:00");
    expect(adapter.startOf(sunday + 3_600_000, "day")).toBe(sunday);
    expect(adapter.format(adapter.add(sunday, 1, "day"), "time")).toBe("00:00");
  });
});

describe("timeTicks", () => {
  it("stays on natural hours on the night when the clocks go forward", () => {
    const marks = marksIn(HELSINKI, "2026-03-28T22:00Z", "2026-03-29T21:00Z");
    expect(marks).toEqual(["00:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"]);
    expect(marksIn(HELSINKI, "2026-03-28T23:00Z", "2026-03-29T03:00Z")).toEqual([
      "01:00",
      "01:30",
      "02:00",
      "02:30",
      "04:00",
      "04:30",
      "05:00",
      "05:30",
      "06:00",
    ]);
  });

  it("stays on natural hours on the night when they go back, and marks the hour that comes twice", () => {
    const marks = marksIn(HELSINKI, "2026-10-24T21:00Z", "2026-10-25T22:00Z");
    expect(marks.slice(-4)).toEqual(["15:00", "18:00", "21:00", "00:00"]);
    expect(marksIn(HELSINKI, "2026-10-24T21:00Z", "2026-10-25T03:00Z")).toEqual([
      "00:00",
      "01:00",
      "02:00",
      "03:00",
      "03:00",
      "04:00",
      "05:00",
    ]);
  });

  it("counts from full hours in a zone of half hours", () => {
    expect(marksIn("Asia/Kolkata", "2026-11-12T10:05Z", "2026-11-12T16:05Z").slice(0, 3)).toEqual([
      "16:00",
      "17:00",
      "18:00",
    ]);
  });

  it.each([
    [30_000, "second", 10],
    [3_600_000, "minute", 10],
    [24 * 3_600_000, "hour", 3],
    [7 * 86_400_000, "day", 1],
    [30 * 86_400_000, "week", 1],
    [365 * 86_400_000, "month", 3],
    [4_000 * 86_400_000, "year", 2],
    [0, "second", 1],
  ] as const)("takes few marks for a period of %d ms", (spanMs, unit, amount) => {
    const startAt = at("2026-11-12T10:17:23Z");
    const ticks = timeTicks(startAt, startAt + spanMs, HELSINKI, 8);
    expect(ticks.step).toEqual({ unit, amount });
    expect(ticks.at.length).toBeLessThanOrEqual(9);
    expect(ticks.at.filter((mark) => mark < startAt || mark > startAt + spanMs)).toEqual([]);
  });
});

describe("formatPeriod", () => {
  it.each([
    ["2018-08-19T21:00Z", "2018-08-20T21:00Z", "20 Aug 2018"],
    ["2018-08-19T21:00Z", "2018-08-20T20:59:59Z", "20 Aug 2018"],
    ["2018-08-19T21:00Z", "2018-08-26T21:00Z", "20 – 26 Aug 2018"],
    ["2018-08-29T21:00Z", "2018-09-02T21:00Z", "30 Aug – 2 Sept 2018"],
    ["2018-12-30T22:00Z", "2019-01-01T22:00Z", "31 Dec 2018 – 1 Jan 2019"],
    ["2018-08-20T11:30Z", "2018-08-20T12:30Z", "20 Aug 2018, 14:30 – 15:30"],
    ["2018-08-20T11:30Z", "2018-08-21T11:30Z", "20 Aug, 14:30 – 21 Aug 2018, 14:30"],
    ["2018-08-20T11:30:05Z", "2018-08-20T11:31:10Z", "20 Aug 2018, 14:30:05 – 14:31:10"],
  ])("writes %s to %s as %s", (start, end, text) => {
    expect(formatPeriod(at(start), at(end), HELSINKI)).toBe(text);
  });
});

describe("what is said of the clocks", () => {
  it("is whose they are", () => {
    expect(["Europe/Helsinki", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+3"].map(placeOfZone)).toEqual([
      "Helsinki time",
      "Buenos Aires time",
      "UTC",
      "GMT+3",
    ]);
  });

  it("is what they did in a short period", () => {
    const change = (start: string, end: string) => clockChange(at(start), at(end), HELSINKI);
    expect(change("2026-10-24T21:00Z", "2026-10-25T06:00Z")).toBe("clocks go back");
    expect(change("2026-03-28T22:00Z", "2026-03-29T06:00Z")).toBe("clocks go forward");
    expect(change("2026-10-01T21:00Z", "2026-11-01T21:00Z")).toBeNull();
    expect(change("2026-11-01T21:00Z", "2026-11-02T21:00Z")).toBeNull();
  });
});
