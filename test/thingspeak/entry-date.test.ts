import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEntryDate } from "../../src/thingspeak/entry-date.ts";

describe("parseEntryDate", () => {
  it.each([
    ["2021-07-27 12:04:19 UTC", "2021-07-27T12:04:19Z"],
    ["2016-11-22 07:20:00 -0500", "2016-11-22T12:20:00Z"],
    ["2021-10-28 19:40:50 +0530", "2021-10-28T14:10:50Z"],
    ["2018-12-18T13:13:41+01:00", "2018-12-18T12:13:41Z"],
    ["2023-09-04T15:06:50Z", "2023-09-04T15:06:50Z"],
    ["2018-12-18T13:13:41.5+01:00", "2018-12-18T12:13:41.500Z"],
    ["2018-12-18T13:13:41.123456Z", "2018-12-18T13:13:41.123Z"],
    ["2018-12-18 13:13:42,07 UTC", "2018-12-18T13:13:42.070Z"],
    ["2018-12-18 13:13:43.999 +0200", "2018-12-18T11:13:43.999Z"],
    ["2024-02-29 23:59:59 -0930", "2024-03-01T09:29:59Z"],
  ])("reads %s", (text, instant) => {
    expect(parseEntryDate(text)).toBe(Date.parse(instant));
  });

  it.each([
    "",
    "nan",
    "2021-07-27 12:04:19",
    "2021-07-27 12:04:1",
    "2021-07-27",
    "27.07.2021 12:04:19 UTC",
    "2021-02-29 12:04:19 UTC",
    "2021-13-01 12:04:19 UTC",
    "2021-00-01 12:04:19 UTC",
    "2021-07-00 12:04:19 UTC",
    "2021-07-27 24:00:00 UTC",
    "2021-07-27 12:60:19 UTC",
    "2021-07-27 12:04:60 UTC",
    "0000-00-00 00:00:00 UTC",
    "2021-07-27 12:04:19 CET",
    "2021-07-27 12:04:19 +05",
    "2021-07-27 12:04:19 +0560",
    "2021-07-27 12:04:19 UTC+1",
    "2021-07-27 12:04:19+01:000",
    "2021-07-2x 12:04:19 UTC",
    "2021-07-27 12:04:19. UTC",
    "2021-07-27 12:04:19.5",
    "2021-07-27 12:04:19.5x UTC",
    "2021-07-27 12:04:19.5.5 UTC",
  ])("refuses %j", (text) => {
    expect(parseEntryDate(text)).toBeNaN();
  });

  it.each([
    ["2021-07-27 12:59:59 UTC", "2021-07-27T12:59:59Z"],
    ["2021-07-27 12:00:00 +0200", "2021-07-27T10:00:00Z"],
    ["2021-07-27 12:00:01 UTC", "2021-07-27T12:00:01Z"],
    ["2021-07-27T12:00:02 UTC", "2021-07-27T12:00:02Z"],
    ["2021-07-27 12:00:03Z", "2021-07-27T12:00:03Z"],
  ])("reads %j after others of the same hour", (text, iso) => {
    for (const before of ["2021-07-27 12:00:00 UTC", "2021-07-27 12:00:00Z", "2021-07-27 12:00:00 +0100"]) {
      expect(parseEntryDate(before)).not.toBeNaN();
      expect(parseEntryDate(text)).toBe(Date.parse(iso));
      for (const wrong of [
        "2021-07-27 12:60:00 UTC",
        "2021-07-27 12:00-00 UTC",
        "2021-07-27 12:00:0x UTC",
        "2021-07-27 12: UTC",
      ]) {
        expect(parseEntryDate(wrong)).toBeNaN();
      }
    }
  });

  it("agrees with the calendar on every day", () => {
    const instants = fc.date({ min: new Date("1900-01-01"), max: new Date("2199-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(instants, (date) => {
        const text = `${date.toISOString().slice(0, 19)}Z`;
        expect(parseEntryDate(text)).toBe(Date.parse(text));
      }),
    );
  });
});
