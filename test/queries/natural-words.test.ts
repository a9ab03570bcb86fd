import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readNaturalWords } from "../../src/queries/natural-words.ts";
import { parseEnd, parsePeriod, parseStart } from "../../src/queries/period.ts";
import { parsePlotCommand } from "../../src/queries/plot-command.ts";
import { formatMinute } from "../../src/lib/time/time.ts";

const ZONE = "Europe/Helsinki";
/** Monday 2026-11-23 15:00 in Helsinki. */
const NOW = Date.parse("2026-11-23T13:00:00Z");
const shown = (text: string, zone = ZONE, now = NOW): string => {
  const period = parsePeriod(text, zone, now);
  if ("problem" in period) return period.problem;
  const { startAt, endAt } = period.value;
  return `${formatMinute(startAt, zone)} .. ${formatMinute(endAt, zone)}`;
};

describe("natural words", () => {
  it.each([
    ["last monday", "2026-11-16 00:00 .. 2026-11-17 00:00"],
    ["friday", "2026-11-20 00:00 .. 2026-11-21 00:00"],
    ["tuesday at noon", "2026-11-17 12:00 .. 2026-11-23 15:00"],
    ["3 days ago", "2026-11-20 00:00 .. 2026-11-21 00:00"],
    ["2 hours ago", "2026-11-23 13:00 .. 2026-11-23 15:00"],
    ["friday 8:00 to 12:00", "2026-11-20 08:00 .. 2026-11-20 12:00"],
    ["from 6am to 2pm yesterday", "2026-11-22 06:00 .. 2026-11-22 14:00"],
    ["friday to sunday", "2026-11-20 00:00 .. 2026-11-23 00:00"],
    ["20 aug 2018", "2018-08-20 00:00 .. 2018-08-21 00:00"],
    ["august 2018", "2018-08-01 00:00 .. 2018-09-01 00:00"],
    ["from 5 august 2018 to 7 august 2018", "2018-08-05 00:00 .. 2018-08-08 00:00"],
    ["since friday", "2026-11-20 00:00 .. 2026-11-23 15:00"],
    ["20 dec", "2025-12-20 00:00 .. 2025-12-21 00:00"],
    // A day, not November 2022; with its year behind it, the year is the year.
    ["Nov 22", "2026-11-22 00:00 .. 2026-11-23 00:00"],
    ["nov 5 to nov 10", "2026-11-05 00:00 .. 2026-11-11 00:00"],
    ["nov 5-10", "2026-11-05 00:00 .. 2026-11-11 00:00"],
    ["november 22 14:00", "2026-11-22 14:00 .. 2026-11-23 15:00"],
    ["dec 15", "2025-12-15 00:00 .. 2025-12-16 00:00"],
    ["nov 22, 2025", "2025-11-22 00:00 .. 2025-11-23 00:00"],
    ["nov 2025", "2025-11-01 00:00 .. 2025-12-01 00:00"],
    ["5 nov 25", "2025-11-05 00:00 .. 2025-11-06 00:00"],
    ["december", "2025-12-01 00:00 .. 2026-01-01 00:00"],
    ["last month", "2026-10-01 00:00 .. 2026-11-01 00:00"],
  ])("%s: %s", (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it("are by the clocks of the chat, also in the night in which they change", () => {
    expect(shown("last monday", "America/New_York")).toBe("2026-11-16 00:00 .. 2026-11-17 00:00");
    const sunday = Date.parse("2026-10-26T10:00:00Z");
    const period = parsePeriod("25 october 2026", ZONE, sunday);
    expect("value" in period && period.value.endAt - period.value.startAt).toBe(25 * 3_600_000);
  });

  it("are refused when something is left over, or nothing is understood, or it is not past", () => {
    expect(readNaturalWords("last monday pressure", ZONE, NOW)).toBeNull();
    expect(readNaturalWords("coil", ZONE, NOW)).toBeNull();
    expect(shown("sometime")).toContain("I cannot read");
    expect(shown("tomorrow")).toContain("not past yet");
    for (const unclear of [
      "last week",
      "last 3 days",
      "last night",
      "next monday",
      "friday 14:00 EST",
      "x ".repeat(200),
    ]) {
      expect(readNaturalWords(unclear, ZONE, NOW)).toBeNull();
    }
  });

  it("ask for the end where a dialogue can, and end a period", () => {
    expect(parseStart("last monday", ZONE, NOW)).toMatchObject({ value: { endAt: null } });
    expect(parseStart("friday 8:00 to 12:00", ZONE, NOW)).toMatchObject({
      value: {
        endAt: Date.UTC(2026, 10, 20, 10),
      },
    });
    expect(parseEnd("last friday", Date.UTC(2026, 10, 16), ZONE, NOW)).toMatchObject({
      value: {
        endAt: Date.UTC(2026, 10, 20, 22),
      },
    });
  });

  it("may stand behind a field", () => {
    const fields = [
      { number: 1, label: "Coil temperature" },
      { number: 4, label: "Speed" },
    ];
    expect(parsePlotCommand("coil last monday", fields, ZONE, NOW)).toMatchObject({ value: { field: 1 } });
    expect(parsePlotCommand("4 3 days ago", fields, ZONE, NOW)).toMatchObject({ value: { field: 4 } });
    expect(parsePlotCommand("last monday", fields, ZONE, NOW)).toMatchObject({
      value: {
        field: 1,
        startAt: Date.UTC(2026, 10, 15, 22),
      },
    });
    expect(parsePlotCommand("rotor last monday", fields, ZONE, NOW)).toMatchObject({
      problem: expect.any(String) as string,
    });
  });

  it("never lead to anything but a period or a sentence", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const period = parsePeriod(text, ZONE, NOW);
        if ("problem" in period) expect(period.problem).not.toBe("");
        else {
          expect(period.value.startAt).toBeLessThan(period.value.endAt);
          expect(period.value.endAt).toBeLessThanOrEqual(NOW);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("anchors", () => {
  it("are the shift and the alarm that the caller knows", () => {
    const anchors = { shift: NOW - 3_600_000, alarm: null };
    expect(parsePeriod("shift", ZONE, NOW, anchors)).toEqual({
      value: {
        startAt: NOW - 3_600_000,
        endAt: NOW,
        goesOn: "end",
      },
    });
    expect(parsePeriod("alarm", ZONE, NOW, anchors)).toMatchObject({
      problem: expect.stringContaining("no alarm yet"),
    });
    const fields = [{ number: 1, label: "Coil" }];
    expect(parsePlotCommand("coil shift", fields, ZONE, NOW, anchors)).toMatchObject({
      value: {
        field: 1,
        startAt: NOW - 3_600_000,
      },
    });
  });
});
