import { firstFrom } from "../measurements/series.ts";
import type { Logger } from "../lib/log.ts";
import { dayOf } from "../store/recordings/store.ts";
import type { RecordingStore } from "../store/recordings/types.ts";
import { blocksOf, sorted, unpackRaw, within, type Recorded } from "./blocks.ts";
import { packColumns, unpackColumns } from "./columns.ts";
import { readSealed, sumUp } from "./days.ts";
import type { Entries } from "./minutes.ts";

/** What is recorded under one name: a device and a member of its values, or `channel 417` and `field1`. */
interface SeriesKey {
  readonly device: string;
  readonly member: string;
}

/** How long it is kept. */
export interface RecordLimits {
  /** So long each entry is kept, ms; then a minute's lowest, mean and highest. */
  readonly rawMs: number;
  /** So long anything is kept, ms. */
  readonly keepMs: number;
}

/** Keeps what is measured. */
export interface Recorder {
  /** Takes one entry; quick. What is no number is none. */
  record(key: SeriesKey, at: number, value: number): void;
  /** Keeps what came since the last time; a crash costs what came after it. */
  save(): Promise<void>;
  /** Sums up days that are over, and forgets what is too old, or the oldest beyond `maxBytes`; a step at a time. @returns how many blocks went */
  tidy(maxBytes: number): Promise<number>;
  /** Every series that ever had an entry. */
  series(): readonly SeriesKey[];
  /** Each entry where there are few, or they are recent; else minutes, which are means. */
  read(key: SeriesKey, startAt: number, endAt: number): Promise<Recorded>;
  /** The newest entry; `null`: there is none. */
  latest(key: SeriesKey): Promise<{ readonly at: number; readonly value: number } | null>;
  /** When the oldest entry that is kept came; epoch ms. `null`: there is none. */
  beginsAt(key: SeriesKey): Promise<number | null>;
  size(): ReturnType<RecordingStore["size"]>;
  /** How many entries of this run were not taken, as there are too many series, or their names too long. */
  refused(): number;
}

/** The entries of one series that are in no block yet. */
interface Open {
  times: number[];
  values: number[];
  /** How many of them are in the journal. */
  saved: number;
}

/** Many more than a plant has, and few enough to be kept in mind. */
const MAX_SERIES = 10_000;
const MAX_NAME = 500;
const SEAL_EVERY_MS = 600_000;
/** 3 MB, however quickly they come. */
const MAX_OPEN_ENTRIES = 200_000;
/** 32 MB, while nothing can be written. */
const MAX_UNSAVED_ENTRIES = 2_000_000;
const DAY_MS = 86_400_000;
/** What comes late to a day that is over still comes within this time. */
const LATE_MS = 3_600_000;

/**
 * Opens the recordings. What comes is kept in memory, journaled by `save`, and put into packed blocks every ten minutes: one write
 * every few seconds whatever comes, and three bytes an entry on the disk.
 */
export async function openRecorder(options: {
  readonly store: RecordingStore;
  readonly limits: RecordLimits;
  readonly now: () => number;
  readonly log: Logger;
}): Promise<Recorder> {
  const { store, limits, now, log } = options;
  const keys = new Map((await store.series()).map(({ id, device, member }) => [id, { device, member }]));
  const ids = new Map([...keys].map(([id, key]) => [nameOf(key), id]));
  let nextId = [...keys.keys()].reduce((highest, id) => Math.max(highest, id), 0) + 1;
  const isNew = new Set<number>();
  let opens = new Map<number, Open>();
  /** What is being put into blocks just now. */
  let sealing: ReadonlyMap<number, Open> = new Map();
  let openEntries = 0;
  let refused = 0;
  let sealedAt = now();
  /** What writes blocks, one after the other: what is sealed while a day is summed up would be taken for a part of it. */
  let busy: Promise<void> = Promise.resolve();
  await replay();

  async function replay(): Promise<void> {
    for (const packed of await store.journaled()) {
      const [series, times, values] = unpackColumns(packed, 3);
      for (const [i, id] of series!.entries()) put(id, times![i]!, values![i]!);
    }
    for (const open of opens.values()) open.saved = open.times.length;
  }

  function put(id: number, at: number, value: number): void {
    const open = opens.get(id) ?? { times: [], values: [], saved: 0 };
    opens.set(id, open);
    open.times.push(at);
    open.values.push(value);
    openEntries += 1;
    if (openEntries > MAX_UNSAVED_ENTRIES) forgetHalf();
  }

  /** Nothing can be written for long: what came first makes room. */
  function forgetHalf(): void {
    log.warn({ entries: openEntries }, "recordings: nothing can be written; the older half of what waits is dropped");
    openEntries = 0;
    for (const open of opens.values()) {
      const gone = Math.ceil(open.times.length / 2);
      open.times.splice(0, gone);
      open.values.splice(0, gone);
      open.saved = Math.max(0, open.saved - gone);
      openEntries += open.times.length;
    }
  }

  /** @returns `null` for one too many: names come from outside */
  function idOf(key: SeriesKey): number | null {
    const name = nameOf(key);
    const known = ids.get(name);
    if (known !== undefined) return known;
    if (ids.size >= MAX_SERIES || name.length > MAX_NAME) return null;
    const id = nextId++;
    ids.set(name, id);
    keys.set(id, { device: key.device, member: key.member });
    isNew.add(id);
    return id;
  }

  async function nameSeries(): Promise<void> {
    for (const id of isNew) {
      await store.addSeries({ id, ...keys.get(id)! });
      isNew.delete(id);
    }
  }

  async function saveNow(): Promise<void> {
    await nameSeries();
    if (openEntries >= MAX_OPEN_ENTRIES || now() - sealedAt >= SEAL_EVERY_MS || now() < sealedAt) return seal();
    const unsaved = [...opens].filter(([, open]) => open.saved < open.times.length);
    if (unsaved.length === 0) return;
    const lengths = unsaved.map(([, open]) => open.times.length);
    const column = (of: (id: number, open: Open, i: number) => number) =>
      Float64Array.from(
        unsaved.flatMap(([id, open], n) =>
          Array.from({ length: lengths[n]! - open.saved }, (_, i) => of(id, open, open.saved + i)),
        ),
      );
    await store.journal(
      packColumns([
        column((id) => id),
        column((_, open, i) => open.times[i]!),
        column((_, open, i) => open.values[i]!),
      ]),
    );
    for (const [n, [, open]] of unsaved.entries()) open.saved = lengths[n]!;
  }

  async function seal(): Promise<void> {
    const [former, count] = [opens, openEntries];
    sealing = former;
    opens = new Map();
    openEntries = 0;
    try {
      await store.seal([...former].flatMap(([id, open]) => blocksOf(id, sorted(open))));
      sealedAt = now();
    } catch (error) {
      // They are in the journal still, or will be: what came meanwhile goes behind them.
      for (const [id, { times, values }] of opens) {
        const open = former.get(id) ?? { times: [], values: [], saved: 0 };
        former.set(id, { times: open.times.concat(times), values: open.values.concat(values), saved: open.saved });
      }
      opens = former;
      openEntries += count;
      throw error;
    } finally {
      sealing = new Map();
    }
  }

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    busy = busy.catch(() => undefined).then(work);
    return busy;
  };

  /** What is in no block yet. */
  const openOf = (id: number): Entries[] =>
    [sealing.get(id), opens.get(id)].filter((open) => open !== undefined).map(sorted);

  return {
    record(key, at, value) {
      if (!Number.isFinite(value) || !Number.isFinite(at)) return;
      const id = idOf(key);
      if (id === null) refused += 1;
      else put(id, Math.round(at), value);
    },
    save: () => inTurn(saveNow),
    async tidy(maxBytes) {
      const overBefore = dayOf(now() - LATE_MS);
      for (const id of ids.values()) {
        for (const dayAt of await store.unsummed(id, overBefore)) await inTurn(() => sumUp(store, id, dayAt));
      }
      const old = await store.forget(now() - limits.rawMs - DAY_MS, now() - limits.keepMs - DAY_MS);
      const much = await store.shrinkTo(maxBytes);
      if (old + much > 0) log.info({ old, much }, "recordings: forgot blocks that are too old, or too much");
      return old + much;
    },
    series: () => [...keys.values()],
    async read(key, startAt, endAt) {
      const id = ids.get(nameOf(key));
      if (id === undefined) return within([], startAt, endAt);
      // Before the blocks are read: what is put into one meanwhile is not missed.
      const open = openOf(id);
      return within([...(await readSealed(store, id, startAt, endAt)), ...open], startAt, endAt);
    },
    async latest(key) {
      const id = ids.get(nameOf(key));
      if (id === undefined) return null;
      // What is to come yet was recorded while the clock was ahead.
      const present = now();
      const block = await store.newest(id, present);
      const ends = [...(block ? [unpackRaw(block)] : []), ...openOf(id)].flatMap(({ times, values }) => {
        const last = firstFrom(times, present + 1) - 1;
        return last < 0 ? [] : [{ at: times[last]!, value: values[last]! }];
      });
      return ends.toSorted((a, b) => b.at - a.at)[0] ?? null;
    },
    async beginsAt(key) {
      const id = ids.get(nameOf(key));
      if (id === undefined) return null;
      const starts = [await store.beginsAt(id), ...openOf(id).map(({ times }) => times[0])];
      const known = starts.filter((at) => typeof at === "number");
      return known.length === 0 ? null : Math.min(...known);
    },
    size: () => store.size(),
    refused: () => refused,
  };
}

const nameOf = ({ device, member }: SeriesKey): string => `${device}\0${member}`;
