import { firstFrom, numberAt, sortByTime, type Series, type Spread } from "../measurements/series.ts";
import { utcDayOf } from "../store/recordings/block-rows.ts";
import type { Block } from "../store/recordings/types.ts";
import { packColumns, unpackColumns } from "./columns.ts";
import { MINUTE_MS, type SeriesEntries, type Minutes } from "./minutes.ts";

/** What was recorded in a period, in order of time. */
export interface Recorded extends SeriesEntries {
  /** Where some values are the means of minutes; without it each stands for itself. */
  readonly spread?: Spread;
}

/** More in one block take long to unpack for an hour of them. */
const MAX_ENTRIES = 50_000;

/** Entries as they came, in order of time; those of one instant in the order in which they came. */
export function sorted({
  times,
  values,
}: {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}): SeriesEntries {
  return owned(sortByTime({ times: Float64Array.from(times), values: Float64Array.from(values) }));
}

/** Several pieces as one, in order of time. */
const inOrder = (pieces: readonly SeriesEntries[]): SeriesEntries =>
  owned(
    sortByTime({ times: joined(pieces.map(({ times }) => times)), values: joined(pieces.map(({ values }) => values)) }),
  );

/** Small pieces put together, in order of time, each of a bearable size. */
export function concatenated(pieces: readonly SeriesEntries[]): SeriesEntries[] {
  const groups: SeriesEntries[][] = [];
  let count = MAX_ENTRIES;
  for (const piece of pieces) {
    count += piece.times.length;
    if (count > MAX_ENTRIES) {
      groups.push([]);
      count = piece.times.length;
    }
    groups.at(-1)?.push(piece);
  }
  return groups.map(inOrder);
}

/** Raw blocks of entries that are in order of time, one for each day. */
export function blocksOf(seriesId: number, { times, values }: SeriesEntries): Block[] {
  const blocks: Block[] = [];
  for (let from = 0; from < times.length;) {
    const startAt = times[from]!;
    const to = firstFrom(times, utcDayOf(startAt) + DAY_MS);
    const packed = packColumns([times.subarray(from, to), values.subarray(from, to)]);
    blocks.push({ seriesId, kind: "raw", startAt, endAt: times[to - 1]!, count: to - from, packed });
    from = to;
  }
  return blocks;
}

/** The block of one day's minutes. */
export function minutesBlock(seriesId: number, { times, lows, means, highs, counts }: Minutes): Block {
  const packed = packColumns([times, lows, means, highs, counts]);
  const count = counts.reduce((sum, one) => sum + one, 0);
  const [startAt, endAt] = [numberAt(times, 0), numberAt(times, times.length - 1) + MINUTE_MS - 1];
  return { seriesId, kind: "minutes", startAt, endAt, count, packed };
}

/** What a raw block holds. */
export function unpackRaw({ packed }: Block): SeriesEntries {
  const next = unpackColumns(packed);
  return { times: next(), values: next() };
}

/** What a block of minutes holds. */
export function unpackMinutes({ packed }: Block): Minutes {
  const next = unpackColumns(packed);
  return { times: next(), lows: next(), means: next(), highs: next(), counts: next() };
}

/** Each minute as its mean, in its middle; one that only reaches into the period, at the end of that: its spike may be within. */
export const meansOf = (
  { times, lows, means, highs, counts }: Minutes,
  { startAt, endAt }: { readonly startAt: number; readonly endAt: number },
): Recorded => ({
  times: times.map((at) => {
    const isReaching = at <= endAt && at + MINUTE_MS > startAt;
    const middle = at + MINUTE_MS / 2;
    return isReaching ? Math.min(Math.max(middle, startAt), endAt) : middle;
  }),
  values: means,
  spread: { lows, highs, counts },
});

/** Pieces as one, in order of time, as far as they lie in a period (ends included). */
export function within(pieces: readonly Recorded[], startAt: number, endAt: number): Recorded {
  const inTurn = pieces
    .filter(({ times }) => times.length > 0)
    .toSorted((a, b) => numberAt(a.times, 0) - numberAt(b.times, 0));
  const whole: Series = {
    times: joined(inTurn.map(({ times }) => times)),
    values: joined(inTurn.map(({ values }) => values)),
    ...(inTurn.some(({ spread }) => spread) && { spread: spreadOf(inTurn) }),
  };
  // As a rule no two pieces overlap: then this costs one look at the times.
  const { times, values, spread } = sortByTime(whole);
  // Times are whole ms.
  const [from, to] = [firstFrom(times, startAt), firstFrom(times, endAt + 1)];
  const cut = (column: Float64Array): PackedColumn => column.slice(from, to);
  const found = { times: cut(times), values: cut(values) };
  if (!spread) return found;
  return { ...found, spread: { lows: cut(spread.lows), highs: cut(spread.highs), counts: cut(spread.counts) } };
}

const DAY_MS = 86_400_000;

/** Entries that stand for themselves among minutes: their own lowest and highest. */
function spreadOf(pieces: readonly Recorded[]): Spread {
  const column = (name: keyof Spread, own: (piece: Recorded) => Float64Array): PackedColumn =>
    joined(pieces.map((piece) => piece.spread?.[name] ?? own(piece)));
  return {
    lows: column("lows", ({ values }) => values),
    highs: column("highs", ({ values }) => values),
    counts: column("counts", ({ values }) => new Float64Array(values.length).fill(1)),
  };
}

type PackedColumn = Float64Array<ArrayBuffer>;

const owned = ({ times, values }: Series): SeriesEntries => ({ times: times.slice(), values: values.slice() });

function joined(columns: readonly Float64Array[]): PackedColumn {
  const all = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  return all;
}
