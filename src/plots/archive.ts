import { TooManyEntries } from "../lib/errors.ts";
import { numberAt, firstFrom } from "../measurements/series.ts";
import type { Logger } from "../lib/log.ts";
import type { FeedBlock, FeedBlocks } from "../store/feed-blocks.ts";
import { MAX_ENTRIES, type Readings } from "../measurements/source.ts";

/** One field from `startAt` to `endAt`, both included; epoch ms. */
interface Query {
  readonly field: number;
  readonly startAt: number;
  readonly endAt: number;
}

/** Reads a period of one field, oldest first, each entry once; blanks are `NaN`. */
export type ReadPeriod = (query: Query) => Promise<Readings>;

/** A part of a period; the end does not belong to it. Epoch ms. */
interface Part {
  readonly startAt: number;
  readonly endAt: number;
}

/** Until then, what is older may still come: devices send late, and answers come from caches. */
const SETTLED_MS = 3_600_000;
const LATE_MS = 60_000;
/** What was asked for so lately is not asked for again; no device sends more often than every second. */
const FRESH_MS = 5_000;
/** Entries do not go away, unless somebody clears the channel. */
const CROWDED_MS = 3_600_000;
/** A block that is smaller goes on in the next one; one that is larger is split. */
const SMALL_BLOCK = 4_096;
const LARGE_BLOCK = 50_000;

/**
 * Reads history once: what has been read is kept, and only what is missing is asked for, which for a second plot of the same
 * period is its last minutes at most. Questions about one field wait for each other, so that two people who ask for the same
 * share what the first one got. Without a working store everything is asked for.
 * @returns a reader that rejects as `read` does, and with `TooManyEntries` for a period with more than `maxEntries`
 */
export function createArchive(options: {
  readonly read: ReadPeriod;
  readonly blocks: FeedBlocks;
  readonly now: () => number;
  readonly log: Pick<Logger, "warn">;
  readonly maxEntries?: number;
}): ReadPeriod {
  const { read, blocks, now, log, maxEntries = MAX_ENTRIES } = options;
  /** By field: where there were too many entries, and when that was found. */
  const crowded = new Map<number, { readonly error: TooManyEntries; readonly at: number }>();
  const queues = new Map<number, Promise<unknown>>();
  /** The end of the newest answer for each field, while it is fresh: what is before is kept by then. */
  const newest = new Map<number, { readonly part: Part; readonly readings: Readings; readonly at: number }>();

  async function readPart(field: number, part: Part): Promise<Readings> {
    const last = newest.get(field);
    if (last && now() - last.at < FRESH_MS && now() >= last.at && covers(last.part, part))
      return cut(last.readings, part);
    const readings = await read({ field, startAt: part.startAt, endAt: part.endAt - 1 });
    const end = { startAt: Math.max(part.startAt, now() - SETTLED_MS), endAt: part.endAt };
    const { times, values } = cut(readings, end);
    newest.set(field, { part: end, readings: { times: times.slice(), values: values.slice() }, at: now() });
    return readings;
  }

  /** What is known of the period, or nothing if the store fails. */
  const known = (field: number, { startAt, endAt }: Part): Promise<FeedBlock[]> =>
    blocks.within(field, startAt, endAt).catch((error: unknown) => {
      log.warn({ err: error }, "could not read what is known of the feed; asking for all of it");
      return [];
    });

  /** Keeps what cannot change any more of an answer, as the continuation of the block before it if that is small. */
  async function keep(field: number, part: Part, readings: Readings, before: FeedBlock | undefined): Promise<void> {
    const newestAt = readings.times.at(-1) ?? part.startAt - 1;
    const isSettled = part.endAt <= now() - SETTLED_MS;
    const endAt = isSettled ? part.endAt : Math.min(part.endAt, newestAt + 1, now() - LATE_MS);
    if (endAt <= part.startAt) return;
    const added = { startAt: part.startAt, endAt, ...cut(readings, { startAt: part.startAt, endAt }) };
    const goesOn = before !== undefined && before.endAt === part.startAt && before.times.length < SMALL_BLOCK;
    const all = goesOn ? { ...join([before, added]), startAt: before.startAt, endAt } : added;
    await blocks
      .put(field, split(all), goesOn ? before : null)
      .catch((error: unknown) => log.warn({ err: error }, "could not keep what was read of the feed"));
  }

  /** Refuses what is known to hold too many entries: to find out once more would take as long as the first time. */
  function refuseCrowded({ field, startAt, endAt }: Query): void {
    const known = crowded.get(field);
    if (!known || now() - known.at > CROWDED_MS || now() < known.at) return;
    if (known.error.isWithin(startAt, endAt)) throw known.error;
  }

  async function answer(query: Query): Promise<Readings> {
    refuseCrowded(query);
    try {
      return await gather(query);
    } catch (error) {
      if (error instanceof TooManyEntries) crowded.set(query.field, { error, at: now() });
      throw error;
    }
  }

  async function gather({ field, ...query }: Query): Promise<Readings> {
    const period = { startAt: query.startAt, endAt: query.endAt + 1 };
    const found = await known(field, period);
    const pieces: (Part & Readings)[] = [...found];
    const refuseMany = (): void => {
      const entries = pieces.reduce((sum, { times }) => sum + times.length, 0);
      if (entries > maxEntries) throw new TooManyEntries(maxEntries, query);
    };
    refuseMany();
    for (const missing of gapsBetween(found, period)) {
      const readings = await readPart(field, missing);
      await keep(
        field,
        missing,
        readings,
        found.find(({ endAt }) => endAt === missing.startAt),
      );
      pieces.push({ ...missing, ...readings });
      refuseMany();
    }
    return join(pieces.toSorted((a, b) => a.startAt - b.startAt).map((piece) => cut(piece, clip(piece, period))));
  }

  return (query) => {
    const turn = (queues.get(query.field) ?? Promise.resolve()).then(() => answer(query));
    // What goes wrong with one question is no matter of the next.
    const isOver = turn.then(
      () => undefined,
      () => undefined,
    );
    queues.set(query.field, isOver);
    return turn;
  };
}

/** The parts of a period that no block covers. */
function gapsBetween(blocks: readonly Part[], { startAt, endAt }: Part): Part[] {
  const gaps: Part[] = [];
  let at = startAt;
  for (const block of blocks) {
    if (block.startAt > at) gaps.push({ startAt: at, endAt: block.startAt });
    at = Math.max(at, block.endAt);
  }
  if (at < endAt) gaps.push({ startAt: at, endAt });
  return gaps;
}

const covers = (outer: Part, inner: Part): boolean =>
  inner.startAt >= outer.startAt && inner.endAt <= outer.endAt + FRESH_MS;

const clip = (part: Part, period: Part): Part => ({
  startAt: Math.max(part.startAt, period.startAt),
  endAt: Math.min(part.endAt, period.endAt),
});

/** What of some entries in order lies in a part; the arrays share their memory. */
function cut({ times, values }: Pick<FeedBlock, "times" | "values">, { startAt, endAt }: Part): Readings {
  const [from, to] = [firstFrom(times, startAt), firstFrom(times, endAt)];
  return { times: times.subarray(from, to), values: values.subarray(from, to) };
}

/** All entries of pieces in order, in memory of their own: whoever gets them may give them away. */
function join(pieces: readonly Pick<FeedBlock, "times" | "values">[]): Readings {
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
function split(block: FeedBlock): FeedBlock[] {
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
