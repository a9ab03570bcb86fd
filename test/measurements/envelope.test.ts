import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { envelopeOf, type Envelope } from "../../src/measurements/envelope.ts";
import { heldUntil, overTime } from "../../src/measurements/held.ts";
import { findGaps } from "../../src/measurements/gaps.ts";
import type { Series, Span } from "../../src/measurements/series.ts";
import { DAY_MS, seriesOf, START_AT } from "../charts/request.ts";

const HOUR = 3_600_000;
const inColumns = (series: Series, period: Span, count: number, isHeld = false): Envelope => {
  const gaps = findGaps(series, period);
  return envelopeOf(series, period, { count, gaps, until: heldUntil(series, gaps, period.endAt), isHeld });
};
const ONE_DAY = { startAt: START_AT, endAt: START_AT + DAY_MS };
const of = (entries: number, valueAt: (i: number) => number, columns: number): Envelope =>
  inColumns(seriesOf(entries, valueAt), ONE_DAY, columns);

describe("envelopeOf", () => {
  it("keeps one spike and one dip among 1,000,000 entries, each in its column", () => {
    const spiky = (i: number) => (i === 567_891 ? 99 : i === 123_456 ? -40 : 50 + Math.sin(i / 1_000));
    const { times, min, max, mean } = of(1_000_000, spiky, 640);
    expect(times).toHaveLength(640);
    expect(times).toEqual(times.toSorted());
    const [spike, dip] = [max.indexOf(99), min.indexOf(-40)];
    expect([spike, dip]).toEqual([Math.floor(567_891 / (1_000_000 / 640)), Math.floor(123_456 / (1_000_000 / 640))]);
    expect(max.filter((value) => value > 51)).toHaveLength(1);
    expect(min.filter((value) => value < 49)).toHaveLength(1);
    for (const value of mean) expect(value).toBeGreaterThan(48.9);
  });

  it("has the mean over time of what is there, without blanks and without what lies outside", () => {
    const values = [1, Number.NaN, 3, 8, Number.POSITIVE_INFINITY, 8];
    const { min, max, mean } = of(6, (i) => values[i]!, 2);
    // The first holds for eight hours, the second for four.
    expect([[...min], [...max], [...mean]]).toEqual([
      [1, 8],
      [3, 8],
      [expect.closeTo(5 / 3, 12), 8],
    ]);
    const half = { startAt: START_AT + DAY_MS / 2, endAt: START_AT + DAY_MS };
    expect(
      inColumns(
        seriesOf(6, (i) => i),
        half,
        1,
      ).min,
    ).toEqual(Float64Array.of(3));
  });

  it("has in a column what holds from before", () => {
    const series = {
      times: Float64Array.of(0, 11, 12).map((hour) => START_AT + hour * HOUR),
      values: Float64Array.of(18, 90, 18),
    };
    const [columns, held] = [false, true].map((isHeld) => inColumns(series, ONE_DAY, 4, isHeld));
    // Of its six hours, 90 for one.
    expect([columns?.min[1], columns?.max[1], columns?.mean[1]]).toEqual([18, 90, expect.closeTo(30, 12)]);
    expect([columns?.times.length, held?.times.length]).toEqual([3, 4]);
    expect(held?.mean.at(-1)).toBe(18);
  });

  it("shares out all that is known of a period among its columns", () => {
    const entry = fc.record({
      pauseMs: fc.integer({ min: 0, max: HOUR }),
      value: fc.constantFrom(1, 20, 300, Number.NaN),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (entries, count) => {
        let at = START_AT;
        const series = {
          times: Float64Array.from(entries, ({ pauseMs }) => (at += pauseMs)),
          values: Float64Array.from(entries, ({ value }) => value),
        };
        const period = { startAt: START_AT, endAt: START_AT + 3 * DAY_MS };
        const { mean, knownMs } = inColumns(series, period, count, true);
        const until = heldUntil(series, findGaps(series, period), period.endAt);
        const known = until.reduce((sum, to, i) => sum + to - series.times[i]!, 0);
        const inAll = knownMs.reduce((sum, ms) => sum + ms, 0);
        expect(inAll / HOUR).toBeCloseTo(known / HOUR, 6);
        const all = mean.reduce((sum, one, i) => sum + (knownMs[i] === 0 ? 0 : (one * knownMs[i]!) / inAll), 0);
        if (known > 0) expect(all).toBeCloseTo(overTime(series, until, []).mean!, 6);
      }),
    );
  });

  it("breaks in a gap, and is empty without numbers", () => {
    const { mean } = of(10_000, (i) => (i > 3_000 && i < 5_000 ? Number.NaN : 1), 100);
    expect([...mean.keys()].filter((i) => Number.isNaN(mean[i]))).toHaveLength(1);
    expect(of(100, () => Number.NaN, 10).times).toHaveLength(0);
  });

  it("reaches as far as the lowest and the highest that means stand for", () => {
    const series = {
      times: Float64Array.of(0, 60_000, 120_000).map((at) => START_AT + at),
      values: Float64Array.of(20, 30, 50),
      spread: {
        lows: Float64Array.of(19, -5, 50),
        highs: Float64Array.of(95, 31, 50),
        counts: Float64Array.of(60, 30, 10),
      },
    };
    const { min, max, mean } = inColumns(series, { startAt: START_AT, endAt: START_AT + 180_000 }, 1);
    expect([[...min], [...max], [...mean]]).toEqual([[-5], [95], [expect.closeTo(100 / 3, 12)]]);
  });
});
