import { describe, expect, it } from "vitest";
import { shiftEndAfter } from "../../src/alarms/shift.ts";

const THREE = [6 * 60, 14 * 60, 22 * 60];
const HELSINKI = "Europe/Helsinki";

describe("shiftEndAfter", () => {
  it.each([
    // Helsinki is UTC+2 in winter, UTC+3 in summer.
    ["in the morning", THREE, "2026-11-23T08:00Z", "2026-11-23T12:00"],
    ["in the evening", THREE, "2026-11-23T12:00:01Z", "2026-11-23T20:00"],
    ["past the last start of the day", THREE, "2026-11-23T21:00Z", "2026-11-24T04:00"],
    ["before the first start of the day", THREE, "2026-11-24T03:59:59Z", "2026-11-24T04:00"],
    ["when a shift starts", THREE, "2026-11-24T04:00Z", "2026-11-24T12:00"],
    ["with one shift a day", [6 * 60], "2026-11-24T04:00Z", "2026-11-25T04:00"],
    ["in the night that is an hour short", THREE, "2026-03-28T20:00Z", "2026-03-29T03:00"],
    ["in the night that is an hour long", THREE, "2026-10-24T19:00Z", "2026-10-25T04:00"],
    ["when a start is skipped by summer time", [3 * 60 + 30], "2026-03-28T22:00Z", "2026-03-29T01:30"],
    ["when a start comes twice, the first time counts", [3 * 60 + 30], "2026-10-25T00:30Z", "2026-10-26T01:30"],
  ])("%s", (_, starts, at, end) => {
    expect(new Date(shiftEndAfter(starts, HELSINKI, Date.parse(at))).toISOString().slice(0, 16)).toBe(end);
  });
});
