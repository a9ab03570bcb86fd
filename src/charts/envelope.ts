import { longestUsualPause, type Series } from "./series.ts";

/** A series with more entries than a picture has columns: what each column of time held. Breaks are `NaN` in all three. */
export interface Envelope {
  /** Epoch ms UTC: the middle of the column. */
  readonly times: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly mean: Float64Array;
}

/**
 * Lowest, highest and mean number of each of `columns` equal columns of a period, for a series in order: whatever single entry
 * stands out among a million reaches as far as it did. What lies outside of the period is left out.
 */
export function envelopeOf(series: Series, startAt: number, endAt: number, columns: number): Envelope {
  const { times, values, spread } = series;
  const columnMs = (endAt - startAt) / columns || 1;
  const longest = Math.max(longestUsualPause(series), columnMs);
  // At most one break before each column.
  const size = columns * 2;
  const found = {
    times: new Float64Array(size),
    min: new Float64Array(size),
    max: new Float64Array(size),
    mean: new Float64Array(size),
  };
  let count = 0;
  let column = -1;
  let [low, high, sum, weight] = [0, 0, 0, 0];
  let lastAt = Number.NaN;

  const put = (at: number, min: number, max: number, mean: number): void => {
    [found.times[count], found.min[count], found.max[count], found.mean[count]] = [at, min, max, mean];
    count++;
  };
  const close = (): void => {
    if (weight > 0) put(startAt + (column + 0.5) * columnMs, low, high, sum / weight);
    weight = 0;
  };

  for (let i = 0; i < times.length; i++) {
    const value = values[i]!;
    const at = times[i]!;
    if (!Number.isFinite(value) || at < startAt || at > endAt) continue;
    const its = Math.min(columns - 1, Math.floor((at - startAt) / columnMs));
    if (its !== column) {
      close();
      if (at - lastAt > longest) put(lastAt, Number.NaN, Number.NaN, Number.NaN);
      column = its;
    }
    const itsLow = spread ? spread.lows[i]! : value;
    const itsHigh = spread ? spread.highs[i]! : value;
    const count = spread ? spread.counts[i]! : 1;
    if (weight === 0) [low, high, sum] = [itsLow, itsHigh, 0];
    if (itsLow < low) low = itsLow;
    if (itsHigh > high) high = itsHigh;
    sum += value * count;
    weight += count;
    lastAt = at;
  }
  close();
  return {
    times: found.times.subarray(0, count),
    min: found.min.subarray(0, count),
    max: found.max.subarray(0, count),
    mean: found.mean.subarray(0, count),
  };
}
