import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatQuietHours,
  parseQuietHours,
  quietUntil,
  type QuietHours,
} from "../../../src/alarms/cards/quiet-hours.ts";

const HELSINKI = "Europe/Helsinki";
const MINUTE = 60_000;

function parsed(text: string): QuietHours {
  const quiet = parseQuietHours(text);
  if ("problem" in quiet) throw new Error(quiet.problem);
  return quiet.value;
}
/** The end of the quiet time at an instant, both as ISO in UTC. */
function endAt(text: string, at: string, zone = HELSINKI): string | null {
  const end = quietUntil(parsed(text), zone, Date.parse(at));
  return end === null ? null : new Date(end).toISOString().slice(0, 16);
}

describe("quietUntil", () => {
  it.each([
    // 2026-11-23 is a Monday; Helsinki is UTC+2 in winter.
    ["22:00-06:00", "2026-11-23T19:59:59Z", null],
    ["22:00-06:00", "2026-11-23T20:00Z", "2026-11-24T04:00"],
    ["22:00-06:00", "2026-11-24T03:59:59Z", "2026-11-24T04:00"],
    ["22:00-06:00", "2026-11-24T04:00Z", null],
    ["12:00-13:00", "2026-11-23T10:30Z", "2026-11-23T11:00"],
    ["12:00-13:00", "2026-11-23T22:30Z", null],
    ["00:00-06:00", "2026-11-22T22:00Z", "2026-11-23T04:00"],
    ["18:00-00:00", "2026-11-23T21:59Z", "2026-11-23T22:00"],
    // The night that begins on Sunday is no quiet one; the one that begins on Friday lasts into Saturday.
    ["22:00-06:00 mon-fri", "2026-11-23T01:00Z", null],
    ["22:00-06:00 mon-fri", "2026-11-28T01:00Z", "2026-11-28T04:00"],
    ["22:00-06:00 mon-fri", "2026-11-28T21:00Z", null],
    ["22:00-06:00 sun", "2026-11-23T01:00Z", "2026-11-23T04:00"],
  ])("%s at %s: until %s", (text, at, end) => expect(endAt(text, at)).toBe(end));

  it.each([
    // 2026-03-29: 03:00 EET is 04:00 EEST. 2026-10-25: 04:00 EEST is 03:00 EET.
    ["22:00-06:00", "2026-03-28T21:00Z", "2026-03-29T03:00"],
    ["22:00-03:30", "2026-03-28T21:00Z", "2026-03-29T01:30"],
    ["03:30-06:00", "2026-03-29T01:29Z", null],
    ["03:30-06:00", "2026-03-29T01:30Z", "2026-03-29T03:00"],
    ["22:00-06:00", "2026-10-24T20:00Z", "2026-10-25T04:00"],
    ["22:00-03:30", "2026-10-24T20:00Z", "2026-10-25T00:30"],
    ["22:00-03:30", "2026-10-25T01:00Z", null],
    ["03:30-06:00", "2026-10-25T01:10Z", "2026-10-25T04:00"],
  ])("in a night of summer time, %s at %s: until %s", (text, at, end) => expect(endAt(text, at)).toBe(end));

  it("knows the time in zones where summer time skips midnight", () => {
    // 2026-04-24: 00:00 EET is 01:00 EEST in Cairo.
    expect(endAt("22:00-00:00", "2026-04-23T21:00Z", "Africa/Cairo")).toBe("2026-04-23T22:00");
    expect(endAt("00:00-06:00", "2026-04-23T22:00Z", "Africa/Cairo")).toBe("2026-04-24T03:00");
  });
});

/** Such as leave an hour free, so that in a night of summer time one does not begin before the last one ends. */
const quietHours = fc
  .record({
    startMinute: fc.integer({ min: 0, max: 1_439 }),
    endMinute: fc.integer({ min: 0, max: 1_439 }),
    weekdays: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
  })
  .filter(({ startMinute, endMinute }) => (startMinute - endMinute + 1_440) % 1_440 > 60);
const instant = fc.integer({ min: Date.UTC(1965, 0), max: Date.UTC(2035, 0) });

describe("any quiet hours", () => {
  it("end in the future, and are quiet all the way to their end", () => {
    const zone = fc.constantFrom("UTC", HELSINKI, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe");
    fc.assert(
      fc.property(
        quietHours,
        zone,
        instant,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (quiet, zone, at, part) => {
          const end = quietUntil(quiet, zone, at);
          fc.pre(end !== null);
          expect(end).toBeGreaterThan(at);
          expect(end - at).toBeLessThanOrEqual(25 * 60 * MINUTE);
          for (const between of [at + Math.floor((end - at) * part), end - 1]) {
            expect(quietUntil(quiet, zone, between)).toBe(end);
          }
          expect(quietUntil(quiet, zone, end)).not.toBe(end);
        },
      ),
    );
  });

  it("are where a clock without summer time shows them", () => {
    fc.assert(
      fc.property(quietHours, instant, (quiet, at) => {
        const minute = Math.floor(at / MINUTE);
        const isQuiet = (back: number): boolean => {
          const shown = new Date((minute - back) * MINUTE);
          const isStart = shown.getUTCHours() * 60 + shown.getUTCMinutes() === quiet.startMinute;
          return isStart && quiet.weekdays.includes(shown.getUTCDay() || 7);
        };
        const length = (quiet.endMinute - quiet.startMinute + 1_440) % 1_440;
        const expected = Array.from({ length }, (_, back) => back).some(isQuiet);
        expect(quietUntil(quiet, "UTC", at) !== null).toBe(expected);
      }),
    );
  });

  it("are read as they are written", () => {
    fc.assert(
      fc.property(quietHours, (quiet) => {
        expect(parsed(formatQuietHours(quiet))).toEqual(quiet);
      }),
    );
  });

  it("are read or refused with a sentence, whatever is typed", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0129:–, monfri-]{0,30}$/), (text) => {
        const quiet = parseQuietHours(text);
        if ("problem" in quiet) expect(quiet.problem).toMatch(/^[A-Z].*\.$/);
        else expect(parsed(formatQuietHours(quiet.value))).toEqual(quiet.value);
      }),
    );
  });
});

describe("parseQuietHours", () => {
  it.each([
    ["22:00-06:00", "22:00–06:00"],
    [" 9:30 – 17:00 ", "09:30–17:00"],
    ["22:00—06:00 MON-FRI", "22:00–06:00 Mon–Fri"],
    ["22:00-06:00 sat,sun", "22:00–06:00 Sat, Sun"],
    ["22:00-06:00, Saturday , sunday", "22:00–06:00 Sat, Sun"],
    ["22:00-06:00 mon – wed fri", "22:00–06:00 Mon–Wed, Fri"],
    ["22:00-06:00 sat-tues", "22:00–06:00 Mon, Tue, Sat, Sun"],
    ["22:00-06:00 mon-sun", "22:00–06:00"],
    ["22-6", "22:00–06:00"],
    ["22.00 — 6.30", "22:00–06:30"],
    ["22:00-24:00", "22:00–00:00"],
    ["from 10 PM to 6am", "22:00–06:00"],
    ["22 until 6 weekdays", "22:00–06:00 Mon–Fri"],
    ["mon-fri 22-6", "22:00–06:00 Mon–Fri"],
    ["2200-0600 every day", "22:00–06:00"],
    ["22-6 mondays & tuesdays", "22:00–06:00 Mon, Tue"],
    ["22-6 weekend", "22:00–06:00 Sat, Sun"],
  ])("reads %s", (text, shown) => expect(formatQuietHours(parsed(text))).toBe(shown));

  it.each([
    ["", "cannot read these quiet hours"],
    ["22:00", "cannot read these quiet hours"],
    ["22-26", "cannot read these quiet hours"],
    ["24:00-06:00", "cannot read these quiet hours"],
    ["22-6 23-5", "cannot read these quiet hours"],
    ["22-6 constructor", "cannot read the days"],
    ["22:00-06:00-07:00", "cannot read these quiet hours"],
    ["22:00-22:00", "cannot end when they begin"],
    ["22:00-06:00 mo", "cannot read the days"],
    ["22:00-06:00 mon-", "cannot read the days"],
    ["22:00-06:00 mon-wed-fri", "cannot read the days"],
    ["22:00-06:00 always", "cannot read the days"],
  ])("refuses %j", (text, problem) => {
    expect(parseQuietHours(text)).toEqual({ problem: expect.stringContaining(problem) as string });
  });
});
