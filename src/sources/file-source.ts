import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { ConfigError, TooManyEntries, UpstreamError } from "../lib/errors.ts";
import type { FeedPage } from "../thingspeak/feed.ts";
import { merge, type FieldEntries } from "../thingspeak/read-period.ts";
import { endOfHeader, piecesOf, readAt, type Piece } from "./file-pieces.ts";
import { createLatelyRead } from "./lately-read.ts";
import { MAX_ENTRIES, type LatestEntry, type Source } from "../measurements/source.ts";

/** Turns CSV, which it may take over, into columns; see `parseFeed`. */
export type ParseCsv = (csv: Uint8Array<ArrayBuffer>, linesBefore: number) => Promise<FeedPage>;

/** A piece of the file, its entries and the times in it. */
interface TimedPiece extends Piece {
  readonly entries: number;
  readonly startAt: number;
  readonly endAt: number;
}

/** What is known of the file: where in it which times are. */
interface Index {
  /** Another one for another content. */
  readonly mark: string;
  readonly ino: number;
  readonly size: number;
  /** To its line break. */
  readonly header: Uint8Array;
  readonly pieces: readonly TimedPiece[];
  /** The first bytes of the last piece: if they are still there, the file has only grown. */
  readonly lastStart: Uint8Array;
  /** Whether the last line has its end. */
  readonly isWhole: boolean;
}

/** A file that was not written to for so long is complete, also if its last line has no end. */
const REST_MS = 5_000;
const HEADER_BYTES = 65_536;
const CHECK_BYTES = 64;
/** How far back the newest values are looked for. */
const LATEST_PIECES = 4;

/**
 * A CSV file with the columns of a ThingSpeak export. It is read through once, to know where which times are, and then only as
 * far as a period needs it, however large it is; what is added to it is found by itself. Entries may be in any order.
 * @param options.parse in a worker thread
 */
export function createFileSource(options: {
  readonly path: string;
  readonly parse: ParseCsv;
  readonly now: () => number;
  readonly maxEntries?: number;
}): Source {
  const { path, parse, now, maxEntries = MAX_ENTRIES } = options;
  const name = basename(path);
  let known: Index | null = null;
  const lately = createLatelyRead();
  /** What is wrong with the file as it is. */
  let problem: { readonly mark: string; readonly error: ConfigError } | null = null;
  /** One after the other: those who ask at once need one walk over the file. */
  let turn: Promise<unknown> = Promise.resolve();

  const wrong = (what: string): ConfigError => new ConfigError([`${name}: ${what}. An admin must mend FEED_FILE.`]);

  async function parsePiece(header: Uint8Array, bytes: Uint8Array, linesBefore: number): Promise<FeedPage> {
    const csv = new Uint8Array(header.length + bytes.length);
    csv.set(header);
    csv.set(bytes, header.length);
    try {
      return await parse(csv, linesBefore);
    } catch (error) {
      throw error instanceof UpstreamError ? wrong(error.message) : error;
    }
  }

  /** Brings what is known of the file up to date. */
  async function look(file: FileHandle): Promise<Index> {
    const { ino, size, mtimeMs } = await file.stat();
    const mark = [ino, size, mtimeMs].join(" ");
    if (problem?.mark === mark) throw problem.error;
    if (known?.mark === mark && known.isWhole) return known;
    try {
      known = await walk(file, { mark, ino, size }, now() - mtimeMs >= REST_MS);
      return known;
    } catch (error) {
      if (error instanceof ConfigError) problem = { mark, error };
      throw error;
    }
  }

  /** Goes through the file; through what was added only, where it has grown. */
  async function walk(file: FileHandle, is: Pick<Index, "mark" | "ino" | "size">, isAtRest: boolean): Promise<Index> {
    const kept = known?.ino === is.ino && is.size > known.size && (await isGrown(file, known)) ? known : null;
    // Of one that has grown, only the last piece is another.
    lately.forget(kept?.pieces.at(-1)?.offset ?? 0);
    const start = await readAt(file, 0, HEADER_BYTES);
    const header = kept?.header ?? start.slice(0, endOfHeader(start));
    const pieces = kept?.pieces.slice(0, -1) ?? [];
    let lastStart = new Uint8Array();
    let end = header.length;
    const from = kept?.pieces.at(-1) ?? { offset: header.length, linesBefore: 0 };
    for await (const { bytes, ...piece } of piecesOf(file, from, { size: is.size, isAtRest })) {
      const { times } = await lately.get(piece.offset, () => parsePiece(header, bytes, piece.linesBefore));
      pieces.push({ ...piece, entries: times.length, ...extentOf(times) });
      lastStart = bytes.slice(0, CHECK_BYTES);
      end = piece.offset + piece.length;
    }
    // The header alone tells whether this is a feed at all.
    if (pieces.length === 0) await parsePiece(header, new Uint8Array(), 0);
    return { ...is, header, pieces, lastStart, isWhole: end === is.size };
  }

  /** Opens the file for one question; what the system says of it is for an admin. */
  function withFile<T>(work: (file: FileHandle, index: Index) => Promise<T>): Promise<T> {
    const answer = turn.then(async () => {
      try {
        await using file = await open(path);
        return await work(file, await look(file));
      } catch (error) {
        if (error instanceof RangeError) throw wrong(error.message);
        const { code } = error as NodeJS.ErrnoException;
        throw typeof code === "string" ? wrong(`cannot be read (${code})`) : error;
      }
    });
    // Not the answer itself, which would be kept then.
    turn = answer.then(
      () => undefined,
      () => undefined,
    );
    return answer;
  }

  const readPiece = (file: FileHandle, { header }: Index, { offset, length, linesBefore }: Piece): Promise<FeedPage> =>
    lately.get(offset, async () => parsePiece(header, await readAt(file, offset, length), linesBefore));

  return {
    channel: () =>
      withFile(async (_, { header, pieces }) => {
        const { fields } = await parsePiece(header, new Uint8Array(), 0);
        const firstAt = Math.min(...pieces.map(({ startAt }) => startAt));
        return {
          name,
          createdAt: Number.isFinite(firstAt) ? firstAt : null,
          fields: Object.keys(fields).map((number) => ({ number: Number(number), label: `Field ${number}` })),
        };
      }),
    read: ({ field, startAt, endAt }) =>
      withFile(async (file, index) => {
        const pages: FieldEntries[] = [];
        let count = 0;
        // What is too much by pieces that lie in the period as a whole is not read to find out.
        const whole = index.pieces.filter((piece) => piece.startAt >= startAt && piece.endAt <= endAt);
        if (whole.reduce((sum, { entries }) => sum + entries, 0) > maxEntries)
          throw new TooManyEntries(maxEntries, { startAt, endAt });
        for (const piece of index.pieces) {
          if (piece.startAt > endAt || piece.endAt < startAt) continue;
          const page = await readPiece(file, index, piece);
          const entries = within(page, field, startAt, endAt);
          count += entries.times.length;
          if (count > maxEntries) throw new TooManyEntries(maxEntries, { startAt, endAt });
          pages.push(entries);
        }
        return merge(pages);
      }),
    hasBefore: ({ at }) => withFile(async (_, { pieces }) => pieces.some(({ startAt }) => startAt < at)),
    latest: () =>
      withFile(async (file, index) => {
        const found = new Map<number, LatestEntry>();
        for (const piece of index.pieces.toSorted((a, b) => b.endAt - a.endAt).slice(0, LATEST_PIECES)) {
          const { times, fields } = await readPiece(file, index, piece);
          for (const [key, values] of Object.entries(fields)) {
            const field = Number(key);
            for (let i = 0; i < times.length; i++) {
              if (!Number.isFinite(values[i]!) || times[i]! < (found.get(field)?.at ?? 0)) continue;
              found.set(field, { field, label: `Field ${field}`, value: String(values[i]), at: times[i]! });
            }
          }
        }
        return [...found.values()].toSorted((a, b) => a.field - b.field);
      }),
  };
}

/** Whether the file still begins its last piece as it did. */
async function isGrown(file: FileHandle, { pieces, lastStart }: Index): Promise<boolean> {
  const last = pieces.at(-1);
  if (!last) return false;
  const bytes = await readAt(file, last.offset, lastStart.length);
  return Buffer.compare(bytes, lastStart) === 0;
}

function extentOf(times: Float64Array): { startAt: number; endAt: number } {
  let [startAt, endAt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const at of times) {
    if (at < startAt) startAt = at;
    if (at > endAt) endAt = at;
  }
  return { startAt, endAt };
}

/** The entries of one field that lie in a period. In plain loops: of a page that is known already nearly all the time goes here. */
function within({ entryIds, times, fields }: FeedPage, field: number, startAt: number, endAt: number): FieldEntries {
  const chosen = new Uint32Array(times.length);
  let count = 0;
  for (let i = 0; i < times.length; i++) if (times[i]! >= startAt && times[i]! <= endAt) chosen[count++] = i;
  const pick = (column: Float64Array): Float64Array => {
    const picked = new Float64Array(count);
    for (let i = 0; i < count; i++) picked[i] = column[chosen[i]!]!;
    return picked;
  };
  const values = fields[field];
  return {
    entryIds: pick(entryIds),
    times: pick(times),
    values: values ? pick(values) : new Float64Array(count).fill(Number.NaN),
  };
}
