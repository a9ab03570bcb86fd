import { describe, expect, it } from "vitest";
import { findGaps, sortByTime, summarize, thin, type Series } from "../../src/charts/series.ts";

const seriesOf = (entries: readonly (readonly [number, number])[]): Series => ({
  times: Float64Array.from(entries, ([at]) => at),
  values: Float64Array.from(entries, ([, value]) => value),
});

const every = (stepMs: number, count: number, valueAt: (i: number) => number): Series => ({
  times: Float64Array.from({ length: count }, (_, i) => i * stepMs),
  values: Float64Array.from({ length: count }, (_, i) => valueAt(i)),
});

describe("sortByTime", () => {
  it("returns a series in order as it is", () => {
    const series = every(15_000, 10, (i) => i);
    expect(sortByTime(series)).toBe(series);
  });

  it("puts entries in order of time and keeps the order within one instant", () => {
    const sorted = sortByTime(
      seriesOf([
        [30, 3],
        [10, 1],
        [20, 2],
        [10, 1.5],
        [5, Number.NaN],
      ]),
    );
    expect([...sorted.times]).toEqual([5, 10, 10, 20, 30]);
    expect([...sorted.values]).toEqual([Number.NaN, 1, 1.5, 2, 3]);
  });
});

describe("summarize", () => {
  it("counts entries and numbers and finds the extremes and the newest number", () => {
    expect(
      summarize(
        seriesOf([
          [30, 4],
          [10, 1],
          [20, Number.NaN],
          [40, Number.NaN],
          [25, 7],
        ]),
      ),
    ).toEqual({
      entries: 5,
      numbers: 3,
      min: 1,
      minAt: 10,
      max: 7,
      maxAt: 25,
      mean: 4,
      last: 4,
      lastAt: 30,
    });
  });

  it("knows nothing but the count when no entry is a number", () => {
    expect(summarize(every(1, 3, () => Number.NaN))).toEqual({
      entries: 3,
      numbers: 0,
      min: null,
      minAt: null,
      max: null,
      maxAt: null,
      mean: null,
      last: null,
      lastAt: null,
    });
    expect(summarize(every(1, 0, () => 0)).entries).toBe(0);
  });
});

describe("findGaps", () => {
  const cadenceMs = 15_000;
  const without = (series: Series, isLost: (i: number) => boolean): Series => ({
    times: series.times.filter((_, i) => !isLost(i)),
    values: series.values.filter((_, i) => !isLost(i)),
  });

  it("finds an outage in a regular series", () => {
    const series = without(
      every(cadenceMs, 1_000, (i) => i),
      (i) => i > 400 && i < 600,
    );
    expect(findGaps(series)).toEqual([{ startAt: 400 * cadenceMs, endAt: 600 * cadenceMs }]);
  });

  it("takes an outage of a sensor that writes blanks for a gap too", () => {
    const series = every(cadenceMs, 1_000, (i) => (i > 400 && i < 600 ? Number.NaN : i));
    expect(findGaps(series)).toEqual([{ startAt: 400 * cadenceMs, endAt: 600 * cadenceMs }]);
  });

  it("does not take blanks between numbers for gaps", () => {
    expect(findGaps(every(cadenceMs, 1_000, (i) => (i % 3 === 0 ? i : Number.NaN)))).toEqual([]);
  });

  it("does not take an irregular cadence for gaps", () => {
    const entries: [number, number][] = [];
    for (let i = 0, at = 0; i < 1_000; i++, at += i % 4 === 0 ? 20 * cadenceMs : cadenceMs) entries.push([at, i]);
    expect(findGaps(seriesOf(entries))).toEqual([]);
  });

  it("sees an outage in a series of many entries for one instant", () => {
    const entries = Array.from({ length: 300 }, (_, i): [number, number] => [Math.floor(i / 3) * cadenceMs, i]);
    const late = entries.map(([at, value]): [number, number] => [at + (value < 150 ? 0 : 3_600_000), value]);
    expect(findGaps(seriesOf(late))).toHaveLength(1);
  });

  it("knows no cadence from two numbers", () => {
    expect(
      findGaps(
        seriesOf([
          [0, 1],
          [1e9, 2],
        ]),
      ),
    ).toEqual([]);
    expect(
      findGaps(
        seriesOf([
          [0, 1],
          [15, 2],
          [3_600, 3],
        ]),
      ),
    ).toEqual([{ startAt: 15, endAt: 3_600 }]);
  });
});

describe("thin", () => {
  it("keeps a short series as it is, without its blanks", () => {
    const series = seriesOf([
      [0, 1],
      [1, Number.NaN],
      [2, 5],
      [3, 2],
    ]);
    const thinned = thin(series, 100);
    expect([...thinned.times]).toEqual([0, 2, 3]);
    expect([...thinned.values]).toEqual([1, 5, 2]);
  });

  it("keeps one spike and one dip among 1,000,000 entries, in order, with few points", () => {
    const spiky = (i: number) => (i === 567_891 ? 99 : i === 123_456 ? -40 : 50 + Math.sin(i / 1_000));
    const thinned = thin(every(15_000, 1_000_000, spiky), 640);
    expect(thinned.values).toContain(99);
    expect(thinned.values).toContain(-40);
    expect(thinned.times[thinned.values.indexOf(99)]).toBe(567_891 * 15_000);
    expect(thinned.times.length).toBeLessThanOrEqual(4 * 641);
    expect(thinned.times).toEqual(thinned.times.toSorted());
    expect(thinned.values[0]).toBe(50);
    expect(thinned.values.at(-1)).toBe(spiky(999_999));
  });

  it("breaks the line in a gap, with both of its edges kept", () => {
    const series = every(1_000, 10_000, (i) => (i > 3_000 && i < 5_000 ? Number.NaN : i));
    const thinned = thin(series, 100);
    const breaks = [...thinned.values.keys()].filter((i) => Number.isNaN(thinned.values[i]));
    expect(breaks).toHaveLength(1);
    expect(thinned.values[breaks[0]! - 1]).toBe(3_000);
    expect(thinned.values[breaks[0]! + 1]).toBe(5_000);
  });

  it("takes what is empty, blank or one instant", () => {
    expect(
      thin(
        every(1, 0, () => 0),
        10,
      ).values,
    ).toHaveLength(0);
    expect(
      thin(
        every(1, 5, () => Number.NaN),
        10,
      ).values,
    ).toHaveLength(0);
    expect([
      ...thin(
        every(0, 5, (i) => i),
        10,
      ).values,
    ]).toEqual([0, 4]);
  });
});
