import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { systemCodeOf, ConfigError, UpstreamError } from "../lib/errors.ts";
import type { FeedPage } from "../thingspeak/feed-page.ts";
import type { OwnColumns } from "../measurements/own-columns.ts";
import { oneAhead } from "../lib/one-ahead.ts";
import { readFileHeader, UnknownColumns, type Header } from "./file-names.ts";
import { endOfHeader, piecesOf, readAt, type Piece, type ReadPiece } from "./file-pieces.ts";
import { createLatelyRead } from "./lately-read.ts";

/** Turns CSV, which it may take over, into columns; see `parseFeed`. */
export type ParseCsv = (csv: Uint8Array<ArrayBuffer>, linesBefore: number, own: OwnColumns | null) => Promise<FeedPage>;

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
  /** What somebody had said that the columns hold. */
  readonly columns: OwnColumns | null;
  readonly header: Header;
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
/** The file, opened for one question. */
export interface OpenFile {
  readonly pieces: readonly TimedPiece[];
  /** The columns of a file of one's own; `null`: they have ThingSpeak's names. */
  readonly own: OwnColumns | null;
  /** The columns, without entries. */
  readonly header: () => Promise<FeedPage>;
  readonly page: (piece: Piece) => Promise<FeedPage>;
}

/** A CSV file of which is known where in it which times are. It is walked through once, and then only through what was added. */
export class IndexedFile {
  readonly name: string;
  readonly #path: string;
  readonly #parse: ParseCsv;
  readonly #now: () => number;
  readonly #columns: () => OwnColumns | null;
  readonly #lately = createLatelyRead();
  #known: Index | null = null;
  /** What is wrong with the file as it is. */
  #problem: { readonly mark: string; readonly error: ConfigError } | null = null;
  /** One after the other: those who ask at once need one walk over the file. */
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param options.parse in a worker thread
   * @param options.columns what somebody said that the columns hold, now
   */
  constructor(options: {
    readonly path: string;
    readonly parse: ParseCsv;
    readonly columns: () => OwnColumns | null;
    readonly now: () => number;
  }) {
    this.#path = options.path;
    this.name = basename(options.path);
    this.#parse = options.parse;
    this.#now = options.now;
    this.#columns = options.columns;
  }

  /** Opens the file for one question; what the system says of it is for an admin. */
  ask<T>(work: (file: OpenFile) => Promise<T>): Promise<T> {
    const answer = this.#turn.then(async () => {
      try {
        await using file = await open(this.#path);
        const { header, pieces } = await this.#look(file);
        return await work({
          pieces,
          own: header.own,
          header: () => this.#parsePiece(header, new Uint8Array(), 0),
          page: ({ offset, length, linesBefore }) =>
            this.#lately.get(offset, async () =>
              this.#parsePiece(header, await readAt(file, offset, length), linesBefore),
            ),
        });
      } catch (error) {
        if (error instanceof UnknownColumns) throw new ConfigError([`${this.name}: ${error.message}`]);
        if (error instanceof RangeError) throw this.#wrong(error.message);
        const code = systemCodeOf(error);
        throw code === null ? error : this.#wrong(`cannot be read (${code})`);
      }
    });
    // Not the answer itself, which would be kept then.
    this.#turn = answer.then(
      () => undefined,
      () => undefined,
    );
    return answer;
  }

  #wrong(what: string): ConfigError {
    return new ConfigError([`${this.name}: ${what}. An admin must mend FEED_FILE.`]);
  }

  async #parsePiece(header: Header, bytes: Uint8Array, linesBefore: number): Promise<FeedPage> {
    const csv = new Uint8Array(header.bytes.length + bytes.length);
    csv.set(header.bytes);
    csv.set(bytes, header.bytes.length);
    try {
      return await this.#parse(csv, linesBefore, header.own);
    } catch (error) {
      throw error instanceof UpstreamError ? this.#wrong(error.message) : error;
    }
  }

  /** Brings what is known of the file up to date. */
  async #look(file: FileHandle): Promise<Index> {
    const { ino, size, mtimeMs } = await file.stat();
    const columns = this.#columns();
    const mark = [ino, size, mtimeMs, JSON.stringify(columns)].join(" ");
    if (this.#problem?.mark === mark) throw this.#problem.error;
    if (this.#known?.mark === mark && this.#known.isWhole) return this.#known;
    try {
      this.#known = await this.#walk(file, { mark, ino, size, columns }, this.#now() - mtimeMs >= REST_MS);
      return this.#known;
    } catch (error) {
      if (error instanceof ConfigError) this.#problem = { mark, error };
      throw error;
    }
  }

  /** Goes through the file; through what was added only, where it has grown. */
  async #walk(
    file: FileHandle,
    is: Pick<Index, "mark" | "ino" | "size" | "columns">,
    isAtRest: boolean,
  ): Promise<Index> {
    const known = this.#known?.columns === is.columns ? this.#known : null;
    const kept = known?.ino === is.ino && is.size > known.size && (await isGrown(file, known)) ? known : null;
    // Of one that has grown, only the last piece is another.
    this.#lately.forget(kept?.pieces.at(-1)?.offset ?? 0);
    const start = await readAt(file, 0, HEADER_BYTES);
    const header = kept?.header ?? (await readFileHeader(start.slice(0, endOfHeader(start)), is.columns));
    const pieces = kept?.pieces.slice(0, -1) ?? [];
    let lastStart = new Uint8Array();
    let end = header.bytes.length;
    const from = kept?.pieces.at(-1) ?? { offset: header.bytes.length, linesBefore: 0 };
    const timed = async ({ bytes, ...piece }: ReadPiece) => {
      const start = bytes.slice(0, CHECK_BYTES);
      const { times } = await this.#lately.get(piece.offset, () => this.#parsePiece(header, bytes, piece.linesBefore));
      return { start, piece: { ...piece, entries: times.length, ...extentOf(times) } };
    };
    for await (const { start, piece } of oneAhead(piecesOf(file, from, { size: is.size, isAtRest }), timed)) {
      pieces.push(piece);
      lastStart = start;
      end = piece.offset + piece.length;
    }
    // The header alone tells whether this is a feed at all.
    if (pieces.length === 0) await this.#parsePiece(header, new Uint8Array(), 0);
    return { ...is, header, pieces, lastStart, isWhole: end === is.size };
  }
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
  for (let i = 0; i < times.length; i++) {
    const at = times[i]!;
    if (at < startAt) startAt = at;
    if (at > endAt) endAt = at;
  }
  return { startAt, endAt };
}
