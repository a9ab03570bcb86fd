import { describe, expect, it } from "vitest";
import type { ChartPoint } from "../../src/charts/lines.ts";
import { chartOptions } from "../../src/charts/options.ts";
import type { Series } from "../../src/measurements/series.ts";
import { DAY_MS, lineOf, requestFor, START_AT } from "./request.ts";
import { byChance, instants, seriesAt } from "./series-of.ts";

const QUARTER = 900_000;

/** Warm days and cool nights, between 40 and 60; `isThere` tells the quarters of an hour of which something is known. */
function nightAndDay(days: number, isThere: (i: number) => boolean = () => true): Series {
  const all = Array.from({ length: (days * DAY_MS) / QUARTER }, (_, i) => i).filter(isThere);
  return {
    times: Float64Array.from(all, (i) => START_AT + i * QUARTER),
    values: Float64Array.from(all, (i) => 50 + 10 * Math.sin((i * QUARTER * 2 * Math.PI) / DAY_MS)),
  };
}
/** The line itself, without its breaks, and the upper end of the band around it. */
function drawn(series: Series, days: number) {
  const period = { startAt: START_AT, endAt: START_AT + days * DAY_MS };
  const { datasets } = chartOptions(requestFor([lineOf(series)], period)).data;
  const numbers = (data: readonly ChartPoint[]): number[] => data.map(({ y }) => y).filter((y) => !Number.isNaN(y));
  return {
    mean: numbers(datasets.find(({ label }) => label !== undefined)?.data ?? []),
    highs: numbers(datasets.find(({ fill }) => fill !== undefined)?.data ?? []),
  };
}
const offFrom50 = (values: readonly number[]): number => Math.max(...values.map((value) => Math.abs(value - 50)));

describe("the mean line of a long period", () => {
  it.each([90, 200.4, 365, 700])("has no waves of its own, over %d days", (days) => {
    const { mean, highs } = drawn(nightAndDay(days), days);
    expect(offFrom50(mean)).toBeLessThan(0.2);
    expect(Math.max(...highs)).toBeCloseTo(60, 1);
  });

  it("has no jumps beside outages, whatever hour these begin at", () => {
    const isThere = (i: number): boolean => ![3_000, 9_030, 15_060].some((from) => i > from && i < from + 500);
    expect(offFrom50(drawn(nightAndDay(365, isThere), 365).mean)).toBeLessThan(1);
  });

  it("is there for what is known by day only", () => {
    const isDay = (i: number): boolean => i % 96 >= 24 && i % 96 < 56;
    const { mean } = drawn(nightAndDay(365, isDay), 365);
    expect(mean.length).toBeGreaterThan(350);
    expect(Math.max(...mean) - Math.min(...mean)).toBeLessThan(1);
  });

  it("shows day and night where there is room for them", () => {
    expect(offFrom50(drawn(nightAndDay(30), 30).mean)).toBeGreaterThan(9);
  });
});

describe("the line of what is sent when it changes", () => {
  const HOUR = 3_600_000;
  const changes = byChance(40, 20 * 60_000);
  const series = seriesAt(
    instants(changes).map((at) => START_AT + at),
    (i) => i % 2,
  );
  const lastAt = series.times.at(-1) ?? 0;
  const ends = (endAt: number, more = {}): readonly (ChartPoint | undefined)[] => {
    const request = requestFor([lineOf(series, more)], { endAt, limits: "all" });
    const { datasets } = chartOptions(request).data;
    return datasets.filter(({ data }) => data.length > 2).map(({ data }) => data.at(-1));
  };
  const marksAt = (endAt: number): unknown[] =>
    Object.values(chartOptions(requestFor([lineOf(series)], { endAt })).options?.plugins?.annotation?.annotations ?? {})
      .filter((one): one is { type: "point"; xValue: number } => (one as { type?: unknown }).type === "point")
      .map(({ xValue }) => xValue);

  it("goes on to the end of the period, where its newest number stands, as that holds", () => {
    const limit = { value: 0.5, side: "above", severity: "error" } as const;
    for (const end of ends(lastAt + HOUR, { limits: [limit] })) expect(end).toEqual({ x: lastAt + HOUR, y: 0 });
    expect(marksAt(lastAt + HOUR)).toContain(lastAt + HOUR);
  });

  it("ends at its newest number where nothing came for too long, or it comes by the clock", () => {
    expect(ends(lastAt + 900 * HOUR)[0]?.x).toBe(lastAt);
    expect(ends(lastAt + 60_000, { everyMs: 1_200_000 })[0]?.x).toBe(lastAt);
  });
});
