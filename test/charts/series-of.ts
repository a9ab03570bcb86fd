import type { Series } from "../../src/measurements/series.ts";
import { createRandom } from "../../src/simulator/random.ts";

/** Series as sensors send them. */

export const seriesAt = (times: readonly number[], valueAt: (i: number) => number = (i) => i): Series => ({
  times: Float64Array.from(times),
  values: Float64Array.from(times, (_, i) => valueAt(i)),
});

/** The instants from 0 on with these pauses between them. */
export function instants(pauses: readonly number[]): number[] {
  let at = 0;
  return [0, ...pauses.map((pause) => (at += pause))];
}

export const pausesOf = (count: number, pauseAt: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => pauseAt(i));

/** Pauses as of what happens by chance, `mean` ms in the middle. */
export function byChance(count: number, mean: number, seed = 1): number[] {
  const random = createRandom(seed);
  return pausesOf(count, () => Math.ceil(-mean * Math.log(1 - random())));
}

/** A series as it is kept here: means of minutes at first, and then each entry. */
export function partlyMeans(minutes: number, entries: number, everyMs: number): Series {
  const series = seriesAt(instants([...pausesOf(minutes, () => 60_000), ...pausesOf(entries - 1, () => everyMs)]));
  const counts = series.times.map((_, i) => (i < minutes ? 60_000 / everyMs : 1));
  return { ...series, spread: { lows: series.values, highs: series.values, counts } };
}
