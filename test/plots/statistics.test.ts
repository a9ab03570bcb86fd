import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { medianOf, statisticsOf } from "../../src/plots/statistics.ts";

const MINUTE = 60_000;
const DAY = { startAt: 0, endAt: 1_440 * MINUTE };
const seriesOf = (values: readonly number[]) => ({
  times: Float64Array.from(values, (_, i) => i * MINUTE),
  values: Float64Array.from(values),
});

describe("statisticsOf", () => {
  it("tells extremes with their times, averages, and how much is missing", () => {
    expect(statisticsOf(seriesOf([2, 4, 4, Number.NaN, 4, 5, 5, 7, 9]), DAY)).toEqual({
      entries: 9,
      numbers: 8,
      min: 2,
      minAt: 0,
      max: 9,
      maxAt: 8 * MINUTE,
      mean: 5,
      median: 4.5,
      deviation: Math.sqrt(32 / 7),
      last: 9,
      lastAt: 8 * MINUTE,
      expected: 1_440,
    });
  });

  it("knows nothing but the count when no entry is a number", () => {
    expect(statisticsOf(seriesOf([Number.NaN, Number.NaN]), DAY)).toMatchObject({
      entries: 2,
      numbers: 0,
      mean: null,
      median: null,
      deviation: null,
      expected: null,
    });
  });

  it("has no deviation of one number", () => {
    expect(statisticsOf(seriesOf([3]), DAY)).toMatchObject({ mean: 3, median: 3, deviation: null, expected: null });
  });

  it("loses nothing of small differences between large numbers", () => {
    expect(statisticsOf(seriesOf([1e9 + 1, 1e9 + 2, 1e9 + 3]), DAY).deviation).toBe(1);
  });

  it("leaves the series as it was", () => {
    const series = seriesOf([3, 1, 2]);
    statisticsOf(series, DAY);
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
