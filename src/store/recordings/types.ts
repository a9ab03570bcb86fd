/** What is recorded under one name. */
export interface SeriesRow {
  readonly id: number;
  /** Who sends it: a device, or `channel 417`. */
  readonly device: string;
  /** What of it: a member of its values, or `field1`. */
  readonly member: string;
}

/** Entries of one series within one day (UTC), as they came (`raw`), or summed up by the minute. */
export type BlockKind = "raw" | "minutes";

/** A piece of a recording. */
export interface Block {
  readonly seriesId: number;
  readonly kind: BlockKind;
  /** Its first and last entry; epoch ms. */
  readonly startAt: number;
  readonly endAt: number;
  /** How many entries it stands for. */
  readonly count: number;
  /** Packed columns; see recorder/columns.ts. */
  readonly packed: Uint8Array;
}

/** How much is recorded. */
export interface RecordingSize {
  readonly bytes: number;
  readonly entries: number;
  /** When the oldest block begins; epoch ms. `null`: there is none. */
  readonly startAt: number | null;
}

/** The names under which something is recorded. */
export interface SeriesTable {
  list(): Promise<readonly SeriesRow[]>;
  add(row: SeriesRow): Promise<void>;
}

/** What came, until it is in blocks. */
export interface RecordingJournal {
  /** Keeps what came since the last time, until `seal` puts it in its place. */
  append(packed: Uint8Array): Promise<void>;
  /** All that was not sealed yet, oldest first. */
  read(): Promise<readonly Uint8Array[]>;
  /** Writes blocks, and forgets the journal up to now, whose entries are in them. */
  seal(blocks: readonly Block[]): Promise<void>;
}

/** The blocks, by series and time. */
export interface RecordingBlocks {
  /** The blocks of a kind that reach into a period, in order of time. */
  within(seriesId: number, kind: BlockKind, startAt: number, endAt: number): Promise<readonly Block[]>;
  /** The same of those raw blocks that are not summed up. */
  unsummedWithin(seriesId: number, startAt: number, endAt: number): Promise<readonly Block[]>;
  /** How many entries are in the raw blocks that reach into a period. */
  entriesWithin(seriesId: number, startAt: number, endAt: number): Promise<number>;
  /** The raw block that began last, `now` or before; `null`: there is none. */
  newest(seriesId: number, now: number): Promise<Block | null>;
  /** When its oldest block begins; epoch ms. `null`: there is none. */
  beginsAt(seriesId: number): Promise<number | null>;
  /** Days (their starts, epoch ms, oldest first) of a series before `beforeAt` whose raw blocks are not summed up. */
  unsummedDays(seriesId: number, beforeAt: number): Promise<readonly number[]>;
  /** Writes the minutes of one day in the place of those that were there, and `raw` in the place of its blocks that were not summed up. */
  putDay(minutes: Block, raw: readonly Block[], dayAt: number): Promise<void>;
  /** Forgets raw blocks of summed-up days that end before `rawBefore`, and minutes that end before `minutesBefore`. */
  forget(rawBefore: number, minutesBefore: number): Promise<number>;
  /** Forgets the oldest blocks, raw ones that are summed up before others, until what is left has no more than `bytes`. */
  shrinkTo(bytes: number): Promise<number>;
  /** How much there is. */
  size(): Promise<RecordingSize>;
}

/** What is recorded, on the disk. */
export interface RecordingStore {
  readonly series: SeriesTable;
  readonly journal: RecordingJournal;
  readonly blocks: RecordingBlocks;
}
