import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortByTime, summarize, type Series } from "../../src/measurements/series.ts";

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

  it("is the sorting of all, wherever something is out of order", () => {
    const times = fc.array(fc.nat(20), { maxLength: 40 });
    fc.assert(
      fc.property(times, fc.nat(40), (given, ordered) => {
        const all = [...given.slice(0, ordered).toSorted((a, b) => a - b), ...given.slice(ordered)];
        const expected = all.map((at, i) => [at, i] as const).toSorted(([a], [b]) => a - b);
        const sorted = sortByTime(seriesOf(all.map((at, i) => [at, i])));
        expect(Array.from(sorted.times, (at, i) => [at, sorted.values[i]])).toEqual(expected);
      }),
    );
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
      last: null,
      lastAt: null,
    });
    expect(summarize(every(1, 0, () => 0)).entries).toBe(0);
  });
});

describe("means of minutes", () => {
  const spread = {
    lows: Float64Array.of(50, 19, -5),
    highs: Float64Array.of(50, 95, 31),
    counts: Float64Array.of(10, 60, 30),
  };
  const series = { times: Float64Array.of(3, 1, 2), values: Float64Array.of(50, 20, 30), spread };

  it("have the extremes of what they stand for", () => {
    expect(summarize(series)).toMatchObject({ entries: 3, min: -5, minAt: 2, max: 95, maxAt: 1, last: 50 });
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
