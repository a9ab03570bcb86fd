import { firstFrom, numberAt } from "../measurements/series.ts";
import type { Readings } from "../measurements/source.ts";
import type { FeedBlock } from "../store/feed-blocks.ts";

/** A part of a period; the end does not belong to it. Epoch ms. */
export interface Stretch {
  readonly startAt: number;
  readonly endAt: number;
}

/** A block that is larger is split. */
const LARGE_BLOCK = 50_000;

/** The parts of a period that no block covers. */
export function gapsBetween(blocks: readonly Stretch[], { startAt, endAt }: Stretch): Stretch[] {
  const gaps: Stretch[] = [];
  let at = startAt;
  for (const block of blocks) {
    if (block.startAt > at) gaps.push({ startAt: at, endAt: block.startAt });
    at = Math.max(at, block.endAt);
  }
  if (at < endAt) gaps.push({ startAt: at, endAt });
  return gaps;
}

/** What of a part lies in a period. */
export const clip = (part: Stretch, period: Stretch): Stretch => ({
  startAt: Math.max(part.startAt, period.startAt),
  endAt: Math.min(part.endAt, period.endAt),
});

/** What of some entries in order lies in a part; the arrays share their memory. */
export function cut({ times, values }: Pick<FeedBlock, "times" | "values">, { startAt, endAt }: Stretch): Readings {
  const [from, to] = [firstFrom(times, startAt), firstFrom(times, endAt)];
  return { times: times.subarray(from, to), values: values.subarray(from, to) };
}

/** All entries of pieces in order, in memory of their own: whoever gets them may give them away. */
export function joinPieces(pieces: readonly Pick<FeedBlock, "times" | "values">[]): Readings {
  const [first, ...others] = pieces;
  if (first && others.length === 0 && ownsMemory(first.times) && ownsMemory(first.values)) return first;
  const count = pieces.reduce((sum, { times }) => sum + times.length, 0);
  const all = { times: new Float64Array(count), values: new Float64Array(count) };
  let at = 0;
  for (const { times, values } of pieces) {
    all.times.set(times, at);
    all.values.set(values, at);
    at += times.length;
  }
  return all;
}

const ownsMemory = ({ buffer, byteLength }: Float64Array<ArrayBuffer>): boolean => buffer.byteLength === byteLength;

/** A block in parts of a bearable size; entries of one instant stay together. */
export function split(block: FeedBlock): FeedBlock[] {
  const { times, values, startAt, endAt } = block;
  if (times.length <= LARGE_BLOCK) return [block];
  const to = firstFrom(times, numberAt(times, LARGE_BLOCK)) || times.length;
  const middle = times[to];
  if (middle === undefined) return [block];
  return [
    { startAt, endAt: middle, times: times.subarray(0, to), values: values.subarray(0, to) },
    ...split({ startAt: middle, endAt, times: times.subarray(to), values: values.subarray(to) }),
  ];
}
