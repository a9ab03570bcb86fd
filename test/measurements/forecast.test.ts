import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Series } from "../../src/measurements/series.ts";
import { createRandom, noise } from "../../src/simulator/random.ts";
import { forecast, forecastSentence, whenWords, type Reaching } from "../../src/measurements/forecast.ts";
import type { MeasuredLimit, Measurement } from "../../src/measurements/measurement.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HIGH: MeasuredLimit = { value: 80, side: "above", severity: "error" };
const LOW: MeasuredLimit = { value: 20, side: "below", severity: "warning" };

/** A day until now with an entry a minute; `share` runs from 0 to 1 over it. */
function day(valueAt: (share: number, i: number) => number, count = 1_440): Series {
  const stepMs = DAY / count;
  return {
    times: Float64Array.from({ length: count }, (_, i) => NOW - (count - i) * stepMs),
    values: Float64Array.from({ length: count }, (_, i) => valueAt(i / count, i)),
  };
}
const told = (series: Series, limits: readonly MeasuredLimit[] = [HIGH, LOW]) => forecast(series, limits, NOW);
/** How many of 300 seeds something is said of. */
const spoken = (seriesOf: (seed: number) => Series): number =>
  Array.from({ length: 300 }, (_, seed) => told(seriesOf(seed))).filter((one) => one !== null).length;

describe("forecast", () => {
  it("tells when a clean ramp reaches its limit", () => {
    // 10 degrees a day, 5 to go.
    const { slopePerHour, reaches } = told(day((share) => 65 + 10 * share))!;
    expect(slopePerHour).toBeCloseTo(10 / 24, 6);
    expect(reaches?.limit).toBe(HIGH);
    expect(reaches!.inMs / HOUR).toBeCloseTo(12, 1);
  });

  it("finds the time within 5 % of a ramp of which a tenth is outliers", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 0.3, max: 0.94, noNaN: true }),
        fc.boolean(),
        (seed, left, isFalling) => {
          const random = createRandom(seed);
          const sign = isFalling ? -1 : 1;
          const limit = isFalling ? LOW : HIGH;
          const series = day((share) => {
            const clean = limit.value - sign * 10 * (1 + left - share);
            return random() < 0.1 ? clean + 500 * (random() - 0.5) : clean;
          });
          const { reaches } = told(series)!;
          expect(reaches?.limit).toBe(limit);
          expect(Math.abs(reaches!.inMs / (left * DAY) - 1)).toBeLessThan(0.05);
        },
      ),
    );
  });

  it("bears some noise, gaps and few entries", () => {
    const random = createRandom(1);
    const noisy = day((share) => 60 + 15 * share + noise(random));
    // The line itself takes eight hours; of the noise one number is there before it.
    expect(told(noisy)?.reaches?.inMs).toBeGreaterThan(4 * HOUR);
    expect(told(day((share, i) => (i > 300 && i < 700 ? Number.NaN : 65 + 10 * share)))?.reaches).not.toBeNull();
    expect(told(day((share) => 65 + 10 * share, 24))?.reaches).not.toBeNull();
  });

  it.each<[string, (seed: number) => Series]>([
    [
      "noise",
      (seed) => {
        const random = createRandom(seed);
        return day(() => 70 + 5 * noise(random));
      },
    ],
    [
      "noise of few entries",
      (seed) => {
        const random = createRandom(seed);
        return day(() => 70 + noise(random), 30);
      },
    ],
    [
      "a wave at any phase",
      (seed) => {
        const random = createRandom(seed);
        const [phase, waves] = [2 * Math.PI * random(), 0.75 + 9 * random()];
        return day((share) => 70 + 9 * Math.sin(phase + 2 * Math.PI * waves * share) + 0.2 * noise(random));
      },
    ],
    [
      "a step",
      (seed) => {
        const random = createRandom(seed);
        const at = random();
        return day((share) => (share < at ? 60 : 75) + 0.2 * noise(random));
      },
    ],
    [
      "what levels off",
      (seed) => {
        const random = createRandom(seed);
        const decay = 1 + 4 * random();
        return day((share) => 78 - 20 * Math.exp(-decay * share) + 0.1 * noise(random));
      },
    ],
  ])("says nothing of %s", (_, seriesOf) => {
    expect(spoken(seriesOf)).toBeLessThanOrEqual(3);
  });

  const ramp = (share: number): number => 65 + 10 * share;
  it.each<[string, Series]>([
    ["nothing", day(ramp, 0)],
    ["what does not move", day(() => 70)],
    ["no numbers", day(() => Number.NaN)],
    ["half a wave", day((share) => 70 + 9 * Math.sin(Math.PI * (share - 0.5)))],
    ["a ramp that has stopped", day((share) => Math.min(70, ramp(share)))],
    ["a ramp whose end went elsewhere", day((share) => (share > 0.99 ? 60 : ramp(share)))],
    ["too few entries", day(ramp, 11)],
    [
      "entries of less than 60 % of the window",
      day((share) => (share > 0.2 && share < 0.7 ? Number.NaN : ramp(share))),
    ],
    ["entries that ended a while ago", day((share) => (share > 0.9 ? Number.NaN : ramp(share)))],
    ["a period long past", { ...day(ramp), times: day(ramp).times.map((at) => at - 10 * DAY) }],
  ])("says nothing of %s", (_, series) => {
    expect(told(series)).toBeNull();
  });

  it("names the nearest limit ahead, on the right side, and none beyond as much time as it saw", () => {
    const limits: readonly MeasuredLimit[] = [
      { ...HIGH, value: 90 },
      HIGH,
      { ...HIGH, value: 74 },
      { ...LOW, value: 79 },
    ];
    expect(told(day(ramp), limits)?.reaches?.limit.value).toBe(80);
    expect(told(day(ramp), [{ ...HIGH, value: 84 }])?.reaches?.limit.value).toBe(84);
    expect(told(day(ramp), [{ ...HIGH, value: 86 }])).toMatchObject({ reaches: null });
    expect(told(day(ramp), [])).toMatchObject({ reaches: null });
    expect(told(day((share) => 30 - 5 * share))?.reaches?.limit).toBe(LOW);
  });
});

describe("a noisy ramp", () => {
  /** What was told of a ramp with such noise, and when the first number did reach the limit. */
  function trial(seed: number, off: number): { readonly reaches: Reaching | null; readonly actualMs: number } {
    const random = createRandom(seed);
    const valueAt = (share: number): number => 65 + 10 * share + off * noise(random);
    const { reaches = null } = told(day(valueAt)) ?? {};
    for (let i = 0; i < 10_000; i++) {
      if (valueAt(1 + i / 1_440) >= HIGH.value) return { reaches, actualMs: (i * DAY) / 1_440 };
    }
    return { reaches, actualMs: Number.POSITIVE_INFINITY };
  }
  const trials = (off: number) => Array.from({ length: 150 }, (_, seed) => trial(seed, off));

  it.each([0.05, 0.3, 0.6])("is told with a range that holds in most cases, with noise of %d", (off) => {
    const spoken = trials(off).filter(({ reaches }) => reaches !== null) as { reaches: Reaching; actualMs: number }[];
    expect(spoken.length).toBeGreaterThan(100);
    const share = (isSo: (one: (typeof spoken)[number]) => boolean): number =>
      spoken.filter(isSo).length / spoken.length;
    expect(share(({ reaches, actualMs }) => actualMs < reaches.inMs / 2)).toBeLessThan(0.05);
    expect(share(({ reaches, actualMs }) => actualMs < reaches.inMs)).toBeGreaterThan(0.25);
    expect(share(({ reaches, actualMs }) => actualMs < reaches.inMs)).toBeLessThan(0.75);
    const isWithin = ({ reaches, actualMs }: (typeof spoken)[number]): boolean =>
      actualMs >= reaches.soonestMs * 0.9 && actualMs <= reaches.latestMs * 1.1;
    expect(share(isWithin)).toBeGreaterThan(0.75);
  });

  it("is not told where noise reaches the limit long before the line does", () => {
    const spoken = trials(1.6).filter(({ reaches }) => reaches !== null);
    expect(spoken.length).toBeLessThan(15);
  });
});

describe("growth that speeds up", () => {
  it.each([3, 6])("is told as sooner than its last third says, and is, with a rate of %d", (rate) => {
    const valueAt = (share: number): number => 20 + 15 * Math.exp(rate * (share - 1));
    const { reaches } = told(day(valueAt), [{ ...HIGH, value: 45 }])!;
    expect(reaches?.isSpeedingUp).toBe(true);
    const actualMs = (Math.log(25 / 15) / rate) * DAY;
    expect(actualMs).toBeLessThan(reaches!.inMs);
    expect(actualMs).toBeGreaterThan(reaches!.inMs / 4);
  });
});

describe("forecastSentence", () => {
  const measurement: Measurement = { number: 1, label: "Coil", unit: "°C", decimals: null, limits: [HIGH] };

  it("says what and when", () => {
    const inMs = 3 * HOUR + 20 * 60_000;
    const reaches = { limit: HIGH, inMs, soonestMs: 3 * HOUR, latestMs: 3.5 * HOUR, isSpeedingUp: false };
    expect(forecastSentence({ slopePerHour: 1, reaches }, measurement)).toBe(
      "At this rate it reaches 80 °C in 3 h 20 min.",
    );
  });

  it("says a range where it is not known better, and what is sooner", () => {
    const reaches = { limit: HIGH, inMs: 3 * HOUR, soonestMs: 2.2 * HOUR, latestMs: 4.6 * HOUR, isSpeedingUp: false };
    expect(whenWords(reaches)).toBe("in 2 to 5 h");
    expect(whenWords({ ...reaches, soonestMs: 40 * 60_000 })).toBe("in 40 min to 5 h");
    expect(whenWords({ ...reaches, soonestMs: 20_000, inMs: 40_000, latestMs: 55_000 })).toBe("in 1 min");
    expect(whenWords({ ...reaches, isSpeedingUp: true })).toBe("sooner than in 3 h");
  });

  it("says nothing when nothing is reached", () => {
    expect(forecastSentence({ slopePerHour: 1, reaches: null }, measurement)).toBeNull();
    expect(forecastSentence(null, measurement)).toBeNull();
  });
});
