import { createMean } from "./held.ts";
import { firstFrom, type Series, type Span } from "./series.ts";

/** A series with more entries than a picture has columns: what each column of time held. Breaks are `NaN` in all three. */
export interface Envelope {
  /** Epoch ms UTC: the middle of the column. */
  readonly times: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Over time. */
  readonly mean: Float64Array;
  /** For how much of the column something is known, ms. */
  readonly knownMs: Float64Array;
}

/** How a series is put into columns. */
export interface Columns {
  /** How many, all of one length. */
  readonly count: number;
  /** Of the series within the period, in order: the line breaks there. */
  readonly gaps: readonly Span[];
  /** Until when each entry holds; see `heldUntil`. */
  readonly until: Float64Array;
  /** Whether columns without an entry show what holds from before. */
  readonly isHeld: boolean;
}

/**
 * Lowest, highest and mean number of each column of a period, for a series in order: whatever single entry stands out among a million
 * reaches as far as it did. What lies outside of the period is left out.
 */
export function envelopeOf(series: Series, { startAt, endAt }: Span, columns: Columns): Envelope {
  const { count, gaps, until, isHeld } = columns;
  const columnMs = (endAt - startAt) / count || 1;
  const columnOf = (at: number): number => Math.min(count - 1, Math.max(0, Math.floor((at - startAt) / columnMs)));
  const breaks = new Set(
    gaps.filter((gap) => columnOf(gap.startAt) < columnOf(gap.endAt)).map((gap) => columnOf(gap.endAt)),
  );
  const column = new ColumnReader(series, until, endAt);
  const rows: (readonly [at: number, min: number, max: number, mean: number, knownMs: number])[] = [];
  for (let number = 0; number < count; number++) {
    const columnAt = startAt + number * columnMs;
    column.read(columnAt, columnMs, number === count - 1);
    if (breaks.has(number) && rows.length > 0) rows.push([columnAt, Number.NaN, Number.NaN, Number.NaN, 0]);
    const isSeen = column.hasEntry || (isHeld && column.knownMs > 0);
    if (isSeen) rows.push([columnAt + columnMs / 2, column.low, column.high, column.mean, column.knownMs]);
  }
  const pick = (part: 0 | 1 | 2 | 3 | 4): Float64Array => Float64Array.from(rows, (row) => row[part]);
  return { times: pick(0), min: pick(1), max: pick(2), mean: pick(3), knownMs: pick(4) };
}

/** Reads what a series holds, one column after the other. */
class ColumnReader {
  low = Number.NaN;
  high = Number.NaN;
  mean = Number.NaN;
  knownMs = 0;
  /** Whether an entry of the period is in it. */
  hasEntry = false;
  readonly #series: Series;
  readonly #until: Float64Array;
  readonly #endAt: number;
  /** The first entry that is in no column before. */
  #next = 0;
  /** The last number before that, which may still hold. */
  #holding = 0;

  constructor(series: Series, until: Float64Array, endAt: number) {
    this.#series = series;
    this.#until = until;
    this.#endAt = endAt;
  }

  /** Goes on to the column from `startAt` to `startAt + lengthMs`; whatever entries are left are in the last one. */
  read(startAt: number, lengthMs: number, isLast: boolean): void {
    const { times, values, spread } = this.#series;
    const until = this.#until;
    const nextAt = startAt + lengthMs;
    const begin = this.#next;
    const end = isLast ? times.length : firstFrom(times, nextAt);
    const mean = createMean();
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let newest = Number.NaN;
    let knownMs = 0;
    for (let i = this.#holding; i < end; i = i < begin ? begin : i + 1) {
      const at = times[i]!;
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      this.#holding = i;
      const ms = Math.min(until[i]!, nextAt) - Math.max(at, startAt);
      const isHere = i >= begin && at >= startAt && at < this.#endAt;
      if (!isHere && ms <= 0) continue;
      if (isHere) newest = value;
      if (ms > 0) {
        mean.add(value, ms);
        knownMs += ms;
      }
      low = Math.min(low, isHere && spread ? spread.lows[i]! : value);
      high = Math.max(high, isHere && spread ? spread.highs[i]! : value);
    }
    this.#next = end;
    this.hasEntry = !Number.isNaN(newest);
    this.low = low;
    this.high = high;
    // What holds for no time at all is where the line goes on from.
    this.mean = mean.value() ?? newest;
    this.knownMs = knownMs;
  }
}
