import { describe, expect, it } from "vitest";
import { broken, expectedEntries, findGaps, sortByTime, summarize, type Series } from "../../src/charts/series.ts";

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
  /** Those between the first and the last entry. */
  const gapsIn = (series: Series) => findGaps(series, { startAt: series.times[0]!, endAt: series.times.at(-1)! });
  const [cadenceMs, HOUR] = [15_000, 3_600_000];
  const without = (series: Series, isLost: (i: number) => boolean): Series => ({
    times: series.times.filter((_, i) => !isLost(i)),
    values: series.values.filter((_, i) => !isLost(i)),
  });

  it("finds an outage in a regular series", () => {
    const series = without(
      every(cadenceMs, 1_000, (i) => i),
      (i) => i > 400 && i < 600,
    );
    expect(gapsIn(series)).toEqual([{ startAt: 400 * cadenceMs, endAt: 600 * cadenceMs }]);
  });

  it("counts the time before the first number and after the last one, if they were due then", () => {
    const series = every(cadenceMs, 1_000, (i) => i);
    const [first, last] = [0, 999 * cadenceMs];
    expect(findGaps(series, { startAt: -HOUR, endAt: last + 2 * HOUR })).toEqual([
      { startAt: -HOUR, endAt: first },
      { startAt: last, endAt: last + 2 * HOUR },
    ]);
    expect(findGaps(series, { startAt: -cadenceMs, endAt: last + cadenceMs })).toEqual([]);
  });

  it("takes an outage of a sensor that writes blanks for a gap too", () => {
    const series = every(cadenceMs, 1_000, (i) => (i > 400 && i < 600 ? Number.NaN : i));
    expect(gapsIn(series)).toEqual([{ startAt: 400 * cadenceMs, endAt: 600 * cadenceMs }]);
  });

  it("does not take blanks between numbers for gaps", () => {
    expect(gapsIn(every(cadenceMs, 1_000, (i) => (i % 3 === 0 ? i : Number.NaN)))).toEqual([]);
  });

  it("does not take an irregular cadence for gaps", () => {
    const entries: [number, number][] = [];
    for (let i = 0, at = 0; i < 1_000; i++, at += i % 4 === 0 ? 20 * cadenceMs : cadenceMs) entries.push([at, i]);
    expect(gapsIn(seriesOf(entries))).toEqual([]);
  });

  it("sees an outage in a series of many entries for one instant", () => {
    const entries = Array.from({ length: 300 }, (_, i): [number, number] => [Math.floor(i / 3) * cadenceMs, i]);
    const late = entries.map(([at, value]): [number, number] => [at + (value < 150 ? 0 : 3_600_000), value]);
    expect(gapsIn(seriesOf(late))).toHaveLength(1);
  });

  it("knows no cadence from two numbers", () => {
    expect(
      gapsIn(
        seriesOf([
          [0, 1],
          [1e9, 2],
        ]),
      ),
    ).toEqual([]);
    expect(
      gapsIn(
        seriesOf([
          [0, 1],
          [15, 2],
          [3_600, 3],
        ]),
      ),
    ).toEqual([{ startAt: 15, endAt: 3_600 }]);
  });
});

describe("broken", () => {
  it("leaves blanks out, and breaks the line in a gap with both of its edges kept", () => {
    const series = every(1_000, 10_000, (i) => (i > 3_000 && i < 5_000 ? Number.NaN : i));
    const { times, values } = broken(series);
    const breaks = [...values.keys()].filter((i) => Number.isNaN(values[i]));
    expect(breaks).toHaveLength(1);
    expect([values[breaks[0]! - 1], values[breaks[0]! + 1]]).toEqual([3_000, 5_000]);
    expect(times).toEqual(times.toSorted());
    expect(broken(every(1, 5, () => Number.NaN)).values).toHaveLength(0);
  });
});

describe("expectedEntries", () => {
  it("counts by the usual pause, and never less than there are", () => {
    const day = every(60_000, 1_440, (i) => i);
    const holes = {
      times: day.times.filter((_, i) => i % 50 !== 7),
      values: day.values.filter((_, i) => i % 50 !== 7),
    };
    expect(expectedEntries(holes, 0, 86_400_000)).toBe(1_440);
    expect(expectedEntries(day, 0, 43_200_000)).toBe(1_440);
    // The next one is on its way.
    expect(expectedEntries(day, 60_000, 86_460_000)).toBe(1_440);
    expect(expectedEntries(day, 0, 86_460_000)).toBe(1_440);
    expect(expectedEntries(day, 0, 86_520_000)).toBe(1_442);
    expect(
      expectedEntries(
        every(60_000, 2, (i) => i),
        0,
        86_400_000,
      ),
    ).toBeNull();
  });
});

describe("means of minutes", () => {
  const spread = {
    lows: Float64Array.of(50, 19, -5),
    highs: Float64Array.of(50, 95, 31),
    counts: Float64Array.of(10, 60, 30),
  };
  const series = { times: Float64Array.of(3, 1, 2), values: Float64Array.of(50, 20, 30), spread };

  it("have the extremes of what they stand for, and the mean of all entries", () => {
    expect(summarize(series)).toMatchObject({ entries: 3, min: -5, minAt: 2, max: 95, maxAt: 1, mean: 26, last: 50 });
  });

  it("keep what they stand for when they are put in order", () => {
    expect(sortByTime(series)).toEqual({
      times: Float64Array.of(1, 2, 3),
      values: Float64Array.of(20, 30, 50),
      spread: {
        lows: Float64Array.of(19, -5, 50),
        highs: Float64Array.of(95, 31, 50),
        counts: Float64Array.of(60, 30, 10),
      },
    });
  });
});
