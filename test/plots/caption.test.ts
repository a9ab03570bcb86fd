import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MeasuredLimit } from "../../src/measurements/measurement.ts";
import { captionOf, type CaptionLine, titleOf } from "../../src/plots/caption.ts";
import { forecast as forecastOf } from "../../src/measurements/forecast.ts";
import { traceOf } from "../../src/measurements/trace.ts";
import { factsOf } from "../../src/measurements/statistics.ts";
import { captionView } from "../../src/telegram/plots/plot-view.ts";
import { MAX_CAPTION, toPlain } from "../../src/telegram/api/render.ts";

const AT = Date.parse("2026-11-23T03:00:00Z");
const DAY = { startAt: AT - 3_600_000, endAt: AT + 23 * 3_600_000 };
const HIGH: MeasuredLimit = { value: 80, side: "above", severity: "error" };
const line = (more: Partial<CaptionLine> = {}, label = "Coil"): CaptionLine => ({
  measurement: { number: 1, label, unit: "°C", decimals: 1, limits: [HIGH] },
  entries: 1_412,
  numbers: 1_400,
  min: 50,
  minAt: AT,
  max: 75,
  maxAt: AT + 60_000,
  mean: 61.25,
  last: 74,
  lastAt: AT + 120_000,
  everyMs: 60_000,
  expected: 1_440,
  longestPauseMs: 720_000,
  beyond: [],
  isOnChange: false,
  forecast: null,
  ...more,
});
const forecast = {
  slopePerHour: 1,
  reaches: { limit: HIGH, inMs: 12_000_000, soonestMs: 11_000_000, latestMs: 12_500_000, isSpeedingUp: false },
};
const NONE = { numbers: 0, min: null, minAt: null, max: null, maxAt: null, mean: null, last: null, lastAt: null };

describe("a caption", () => {
  it("says much of one field: extremes with their times, completeness, and where it goes", () => {
    expect(captionOf([line({ forecast })], DAY, "Europe/Helsinki")).toEqual([
      "50.0 °C (05:00) to 75.0 °C (05:01), mean over time 61.3 °C, last 74.0 °C (05:02)",
      "1,412 of 1,440 entries, 12 without a number",
      "At this rate it reaches 80.0 °C in 3 h 20 min.",
    ]);
  });

  it("leaves out of its times what the period makes plain", () => {
    const first = (startAt: string, endAt: string) =>
      captionOf([line()], { startAt: Date.parse(startAt), endAt: Date.parse(endAt) }, "UTC")[0]?.slice(0, 30);
    expect(first("2026-11-22T03:30:00Z", "2026-11-23T03:30:00Z")).toMatch(/^50.0 °C \(03:00\) to/);
    expect(first("2026-11-16T00:00:00Z", "2026-11-23T04:00:00Z")).toMatch(/^50.0 °C \(11-23 03:00\) to/);
    expect(first("2025-11-23T00:00:00Z", "2026-11-23T04:00:00Z")).toMatch(/^50.0 °C \(2026-11-23 03:00\)/);
  });

  it("says little of each of several", () => {
    expect(captionOf([line({ forecast }), line({ ...NONE, entries: 0, expected: null }, "Pump")], DAY, "UTC")).toEqual([
      "Coil: 50.0 °C to 75.0 °C, mean over time 61.3 °C, last 74.0 °C; 1,412 of 1,440 entries, 12 without a number. At this rate it reaches 80.0 °C in 3 h 20 min.",
      "Pump: no numbers",
    ]);
  });

  it("says what is not there", () => {
    expect(captionOf([line({ ...NONE, entries: 0, expected: null, longestPauseMs: null })], DAY, "UTC")).toEqual([
      "No entries",
    ]);
    expect(captionOf([line({ ...NONE, entries: 1, expected: null })], DAY, "UTC")).toEqual([
      "1 entry, none of them a number",
    ]);
    expect(captionOf([line({ numbers: 1_412, expected: 1_412 })], DAY, "UTC")[1]).toBe("1,412 entries");
  });

  it("says the longest pause where nobody knows how many entries there should be", () => {
    expect(captionOf([line({ expected: null })], DAY, "UTC")[1]).toBe(
      "1,412 entries, 12 without a number, longest pause 12 min",
    );
  });

  it("says how long limits were passed, and that a value holds until the next one", () => {
    const beyond = [
      { limit: HIGH, ms: 7_500_000 },
      { limit: { value: 5, side: "below", severity: "warning" } as const, ms: 45_000 },
    ];
    expect(captionOf([line({ beyond, isOnChange: true })], DAY, "UTC").slice(1)).toEqual([
      "Over 80.0 °C for 2 h 5 min",
      "Below 5.0 °C for 45 s",
      "1,412 of 1,440 entries, 12 without a number",
      "Sent when it changes: each value holds until the next.",
    ]);
    expect(captionOf([line({ isOnChange: true, forecast }), line()], DAY, "UTC")[0]).toMatch(
      /without a number\. Sent when it changes: each value holds until the next\. At this rate it reaches [^.]*\.0 °C in 3 h 20 min\.$/,
    );
    expect(captionOf([line({ beyond }), line()], DAY, "UTC")[0]).toContain(
      "last 74.0 °C, over 80.0 °C for 2 h 5 min, below 5.0 °C for 45 s; 1,412 of",
    );
  });

  it("never says that something is infinite, or no number, whatever was measured", () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const numbers = fc.array(fc.oneof(number, fc.constantFrom(1.7e308, -1.7e308, 5e-324, 1e21)), { minLength: 1 });
    const limits: MeasuredLimit[] = [
      { ...HIGH, value: 1e308 },
      { ...HIGH, value: -5, side: "below" },
    ];
    fc.assert(
      fc.property(numbers, fc.option(fc.nat(5)), (values, decimals) => {
        const times = Float64Array.from(values, (_, i) => AT + i * 60_000);
        const series = { times, values: Float64Array.from(values) };
        const measurement = { number: 1, label: "Coil", unit: null, decimals, limits };
        const period = { startAt: AT, endAt: AT + values.length * 60_000 };
        const facts = {
          ...factsOf(traceOf(series, period), period, measurement),
          forecast: forecastOf(series, limits, period.endAt),
        };
        expect(captionOf([{ measurement, ...facts }], period, "UTC").join()).not.toMatch(/Infinity|NaN|e\+/);
      }),
    );
  });

  it("begins with the name and the period, below it where a phone has no room for both in a line", () => {
    expect(titleOf("Coil temperature1", "2026-11-26")).toBe("Coil temperature1 · 2026-11-26");
    expect(titleOf("Coil temperature12", "2026-11-26")).toBe("Coil temperature12\n2026-11-26");
    // In bold letters the period would wrap.
    expect(captionView([titleOf("Coil temperature12", "2026-11-26"), "61 °C"]).html).toBe(
      "<b>Coil temperature12</b>\n2026-11-26\n61 °C",
    );
  });

  it("never is longer than Telegram takes, whatever fields are called", () => {
    for (const letter of ["W", "&", "<", "😀"]) {
      const many = [1, 2, 3, 4].map(() => line({ forecast }, letter.repeat(255)));
      const { html } = captionView([
        many.map(({ measurement }) => measurement.label.slice(0, 40)).join(),
        ...captionOf(many, DAY, "UTC"),
      ]);
      expect(toPlain({ html }).length).toBeLessThanOrEqual(MAX_CAPTION);
    }
  });
});
