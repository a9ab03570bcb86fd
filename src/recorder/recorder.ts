import { firstFrom, numberAt } from "../measurements/series.ts";
import type { Logger } from "../lib/log.ts";
import { utcDayOf } from "../store/recordings/block-rows.ts";
import type { RecordingSize, RecordingStore } from "../store/recordings/types.ts";
import { unpackRaw, within, type Recorded } from "./blocks.ts";
import { readSealed, sumUp } from "./days.ts";
import { OpenEntries } from "./open-entries.ts";
import { SeriesNames, type SeriesKey } from "./series-names.ts";

/** For how long what is measured is kept. */
export interface RecordLimits {
  /** So long each entry is kept, ms; then a minute's lowest, mean and highest. */
  readonly rawMs: number;
  /** So long anything is kept, ms. */
  readonly keepMs: number;
}

interface RecorderOptions {
  readonly store: RecordingStore;
  readonly limits: RecordLimits;
  readonly now: () => number;
  readonly log: Logger;
}

/** The newest entry of a series. */
interface Newest {
  readonly at: number;
  readonly value: number;
}

const SEAL_EVERY_MS = 600_000;
/** 3 MB, however quickly they come. */
const MAX_OPEN_ENTRIES = 200_000;
const DAY_MS = 86_400_000;
/** What comes late to a day that is over still comes within this time. */
const LATE_MS = 3_600_000;

/**
 * Keeps what is measured. What comes is kept in memory, journaled by `save`, and put into packed blocks every ten minutes: one write
 * every few seconds whatever comes, and three bytes an entry on the disk.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #names: SeriesNames;
  readonly #open: OpenEntries;
  #refused = 0;
  #sealedAt: number;
  /** What writes blocks, one after the other: what is sealed while a day is summed up would be taken for a part of it. */
  #busy: Promise<void> = Promise.resolve();

  private constructor(options: RecorderOptions, names: SeriesNames) {
    this.#options = options;
    this.#names = names;
    this.#sealedAt = options.now();
    this.#open = new OpenEntries((entries) =>
      options.log.warn({ entries }, "recordings: nothing can be written; the older half of what waits is dropped"),
    );
  }

  /** Opens the recordings, with what an earlier run journaled. */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const recorder = new Recorder(options, new SeriesNames(await options.store.series.list()));
    recorder.#open.replay(await options.store.journal.read());
    return recorder;
  }

  /** Takes one entry; quick. It ignores what is not a number. */
  record(key: SeriesKey, at: number, value: number): void {
    if (!Number.isFinite(value) || !Number.isFinite(at)) return;
    const id = this.#names.claim(key);
    if (id === null) this.#refused += 1;
    else this.#open.put(id, Math.round(at), value);
  }

  /** Keeps what came since the last time; a crash costs what came after it. */
  save(): Promise<void> {
    return this.#inTurn(async () => {
      const { store } = this.#options;
      await this.#names.save(store.series);
      if (!this.#isSealDue()) return this.#open.journal((packed) => store.journal.append(packed));
      await this.#open.seal((blocks) => store.journal.seal(blocks));
      this.#sealedAt = this.#options.now();
    });
  }

  /** Sums up days that are over, and forgets what is too old, or the oldest beyond `maxBytes`; a step at a time. @returns how many blocks went */
  async tidy(maxBytes: number): Promise<number> {
    const { store, limits, now, log } = this.#options;
    const overBefore = utcDayOf(now() - LATE_MS);
    for (const id of this.#names.ids()) {
      for (const dayAt of await store.blocks.unsummedDays(id, overBefore))
        await this.#inTurn(() => sumUp(store.blocks, id, dayAt));
    }
    const old = await store.blocks.forget(now() - limits.rawMs - DAY_MS, now() - limits.keepMs - DAY_MS);
    const much = await store.blocks.shrinkTo(maxBytes);
    if (old + much > 0) log.info({ old, much }, "recordings: forgot blocks that are too old, or too much");
    return old + much;
  }

  /** Every series that ever had an entry. */
  series(): readonly SeriesKey[] {
    return this.#names.all();
  }

  /** Each entry where there are few, or they are recent; else minutes, which are means. */
  async read(key: SeriesKey, startAt: number, endAt: number): Promise<Recorded> {
    const id = this.#names.idOf(key);
    if (id === undefined) return within([], startAt, endAt);
    // Before the blocks are read: what is put into one meanwhile is not missed.
    const open = this.#open.of(id);
    return within([...(await readSealed(this.#options.store.blocks, id, startAt, endAt)), ...open], startAt, endAt);
  }

  /** The newest entry; `null`: there is none. */
  async latest(key: SeriesKey): Promise<Newest | null> {
    const id = this.#names.idOf(key);
    if (id === undefined) return null;
    // What is to come yet was recorded while the clock was ahead.
    const present = this.#options.now();
    const block = await this.#options.store.blocks.newest(id, present);
    const ends = [...(block ? [unpackRaw(block)] : []), ...this.#open.of(id)].flatMap(({ times, values }): Newest[] => {
      const last = firstFrom(times, present + 1) - 1;
      return last < 0 ? [] : [{ at: numberAt(times, last), value: numberAt(values, last) }];
    });
    return ends.toSorted((a, b) => b.at - a.at)[0] ?? null;
  }

  /** When the oldest entry that is kept came; epoch ms. `null`: there is none. */
  async beginsAt(key: SeriesKey): Promise<number | null> {
    const id = this.#names.idOf(key);
    if (id === undefined) return null;
    const starts = [await this.#options.store.blocks.beginsAt(id), ...this.#open.of(id).map(({ times }) => times[0])];
    const known = starts.filter((at) => typeof at === "number");
    return known.length === 0 ? null : Math.min(...known);
  }

  size(): Promise<RecordingSize> {
    return this.#options.store.blocks.size();
  }

  /** How many entries of this run were not taken, as there are too many series, or their names too long. */
  refused(): number {
    return this.#refused;
  }

  #isSealDue(): boolean {
    const sinceMs = this.#options.now() - this.#sealedAt;
    return this.#open.count >= MAX_OPEN_ENTRIES || sinceMs >= SEAL_EVERY_MS || sinceMs < 0;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#busy = this.#busy.catch(() => undefined).then(work);
    return this.#busy;
  }
}
