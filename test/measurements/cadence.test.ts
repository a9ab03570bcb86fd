import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clearCadence, rhythmOf } from "../../src/measurements/cadence.ts";
import { createRandom } from "../../src/simulator/random.ts";
import { byChance, instants, partlyMeans, pausesOf, seriesAt } from "../charts/series-of.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const every = (everyMs: number, count: number) => pausesOf(count - 1, () => everyMs);
const periodOf = (times: readonly number[], afterMs: number) => ({
  startAt: times[0]!,
  endAt: times.at(-1)! + afterMs,
});
/** What is expected of entries, in the period that they fill. */
function expected(pauses: readonly number[], afterMs = pauses.at(-1)!): number | null {
  const times = instants(pauses);
  return rhythmOf(seriesAt(times), periodOf(times, afterMs)).expected;
}

describe("entries of a cadence", () => {
  it("are all there where none was missed, however long one looks", () => {
    for (const count of [144, 1_440, 5_000, 20_000]) expect(expected(every(MINUTE, count))).toBe(count);
  });

  it("are missed one by one, in a row, at the start and at the end", () => {
    const day = instants(every(MINUTE, 1_440));
    const without = (isLost: (i: number) => boolean) =>
      rhythmOf(seriesAt(day.filter((_, i) => !isLost(i))), { startAt: 0, endAt: DAY }).expected;
    for (const isLost of [
      (i: number) => i % 50 === 7,
      (i: number) => i > 500 && i < 900,
      (i: number) => i < 300,
      (i: number) => i > 1_000,
    ])
      expect(without(isLost)).toBe(1_440);
    // The newest is still on its way.
    expect(without((i) => i === 1_439)).toBe(1_439);
  });

  it("are not due before the first entry ever", () => {
    const late = { ...seriesAt(instants(every(MINUTE, 600)).map((at) => at + 14 * HOUR)), isFromStart: true };
    expect(rhythmOf(late, { startAt: 0, endAt: DAY })).toEqual({
      everyMs: MINUTE,
      expected: 600,
      longestPauseMs: MINUTE,
    });
  });

  it("are found whatever the clock of the sensor adds, as none are missing for being late", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 3_600 }), fc.nat(20), (seed, seconds, jitter) => {
        const random = createRandom(seed);
        // Up to a tenth of the cadence earlier or later, each by itself.
        const times = Array.from({ length: 500 }, (_, i) =>
          Math.round(i * seconds * SECOND + (random() - 0.5) * (jitter / 100) * seconds * SECOND),
        );
        const found = rhythmOf(seriesAt(times), periodOf(times, seconds * SECOND));
        expect(found.expected).toBe(500);
        expect(found.everyMs! / (seconds * SECOND)).toBeCloseTo(1, 2);
      }),
    );
  });

  it("come to the same over two halves as over the whole", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 300, max: 700 }), (seed, cut) => {
        const random = createRandom(seed);
        const times = instants(every(MINUTE, 1_000)).filter(() => random() > 0.03);
        const part = (startAt: number, endAt: number): number =>
          rhythmOf(seriesAt(times.filter((at) => at >= startAt && at < endAt)), { startAt, endAt }).expected!;
        const [cutAt, endAt] = [cut * MINUTE, 1_000 * MINUTE];
        const halves = part(0, cutAt) + part(cutAt, endAt);
        // At an end that may be now, one more or less.
        expect(Math.abs(halves - part(0, endAt))).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("a cadence that is not clear", () => {
  it.each([
    ["10 s and 50 s in turn", pausesOf(2_879, (i) => (i % 2 === 0 ? 10 : 50) * SECOND)],
    ["10 s and 50 s in turn, over two days", pausesOf(5_758, (i) => (i % 2 === 0 ? 10 : 50) * SECOND)],
    ["10 s and 50 s in turn, from 50 on", pausesOf(4_999, (i) => (i % 2 === 1 ? 10 : 50) * SECOND)],
    ["by chance", byChance(424, 200 * SECOND)],
    ["by chance, many", byChance(15_000, 6 * SECOND)],
    ["more often while something happens", pausesOf(1_000, (i) => (i % 100 < 50 ? 10 : 600) * SECOND)],
    ["few", every(MINUTE, 5)],
  ])("expects nothing: %s", (_, pauses) => {
    expect(expected(pauses)).toBeNull();
  });

  it("does not depend on where one begins to look", () => {
    const times = instants(pausesOf(14_999, (i) => (i % 3 === 0 ? 10 : 25) * SECOND));
    for (const skipped of [0, 1, 2, 3, 4]) expect(clearCadence(Float64Array.from(times.slice(skipped)))).toBeNull();
  });

  it("leaves the longest pause to be told, an end of the period included", () => {
    const times = instants([10, 50, 10, 900, 10, 50, 10].map((seconds) => seconds * SECOND));
    const series = seriesAt(times);
    expect(rhythmOf(series, periodOf(times, MINUTE)).longestPauseMs).toBe(900 * SECOND);
    expect(rhythmOf(series, periodOf(times, HOUR)).longestPauseMs).toBe(HOUR);
    expect(rhythmOf(series, { startAt: -2 * HOUR, endAt: times.at(-1)! }).longestPauseMs).toBe(2 * HOUR);
    expect(rhythmOf(seriesAt([]), { startAt: 0, endAt: DAY })).toEqual({
      everyMs: null,
      expected: null,
      longestPauseMs: null,
    });
  });

  it("is not told where some of them are means of minutes: four entries each, and none missed", () => {
    const series = partlyMeans(1_440, 30_000, 15 * SECOND);
    const period = { startAt: 0, endAt: series.times.at(-1)! };
    expect(rhythmOf(series, period)).toEqual({ everyMs: null, expected: null, longestPauseMs: MINUTE });
    expect(rhythmOf(series, period, 15 * SECOND)).toMatchObject({ everyMs: 15 * SECOND, expected: null });
  });

  it("is clear where the plants file says it", () => {
    const pauses = pausesOf(2_879, (i) => (i % 2 === 0 ? 10 : 50) * SECOND);
    const times = instants(pauses);
    expect(rhythmOf(seriesAt(times), periodOf(times, 50 * SECOND), 30 * SECOND).expected).toBe(2_880);
    const few = instants(every(HOUR, 4));
    expect(rhythmOf(seriesAt(few), { startAt: 0, endAt: DAY }, HOUR).expected).toBe(24);
  });
});
