import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findGaps } from "../../src/measurements/gaps.ts";
import { createMean, heldUntil, overTime } from "../../src/measurements/held.ts";
import type { Series, Span } from "../../src/measurements/series.ts";
import { isOnChange } from "../../src/measurements/steps.ts";
import { byChance, instants, pausesOf, seriesAt } from "../charts/series-of.ts";

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const meanOverTime = (series: Series, gaps: readonly Span[], endAt: number): number | null =>
  overTime(series, heldUntil(series, gaps, endAt), []).mean;
const meanIn = (series: Series, period: Span): number | null =>
  meanOverTime(series, findGaps(series, period), period.endAt);

/** What holds at each whole second, looked up one by one; `null` where nothing is known. */
function secondBySecond(series: Series, gaps: readonly Span[], { startAt, endAt }: Span): (number | null)[] {
  return Array.from({ length: (endAt - startAt) / SECOND }, (_, i) => {
    const at = startAt + i * SECOND;
    if (gaps.some((gap) => at >= gap.startAt && at < gap.endAt)) return null;
    const before = [...series.times.keys()].filter((n) => series.times[n]! <= at && Number.isFinite(series.values[n]));
    return before.length === 0 ? null : series.values[before.at(-1)!]!;
  });
}

describe("the mean over time", () => {
  it("is of what held, not of how often it was sent", () => {
    // 18 for an hour, then sixty times 90 within a minute.
    const times = [0, ...Array.from({ length: 60 }, (_, i) => HOUR + i * SECOND)];
    const series = seriesAt(times, (i) => (i === 0 ? 18 : 90));
    expect(meanOverTime(series, [], HOUR + MINUTE)).toBeCloseTo((18 * 60 + 90) / 61, 10);
  });

  it("leaves gaps out", () => {
    const pauses = pausesOf(200, (i) => (i === 99 ? 10 * HOUR : MINUTE));
    const series = seriesAt(instants(pauses), (i) => (i < 100 ? 10 : 20));
    const endAt = series.times.at(-1)! + MINUTE;
    // 99 minutes of one, and 101 of the other.
    expect(meanIn(series, { startAt: 0, endAt })).toBeCloseTo((99 * 10 + 101 * 20) / 200, 10);
  });

  it("is that of each second, looked up one by one, as is the time over a limit", () => {
    const entry = fc.record({
      pause: fc.integer({ min: 0, max: 40 }),
      value: fc.option(fc.integer({ min: -50, max: 50 }), { nil: Number.NaN }),
    });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 60 }), fc.nat(100), (entries, rest) => {
        const times = instants(entries.slice(1).map(({ pause }) => pause * SECOND));
        const series = seriesAt(times, (i) => entries[i]!.value);
        const period = { startAt: 0, endAt: times.at(-1)! + rest * SECOND };
        const gaps = findGaps(series, period);
        const known = secondBySecond(series, gaps, period).filter((value) => value !== null);
        const { mean, beyondMs } = overTime(series, heldUntil(series, gaps, period.endAt), [
          { value: 7, side: "above" },
          { value: 7, side: "below" },
        ]);
        if (known.length > 0) expect(mean).toBeCloseTo(known.reduce((sum, one) => sum + one, 0) / known.length, 8);
        const over = known.filter((value) => value > 7).length * SECOND;
        const below = known.filter((value) => value < 7).length * SECOND;
        expect(beyondMs).toEqual([over, below]);
      }),
    );
  });

  it("is that of the entries where none holds for any time, and nothing of none", () => {
    expect(
      meanOverTime(
        seriesAt([5, 5, 5], (i) => i),
        [],
        5,
      ),
    ).toBe(1);
    expect(
      meanOverTime(
        seriesAt([0, 1], () => Number.NaN),
        [],
        5,
      ),
    ).toBeNull();
  });
});

describe("a running mean", () => {
  it("of a constant is that constant, and never overflows", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1.7e308 }),
        fc.array(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), { minLength: 1 }),
        (value, weights) => {
          fc.pre(Math.abs(value) > 1e-300 || value === 0);
          const mean = createMean();
          for (const weight of weights) mean.add(value, weight);
          expect(mean.value()).toBe(value + 0);
        },
      ),
    );
    const far = createMean();
    for (const value of [1.7e308, -1.7e308, 1.7e308, 1.7e308]) far.add(value, 1);
    expect(far.value()! / 0.85e308).toBeCloseTo(1, 12);
  });
});

describe("what is sent when it changes", () => {
  const doors = byChance(200, 10 * MINUTE);
  it.each<[string, Series]>([
    ["a door", seriesAt(instants(doors), (i) => i % 2)],
    [
      "a temperature in steps of 0.1",
      seriesAt(instants(doors), (i) => 20 + Math.round(40 * Math.sin(i / 50)) / 10 + (i % 2) / 5),
    ],
    ["a set point", seriesAt(instants(byChance(8, HOUR)), (i) => [50, 60, 45, 80, 50, 60, 55, 70, 50][i]!)],
  ])("is known for it: %s", (_, series) => {
    expect(isOnChange(series)).toBe(true);
  });

  const minutely = instants(pausesOf(199, () => MINUTE));
  it.each<[string, Series]>([
    ["by the clock", seriesAt(minutely, (i) => i % 2)],
    ["at odd times, of what moves smoothly", seriesAt(instants(doors), (i) => 20 + Math.sin(i / 9))],
    ["at odd times, with repeats", seriesAt(instants(doors), (i) => Math.floor(i / 3) % 2)],
    ["too few", seriesAt(instants(doors.slice(0, 4)), (i) => i % 2)],
    ["what does not move", seriesAt(instants(doors), () => 5)],
  ])("is not all: %s", (_, series) => {
    expect(isOnChange(series)).toBe(false);
  });

  it("is nothing whose cadence the plants file says", () => {
    expect(
      isOnChange(
        seriesAt(instants(doors), (i) => i % 2),
        MINUTE,
      ),
    ).toBe(false);
  });
});
