import { dayOf } from "../store/recordings/store.ts";
import type { Block } from "../store/recordings/types.ts";
import { packColumns, unpackColumns } from "./columns.ts";
import { MINUTE_MS, type Entries, type Minutes } from "./minutes.ts";

/** What was recorded in a period, in order of time. Columns of one length. */
export interface Recorded extends Entries {
  /** The lowest and the highest that each value stands for: itself, or, where it is the mean of a minute, that minute's. */
  readonly lows: Float64Array<ArrayBuffer>;
  readonly highs: Float64Array<ArrayBuffer>;
}

/** Entries as they came, in order of time; those of one instant in the order in which they came. */
export function sorted({
  times,
  values,
}: {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}): Entries {
  const order = Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
  return { times: Float64Array.from(order, (i) => times[i]!), values: Float64Array.from(order, (i) => values[i]!) };
}

/** Several pieces as one, in order of time. */
export function inOrder(pieces: readonly Entries[]): Entries {
  return sorted({
    times: joined(pieces.map(({ times }) => times)),
    values: joined(pieces.map(({ values }) => values)),
  });
}

/** Raw blocks of entries that are in order of time, one for each day. */
export function blocksOf(seriesId: number, { times, values }: Entries): Block[] {
  const blocks: Block[] = [];
  for (let from = 0; from < times.length;) {
    const day = dayOf(times[from]!);
    let to = from;
    while (to < times.length && dayOf(times[to]!) === day) to++;
    const packed = packColumns([times.slice(from, to), values.slice(from, to)]);
    blocks.push({ seriesId, kind: "raw", startAt: times[from]!, endAt: times[to - 1]!, count: to - from, packed });
    from = to;
  }
  return blocks;
}

/** The block of one day's minutes. */
export function minutesBlock(seriesId: number, { times, lows, means, highs, counts }: Minutes): Block {
  const packed = packColumns([times, lows, means, highs, counts]);
  const count = counts.reduce((sum, one) => sum + one, 0);
  return { seriesId, kind: "minutes", startAt: times[0]!, endAt: times.at(-1)! + MINUTE_MS - 1, count, packed };
}

/** What a raw block holds. */
export function unpackRaw({ packed }: Block): Entries {
  const [times, values] = unpackColumns(packed, 2);
  return { times: times!, values: values! };
}

/** What a block of minutes holds. */
export function unpackMinutes({ packed }: Block): Minutes {
  const [times, lows, means, highs, counts] = unpackColumns(packed, 5);
  return { times: times!, lows: lows!, means: means!, highs: highs!, counts: counts! };
}

/** Entries that stand for themselves. */
export const asRecorded = ({ times, values }: Entries): Recorded => ({ times, values, lows: values, highs: values });

/** Each minute as its mean, in its middle. */
export const meansOf = ({ times, lows, means, highs }: Minutes): Recorded => ({
  times: times.map((at) => at + MINUTE_MS / 2),
  values: means,
  lows,
  highs,
});

/** Pieces as one, in order of time, as far as they lie in a period (ends included). */
export function within(pieces: readonly Recorded[], startAt: number, endAt: number): Recorded {
  const inTurn = pieces.filter(({ times }) => times.length > 0).toSorted((a, b) => a.times[0]! - b.times[0]!);
  const whole = Object.fromEntries(NAMES.map((name) => [name, joined(inTurn.map((piece) => piece[name]))])) as Columns;
  // As a rule no two pieces overlap, and half a million minutes are too many to be sorted for nothing.
  const { times, ...rest } = inTurn.every((piece, i) => i === 0 || inTurn[i - 1]!.times.at(-1)! <= piece.times[0]!)
    ? whole
    : sortedColumns(whole);
  const [from, to] = [firstAfter(times, startAt - 1), firstAfter(times, endAt)];
  const cut = (column: Column): Column => column.slice(from, to);
  return { times: cut(times), values: cut(rest.values), lows: cut(rest.lows), highs: cut(rest.highs) };
}

const NAMES = ["times", "values", "lows", "highs"] as const;
type Columns = Record<(typeof NAMES)[number], Column>;

function sortedColumns(columns: Columns): Columns {
  const { times } = columns;
  const order = Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
  return Object.fromEntries(NAMES.map((name) => [name, Float64Array.from(order, (i) => columns[name][i]!)])) as Columns;
}

/** The first index whose time is later; times are whole ms. */
function firstAfter(times: Column, at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Column = Float64Array<ArrayBuffer>;

function joined(columns: readonly Column[]): Column {
  const all = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  return all;
}
