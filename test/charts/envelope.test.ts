import { describe, expect, it } from "vitest";
import { envelopeOf } from "../../src/charts/envelope.ts";
import { DAY_MS, seriesOf, START_AT } from "./request.ts";

const of = (entries: number, valueAt: (i: number) => number, columns: number) =>
  envelopeOf(seriesOf(entries, valueAt), START_AT, START_AT + DAY_MS, columns);

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

  it("has the mean of what is there, without blanks and without what lies outside", () => {
    const values = [1, Number.NaN, 3, 8, Number.POSITIVE_INFINITY, 8];
    const { min, max, mean } = of(6, (i) => values[i]!, 2);
    expect([[...min], [...max], [...mean]]).toEqual([
      [1, 8],
      [3, 8],
      [2, 8],
    ]);
    expect(
      envelopeOf(
        seriesOf(6, (i) => i),
        START_AT + DAY_MS / 2,
        START_AT + DAY_MS,
        1,
      ).min,
    ).toEqual(Float64Array.of(3));
  });

  it("breaks in a gap, and is empty without numbers", () => {
    const { mean } = of(10_000, (i) => (i > 3_000 && i < 5_000 ? Number.NaN : 1), 100);
    expect([...mean.keys()].filter((i) => Number.isNaN(mean[i]))).toHaveLength(1);
    expect(of(100, () => Number.NaN, 10).times).toHaveLength(0);
  });

  it("reaches as far as the lowest and the highest that means stand for, and weighs them by their entries", () => {
    const series = {
      times: Float64Array.of(0, 60_000, 120_000).map((at) => START_AT + at),
      values: Float64Array.of(20, 30, 50),
      spread: {
        lows: Float64Array.of(19, -5, 50),
        highs: Float64Array.of(95, 31, 50),
        counts: Float64Array.of(60, 30, 10),
      },
    };
    const { min, max, mean } = envelopeOf(series, START_AT, START_AT + 120_000, 1);
    expect([[...min], [...max], [...mean]]).toEqual([[-5], [95], [26]]);
  });
});
