import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Series, Span } from "../../src/measurements/series.ts";
import { traceOf } from "../../src/measurements/trace.ts";
import { medianOf, statisticsOf } from "../../src/measurements/statistics.ts";

const MINUTE = 60_000;
const DAY = { startAt: 0, endAt: 1_440 * MINUTE };
const HIGH = { value: 4.5, side: "above", severity: "error" } as const;
const statsOf = (series: Series, period: Span) => statisticsOf(traceOf(series, period), period, { limits: [HIGH] });
const seriesOf = (values: readonly number[]) => ({
  times: Float64Array.from(values, (_, i) => i * MINUTE),
  values: Float64Array.from(values),
});

describe("statisticsOf", () => {
  it("tells extremes with their times, averages, and how much is missing", () => {
    expect(statsOf(seriesOf([2, 4, 4, Number.NaN, 4, 5, 5, 7, 9]), DAY)).toEqual({
      entries: 9,
      numbers: 8,
      min: 2,
      minAt: 0,
      max: 9,
      maxAt: 8 * MINUTE,
      // What is blank holds on, and what is behind the last one is a gap.
      mean: (2 + 4 + 2 * 4 + 4 + 5 + 5 + 7) / 8,
      median: 4.5,
      deviation: Math.sqrt(32 / 7),
      last: 9,
      lastAt: 8 * MINUTE,
      everyMs: MINUTE,
      expected: 1_440,
      longestPauseMs: 1_432 * MINUTE,
      beyond: [{ limit: HIGH, ms: 3 * MINUTE }],
      isOnChange: false,
    });
  });

  it("knows nothing but the count when no entry is a number", () => {
    expect(statsOf(seriesOf([Number.NaN, Number.NaN]), DAY)).toMatchObject({
      entries: 2,
      numbers: 0,
      mean: null,
      median: null,
      deviation: null,
      expected: null,
    });
  });

  it("has no deviation of one number", () => {
    expect(statsOf(seriesOf([3]), DAY)).toMatchObject({ mean: 3, median: 3, deviation: null, expected: null });
  });

  it("loses nothing of small differences between large numbers", () => {
    expect(statsOf(seriesOf([1e9 + 1, 1e9 + 2, 1e9 + 3]), DAY).deviation).toBe(1);
  });

  it("has a deviation of 0 for a constant, and of huge and tiny numbers what it is", () => {
    for (const value of [0.1, 1e-300, 1.7e308, -1e9 / 3, 0]) {
      expect(statsOf(seriesOf(Array.from({ length: 1_000 }, () => value)), DAY)).toMatchObject({
        deviation: 0,
        mean: value,
        median: value,
      });
    }
    expect(statsOf(seriesOf([1e200, 3e200]), DAY).deviation! / 1e200).toBeCloseTo(Math.SQRT2, 12);
    expect(statsOf(seriesOf([1e-200, 3e-200]), DAY).deviation! / 1e-200).toBeCloseTo(Math.SQRT2, 12);
    expect(statsOf(seriesOf([1.7e308, 1.7e308, 1.6e308]), DAY).median).toBe(1.7e308);
  });

  it("never comes to what is not a number", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 30 }),
        (all) => {
          const { mean, median, deviation, min, max } = statsOf(seriesOf(all), DAY);
          for (const one of [mean, median, deviation ?? 0]) expect(Number.isFinite(one)).toBe(true);
          for (const one of [mean!, median!]) {
            expect(one).toBeGreaterThanOrEqual(min! - Math.abs(min!) * 1e-9);
            expect(one).toBeLessThanOrEqual(max! + Math.abs(max!) * 1e-9);
          }
        },
      ),
    );
  });

  it("leaves the series as it was", () => {
    const series = seriesOf([3, 1, 2]);
    statsOf(series, DAY);
    expect([...series.values]).toEqual([3, 1, 2]);
  });
});

describe("medianOf", () => {
  it("has as many numbers below as above", () => {
    const numbers = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(numbers, (all) => {
        const median = medianOf(Float64Array.from(all))!;
        expect(all.filter((one) => one < median).length).toBeLessThanOrEqual(all.length / 2);
        expect(all.filter((one) => one > median).length).toBeLessThanOrEqual(all.length / 2);
      }),
    );
  });

  it("is nothing of nothing", () => {
    expect(medianOf(new Float64Array(0))).toBeNull();
  });
});
