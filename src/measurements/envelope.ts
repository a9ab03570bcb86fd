import { createMean } from "./held.ts";
import { numberAt, type Series, type Span } from "./series.ts";

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
export function envelopeOf(
  series: Series,
  { startAt, endAt }: Span,
  { count, gaps, until, isHeld }: Columns,
): Envelope {
  const { times, values, spread } = series;
  const columnMs = (endAt - startAt) / count || 1;
  const columnOf = (at: number): number => {
    const column = Math.floor((at - startAt) / columnMs);
    return column < 0 ? 0 : column < count ? column : count - 1;
  };
  const low = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const isSeen = new Uint8Array(count);
  const newest = new Float64Array(count);
  const knownMs = new Float64Array(count);
  const overTime = Array.from({ length: count }, createMean);
  const reach = (column: number, from: number, to: number): void => {
    if (from < numberAt(low, column)) low[column] = from;
    if (to > numberAt(high, column)) high[column] = to;
  };

  // Most entries begin where the one before ends.
  let beforeAt = Number.NaN;
  let before = 0;
  for (let i = 0; i < times.length; i++) {
    const at = times[i]!;
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const first = at === beforeAt ? before : columnOf(at);
    if (at >= startAt && at < endAt) {
      isSeen[first] = 1;
      newest[first] = value;
      reach(first, spread ? spread.lows[i]! : value, spread ? spread.highs[i]! : value);
    }
    const toAt = until[i]!;
    if (toAt === at) continue;
    const last = columnOf(toAt);
    beforeAt = toAt;
    before = last;
    for (let column = first; column <= last; column++) {
      const columnAt = startAt + column * columnMs;
      const ms = Math.min(toAt, columnAt + columnMs) - Math.max(at, columnAt);
      if (ms <= 0) continue;
      overTime[column]!.add(value, ms);
      knownMs[column]! += ms;
      if (value < low[column]!) low[column] = value;
      if (value > high[column]!) high[column] = value;
      if (isHeld) isSeen[column] = 1;
    }
  }

  const breaks = new Set(
    gaps.filter((gap) => columnOf(gap.startAt) < columnOf(gap.endAt)).map((gap) => columnOf(gap.endAt)),
  );
  const rows: (readonly [at: number, min: number, max: number, mean: number, knownMs: number])[] = [];
  for (let column = 0; column < count; column++) {
    const columnAt = startAt + column * columnMs;
    if (breaks.has(column) && rows.length > 0) rows.push([columnAt, Number.NaN, Number.NaN, Number.NaN, 0]);
    if (isSeen[column] === 0) continue;
    // What holds for no time at all is where the line goes on from.
    const mean = overTime[column]!.value() ?? newest[column]!;
    rows.push([columnAt + columnMs / 2, low[column]!, high[column]!, mean, knownMs[column]!]);
  }
  const pick = (part: 0 | 1 | 2 | 3 | 4): Float64Array => Float64Array.from(rows, (row) => row[part]);
  return { times: pick(0), min: pick(1), max: pick(2), mean: pick(3), knownMs: pick(4) };
}
