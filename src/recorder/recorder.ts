import { setImmediate } from "node:timers/promises";
import type { Logger } from "../log.ts";
import { dayOf } from "../store/recordings/store.ts";
import type { Block, RecordingStore } from "../store/recordings/types.ts";
import {
  asRecorded,
  blocksOf,
  inOrder,
  meansOf,
  minutesBlock,
  sorted,
  unpackMinutes,
  unpackRaw,
  within,
  type Recorded,
} from "./blocks.ts";
import { packColumns, unpackColumns } from "./columns.ts";
import { mergeMinutes, minutesOf, type Entries } from "./minutes.ts";

export type { Recorded };

/** What is recorded under one name: a device and a member of its values, or `channel 417` and `field1`. */
export interface SeriesKey {
  readonly device: string;
  readonly member: string;
}

/** How long and how much is kept. */
export interface RecordLimits {
  /** So long each entry is kept, ms; then a minute's lowest, mean and highest. */
  readonly rawMs: number;
  /** So long anything is kept, ms. */
  readonly keepMs: number;
  /** So much is kept at the most; the oldest goes first. */
  readonly maxBytes: number;
}

/** Keeps what is measured. */
export interface Recorder {
  /** Takes one entry; quick. What is no number is none. */
  record(key: SeriesKey, at: number, value: number): void;
  /** Keeps what came since the last time; a crash costs what came after it. */
  save(): Promise<void>;
  /** Sums up days that are over, and forgets what is too old or too much; a step at a time. */
  tidy(): Promise<void>;
  /** Every series that ever had an entry. */
  series(): readonly SeriesKey[];
  /** Each entry where there are few, or they are recent; else minutes, which are means. */
  read(key: SeriesKey, startAt: number, endAt: number): Promise<Recorded>;
  /** The newest entry; `null`: there is none. */
  latest(key: SeriesKey): Promise<{ readonly at: number; readonly value: number } | null>;
  size(): ReturnType<RecordingStore["size"]>;
}

/** The entries of one series that are in no block yet. */
interface Open {
  times: number[];
  values: number[];
  /** How many of them are in the journal. */
  saved: number;
}

/** A few milliseconds. */
const BLOCKS_AT_ONCE = 16;
const SEAL_EVERY_MS = 600_000;
/** 3 MB, however quickly they come. */
const MAX_OPEN_ENTRIES = 200_000;
/** A longer period is drawn from minutes, where days are summed up. */
const RAW_PERIOD_MS = 3 * 86_400_000;
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
  let sealedAt = now();
  /** Saving and sealing, one after the other. */
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
  }

  function idOf(key: SeriesKey): number {
    const name = nameOf(key);
    const known = ids.get(name);
    if (known !== undefined) return known;
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
        open.times.push(...times);
        open.values.push(...values);
        former.set(id, open);
      }
      opens = former;
      openEntries += count;
      throw error;
    } finally {
      sealing = new Map();
    }
  }

  const save = (): Promise<void> => {
    busy = busy.catch(() => undefined).then(saveNow);
    return busy;
  };

  /** What is in no block yet. */
  const openOf = (id: number): Entries[] =>
    [sealing.get(id), opens.get(id)].filter((open) => open !== undefined).map(sorted);

  /** To be called for a day that is over: what came late is put to what was summed up before. */
  async function sumUp(id: number, dayAt: number): Promise<void> {
    const fresh = await store.unsummedWithin(id, dayAt, dayAt + DAY_MS - 1);
    const former = await store.within(id, "minutes", dayAt, dayAt + DAY_MS - 1);
    const pieces = [...former.map(unpackMinutes), minutesOf(inOrder(fresh.map(unpackRaw)))];
    await store.putMinutes(minutesBlock(id, pieces.reduce(mergeMinutes)), dayAt);
  }

  async function read(id: number, startAt: number, endAt: number): Promise<Recorded[]> {
    const minutes = await inSteps(await store.within(id, "minutes", startAt, endAt), unpackMinutes);
    if (endAt - startAt > RAW_PERIOD_MS) {
      const raw = await inSteps(await store.unsummedWithin(id, startAt, endAt), unpackRaw);
      return [...minutes.map(meansOf), ...[...raw, ...openOf(id)].map(asRecorded)];
    }
    const raw = await inSteps(await store.within(id, "raw", startAt, endAt), unpackRaw);
    const whole = new Set(raw.map(({ times }) => dayOf(times[0]!)));
    const thinned = minutes.filter(({ times }) => !whole.has(dayOf(times[0]!)));
    return [...thinned.map(meansOf), ...[...raw, ...openOf(id)].map(asRecorded)];
  }

  return {
    record(key, at, value) {
      if (!Number.isFinite(value) || !Number.isFinite(at)) return;
      put(idOf(key), Math.round(at), value);
    },
    save,
    async tidy() {
      const overBefore = dayOf(now() - LATE_MS);
      for (const id of ids.values()) {
        for (const dayAt of await store.unsummed(id, overBefore)) await sumUp(id, dayAt);
      }
      const old = await store.forget(now() - limits.rawMs - DAY_MS, now() - limits.keepMs - DAY_MS);
      const much = await store.shrinkTo(limits.maxBytes);
      if (old + much > 0) log.info({ old, much }, "recordings: forgot blocks that are too old, or too much");
    },
    series: () => [...keys.values()],
    async read(key, startAt, endAt) {
      const id = ids.get(nameOf(key));
      return within(id === undefined ? [] : await read(id, startAt, endAt), startAt, endAt);
    },
    async latest(key) {
      const id = ids.get(nameOf(key));
      if (id === undefined) return null;
      const block = await store.newest(id);
      const ends = [...(block ? [unpackRaw(block)] : []), ...openOf(id)].flatMap(({ times, values }) =>
        times.length === 0 ? [] : [{ at: times.at(-1)!, value: values.at(-1)! }],
      );
      return ends.toSorted((a, b) => b.at - a.at)[0] ?? null;
    },
    size: () => store.size(),
  };
}

/** A year of minutes takes a tenth of a second to unpack: others have their turns in between. */
async function inSteps<T>(blocks: readonly Block[], unpack: (block: Block) => T): Promise<T[]> {
  const unpacked: T[] = [];
  for (const [i, block] of blocks.entries()) {
    if (i % BLOCKS_AT_ONCE === BLOCKS_AT_ONCE - 1) await setImmediate();
    unpacked.push(unpack(block));
  }
  return unpacked;
}

const nameOf = ({ device, member }: SeriesKey): string => `${device}\0${member}`;
