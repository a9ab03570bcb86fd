import { describe, expect, it } from "vitest";
import { broken, findGaps } from "../../src/measurements/gaps.ts";
import type { Series } from "../../src/measurements/series.ts";
import { createRandom } from "../../src/simulator/random.ts";
import { byChance, instants, partlyMeans, pausesOf, seriesAt } from "../charts/series-of.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const cadenceMs = 15 * SECOND;
const regular = (count: number, valueAt?: (i: number) => number): Series =>
  seriesAt(instants(pausesOf(count - 1, () => cadenceMs)), valueAt);
/** Those between the first and the last entry. */
const gapsIn = (series: Series, everyMs?: number) =>
  findGaps(series, { startAt: series.times[0]!, endAt: series.times.at(-1)! }, everyMs);
const greyShare = (pauses: readonly number[]): number => {
  const series = seriesAt(instants(pauses));
  const grey = gapsIn(series).reduce((sum, { startAt, endAt }) => sum + endAt - startAt, 0);
  return grey / series.times.at(-1)!;
};

describe("a gap", () => {
  it("is an outage of a regular sensor, also of one that writes blanks", () => {
    const gap = [{ startAt: 400 * cadenceMs, endAt: 600 * cadenceMs }];
    expect(gapsIn(regular(1_000, (i) => (i > 400 && i < 600 ? Number.NaN : i)))).toEqual(gap);
    const pauses = pausesOf(800, (i) => (i === 400 ? 200 : 1) * cadenceMs);
    expect(gapsIn(seriesAt(instants(pauses)))).toEqual(gap);
  });

  it("is the time before the first number and after the last one, if they were due then", () => {
    const [first, last] = [0, 999 * cadenceMs];
    const ends = { startAt: -HOUR, endAt: last + 2 * HOUR };
    const after = { startAt: last, endAt: last + 2 * HOUR };
    expect(findGaps(regular(1_000), ends)).toEqual([{ startAt: -HOUR, endAt: first }, after]);
    expect(findGaps({ ...regular(1_000), isFromStart: true }, ends)).toEqual([after]);
    expect(findGaps(regular(1_000), { startAt: -cadenceMs, endAt: last + cadenceMs })).toEqual([]);
  });

  it("is none of blanks between numbers, nor of an uneven cadence", () => {
    expect(gapsIn(regular(1_000, (i) => (i % 3 === 0 ? i : Number.NaN)))).toEqual([]);
    expect(gapsIn(seriesAt(instants(pausesOf(999, (i) => (i % 4 === 0 ? 20 : 1) * cadenceMs))))).toEqual([]);
  });

  it("is seen in a series of many entries for one instant", () => {
    const times = Array.from({ length: 300 }, (_, i) => Math.floor(i / 3) * cadenceMs + (i < 150 ? 0 : HOUR));
    expect(gapsIn(seriesAt(times))).toHaveLength(1);
    const thirty = Array.from({ length: 3_000 }, (_, i) => Math.floor(i / 30) * cadenceMs);
    expect(gapsIn(seriesAt(thirty))).toEqual([]);
  });

  it("is none of the minutes between means, however often the numbers came", () => {
    const series = partlyMeans(1_440, 10_000, 5 * SECOND);
    expect(gapsIn(series)).toEqual([]);
    expect(gapsIn(series, 5 * SECOND)).toEqual([]);
  });

  it("is nothing that a few numbers tell, unless the plants file says how often they come", () => {
    const few = seriesAt([0, 15_000, HOUR]);
    expect(gapsIn(few)).toEqual([]);
    expect(gapsIn(few, MINUTE)).toEqual([{ startAt: 15_000, endAt: HOUR }]);
  });
});

describe("a sensor that sends as it sees fit", () => {
  const random = createRandom(3);
  /** A door: some events within seconds, then nothing for minutes or hours. */
  const door = pausesOf(4_000, () =>
    random() < 0.7 ? Math.ceil(5 * SECOND * random()) : Math.ceil(-40 * MINUTE * Math.log(1 - random())),
  );
  /** Each 10 s while something happens, else each 10 min. */
  const adaptive = pausesOf(3_000, (i) => (i % 300 < 240 ? 10 : 600) * SECOND);

  it("has next to no gaps", () => {
    expect(greyShare(door)).toBeLessThan(0.02);
    expect(greyShare(adaptive)).toBe(0);
    expect(greyShare(byChance(5_000, MINUTE))).toBe(0);
    expect(greyShare(byChance(20, HOUR))).toBeLessThan(0.2);
  });

  it("has the same gaps in the middle, however much of it is looked at", () => {
    const times = instants(door);
    const middle = times.slice(1_900, 2_100);
    const seen = (from: number, to: number) =>
      gapsIn(seriesAt(times.slice(from, to))).filter(
        ({ startAt, endAt }) => startAt >= middle[0]! && endAt <= middle.at(-1)!,
      );
    expect(seen(1_860, 2_140)).toEqual(seen(0, times.length));
  });

  it("has one where it dies in a busy time, and one that outlasts all its rest by far", () => {
    const dead = adaptive.with(120, 2 * HOUR);
    expect(gapsIn(seriesAt(instants(dead)))).toHaveLength(1);
    expect(gapsIn(seriesAt(instants(adaptive.with(280, 3 * DAY))))).toHaveLength(1);
  });
});

describe("broken", () => {
  it("leaves blanks out, and breaks the line in a gap with both of its edges kept", () => {
    const series = regular(10_000, (i) => (i > 3_000 && i < 5_000 ? Number.NaN : i));
    const { times, values } = broken(series, gapsIn(series));
    const breaks = [...values.keys()].filter((i) => Number.isNaN(values[i]));
    expect(breaks).toHaveLength(1);
    expect([values[breaks[0]! - 1], values[breaks[0]! + 1]]).toEqual([3_000, 5_000]);
    expect(times).toEqual(times.toSorted());
    expect(
      broken(
        regular(5, () => Number.NaN),
        [],
      ).values,
    ).toHaveLength(0);
  });

  it("does not begin with a break", () => {
    const series = regular(100);
    const gaps = findGaps(series, { startAt: -HOUR, endAt: series.times.at(-1)! });
    expect(gaps).toHaveLength(1);
    expect(broken(series, gaps).values).toEqual(series.values);
  });
});
