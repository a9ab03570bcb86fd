import { TooManyEntries } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { FeedBlock, FeedBlocks } from "../store/feed-blocks.ts";
import { MAX_ENTRIES, type Readings } from "../measurements/source.ts";
import { clip, cut, gapsBetween, joinPieces, split, type Stretch } from "./pieces.ts";

/** One field from `startAt` to `endAt`, both included; epoch ms. */
interface Query {
  readonly field: number;
  readonly startAt: number;
  readonly endAt: number;
}

/** Reads a period of one field, oldest first, each entry once; blanks are `NaN`. */
export type ReadPeriod = (query: Query) => Promise<Readings>;

interface ArchiveOptions {
  readonly read: ReadPeriod;
  readonly blocks: FeedBlocks;
  readonly now: () => number;
  readonly log: Pick<Logger, "warn">;
  readonly maxEntries?: number;
}

/** Until then, what is older may still come: devices send late, and answers come from caches. */
const SETTLED_MS = 3_600_000;
const LATE_MS = 60_000;
/** What was asked for so lately is not asked for again; no device sends more often than every second. */
const FRESH_MS = 5_000;
/** Entries do not go away, unless somebody clears the channel. */
const CROWDED_MS = 3_600_000;
/** A block that is smaller goes on in the next one. */
const SMALL_BLOCK = 4_096;

/**
 * Reads history once: what has been read is kept, and only what is missing is asked for, which for a second plot of the same
 * period is its last minutes at most. Questions about one field wait for each other, so that two people who ask for the same
 * share what the first one got. Without a working store everything is asked for.
 * @returns a reader that rejects as `read` does, and with `TooManyEntries` for a period with more than `maxEntries`
 */
export function createArchive(options: ArchiveOptions): ReadPeriod {
  const archive = new Archive(options);
  const queues = new Map<number, Promise<unknown>>();
  return (query) => {
    const turn = (queues.get(query.field) ?? Promise.resolve()).then(() => archive.answer(query));
    // What goes wrong with one question is no matter of the next.
    const isOver = turn.then(
      () => undefined,
      () => undefined,
    );
    queues.set(query.field, isOver);
    return turn;
  };
}

/** What is known of the fields' history; of each field one question at a time. */
class Archive {
  readonly #options: ArchiveOptions;
  /** By field: where there were too many entries, and when that was found. */
  readonly #crowded = new Map<number, { readonly error: TooManyEntries; readonly at: number }>();
  /** The end of the newest answer for each field, while it is fresh: what is before is kept by then. */
  readonly #newest = new Map<number, { readonly part: Stretch; readonly readings: Readings; readonly at: number }>();

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  async answer(query: Query): Promise<Readings> {
    this.#refuseCrowded(query);
    try {
      return await this.#readPieces(query);
    } catch (error) {
      if (error instanceof TooManyEntries) this.#crowded.set(query.field, { error, at: this.#options.now() });
      throw error;
    }
  }

  /** Refuses what is known to hold too many entries: to find out once more would take as long as the first time. */
  #refuseCrowded({ field, startAt, endAt }: Query): void {
    const known = this.#crowded.get(field);
    const now = this.#options.now();
    if (!known || now - known.at > CROWDED_MS || now < known.at) return;
    if (known.error.isWithin(startAt, endAt)) throw known.error;
  }

  async #readPieces({ field, ...query }: Query): Promise<Readings> {
    const { maxEntries = MAX_ENTRIES } = this.#options;
    const period = { startAt: query.startAt, endAt: query.endAt + 1 };
    const found = await this.#known(field, period);
    const pieces: (Stretch & Readings)[] = [...found];
    const refuseMany = (): void => {
      const entries = pieces.reduce((sum, { times }) => sum + times.length, 0);
      if (entries > maxEntries) throw new TooManyEntries(maxEntries, query);
    };
    refuseMany();
    for (const missing of gapsBetween(found, period)) {
      const readings = await this.#readPart(field, missing);
      await this.#keep(
        field,
        missing,
        readings,
        found.find(({ endAt }) => endAt === missing.startAt),
      );
      pieces.push({ ...missing, ...readings });
      refuseMany();
    }
    return joinPieces(pieces.toSorted((a, b) => a.startAt - b.startAt).map((piece) => cut(piece, clip(piece, period))));
  }

  /** What is known of the period, or nothing if the store fails. */
  #known(field: number, { startAt, endAt }: Stretch): Promise<FeedBlock[]> {
    const { blocks, log } = this.#options;
    return blocks.within(field, startAt, endAt).catch((error: unknown) => {
      log.warn({ err: error }, "could not read what is known of the feed; asking for all of it");
      return [];
    });
  }

  async #readPart(field: number, part: Stretch): Promise<Readings> {
    const { read, now } = this.#options;
    const last = this.#newest.get(field);
    if (last && now() - last.at < FRESH_MS && now() >= last.at && covers(last.part, part))
      return cut(last.readings, part);
    const readings = await read({ field, startAt: part.startAt, endAt: part.endAt - 1 });
    const end = { startAt: Math.max(part.startAt, now() - SETTLED_MS), endAt: part.endAt };
    const { times, values } = cut(readings, end);
    this.#newest.set(field, { part: end, readings: { times: times.slice(), values: values.slice() }, at: now() });
    return readings;
  }

  /** Keeps what cannot change any more of an answer, as the continuation of the block before it if that is small. */
  async #keep(field: number, part: Stretch, readings: Readings, before: FeedBlock | undefined): Promise<void> {
    const { blocks, log, now } = this.#options;
    const newestAt = readings.times.at(-1) ?? part.startAt - 1;
    const isSettled = part.endAt <= now() - SETTLED_MS;
    const endAt = isSettled ? part.endAt : Math.min(part.endAt, newestAt + 1, now() - LATE_MS);
    if (endAt <= part.startAt) return;
    const added = { startAt: part.startAt, endAt, ...cut(readings, { startAt: part.startAt, endAt }) };
    const goesOn = before !== undefined && before.endAt === part.startAt && before.times.length < SMALL_BLOCK;
    const all = goesOn ? { ...joinPieces([before, added]), startAt: before.startAt, endAt } : added;
    await blocks
      .put(field, split(all), goesOn ? before : null)
      .catch((error: unknown) => log.warn({ err: error }, "could not keep what was read of the feed"));
  }
}

const covers = (outer: Stretch, inner: Stretch): boolean =>
  inner.startAt >= outer.startAt && inner.endAt <= outer.endAt + FRESH_MS;
