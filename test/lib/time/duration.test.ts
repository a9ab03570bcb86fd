import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { after, readDuration, readLength, takeLength } from "../../../src/lib/time/duration.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("readLength", () => {
  it.each([
    ["90s", 90_000, 0],
    ["90 min", 90 * MINUTE, 0],
    ["3 hours", 3 * HOUR, 0],
    ["24H", DAY, 0],
    ["1h30m", 90 * MINUTE, 0],
    ["1 hour and 30 minutes", 90 * MINUTE, 0],
    ["1.5 h", 90 * MINUTE, 0],
    ["1,5h", 90 * MINUTE, 0],
    ["2 wks", 14 * DAY, 0],
    ["last 3 days", 3 * DAY, 0],
    ["6mo", 0, 6],
    ["1 Year", 0, 12],
    ["1y 2mo 3d", 3 * DAY, 14],
    ["0h", 0, 0],
  ])("reads %s", (text, ms, months) => {
    expect(readLength(text)).toEqual({ ms, months });
  });

  it.each(["", "90", "h", "3 fortnights", "1h 2h", "30m 1h", "-1h", "1e3h", "0.5mo", "1h30", "3 days ago", "9999999h", "1h.", "1 h 30"])(
    "takes %j for no length",
    (text) => {
      expect(readLength(text)).toBeNull();
    },
  ); // prettier-ignore

  it("takes a length off what stands behind it, and no more", () => {
    expect(takeLength("4h Bearing is changed")).toMatchObject({ length: { ms: 4 * HOUR }, rest: "Bearing is changed" });
    expect(takeLength("4h 2 m of cable")).toMatchObject({ length: { ms: 4 * HOUR }, rest: "2 m of cable" });
    expect(takeLength("4 hours 2 bolts missing")).toMatchObject({ length: { ms: 4 * HOUR }, rest: "2 bolts missing" });
    expect(takeLength("bearing 4h")).toBeNull();
  });

  it("is quick, whatever is typed", () => {
    fc.assert(
      fc.property(fc.constantFrom("1", "1h", "1 ", " ", "and ", "last ", "1.1", "h"), (piece) => {
        const begun = performance.now();
        readLength(piece.repeat(4_096).slice(0, 4_096));
        expect(performance.now() - begun).toBeLessThan(50);
      }),
    );
  });
});

describe("readDuration", () => {
  it("is a fixed number of ms above 0, or nothing", () => {
    expect(readDuration("90s")).toBe(90_000);
    expect(["0s", "0h", "1mo", "1y", "s"].map(readDuration)).toEqual([null, null, null, null, null]);
  });
});

describe("after", () => {
  const at = (text: string): number => Date.parse(text);

  it("goes by the calendar of the zone, to the month's last day at most", () => {
    const march = at("2026-03-31T09:00Z"); // 12:00 in Helsinki, summer time
    expect(after(march, { ms: 0, months: 1 }, "Europe/Helsinki", -1)).toBe(at("2026-02-28T10:00Z"));
    expect(after(march, { ms: 0, months: 12 }, "Europe/Helsinki")).toBe(at("2027-03-31T09:00Z"));
    expect(after(march, { ms: DAY, months: 0 }, "Europe/Helsinki", -1)).toBe(at("2026-03-30T09:00Z"));
  });

  it("takes the time an hour later where summer time skips it", () => {
    expect(after(at("2026-02-28T01:30Z"), { ms: 0, months: 1 }, "Europe/Helsinki")).toBe(at("2026-03-28T01:30Z"));
    expect(after(at("2026-04-29T00:30Z"), { ms: 0, months: 1 }, "Europe/Helsinki", -1)).toBe(at("2026-03-29T01:30Z"));
  });
});
