import type { PlantMessage } from "../alarms/types.ts";
import { sortByTime } from "../charts/series.ts";
import { TooManyEntries } from "../errors.ts";
import { createTurns } from "../lib/in-turn.ts";
import type { FeedBlock, FeedBlocks } from "../store/feed-blocks.ts";
import { matchesFilter } from "../topic-filter.ts";
import type { OnUnread } from "../unread.ts";
import { liveValueOf, readLiveMessage, saysNothing } from "./live-value.ts";
import { MAX_ENTRIES, type LatestEntry, type Source } from "./source.ts";

/** A field whose values come on a topic. */
export interface LiveField {
  readonly field: number;
  /** An MQTT topic filter; `null`: they do not come from the broker. */
  readonly topic: string | null;
  /** Which member of a JSON message; see `liveValueOf`. */
  readonly value: string | null;
}

/** What the bot itself saw on the broker; it begins when the bot does, and has a gap wherever that was away. */
export interface LiveSource extends Source {
  /** The topics to listen to. */
  topics(): readonly string[];
  /** Takes any message; quick. What a broker kept says how it was, not how it is. */
  take(message: PlantMessage): void;
  /** Keeps what came since the last time. */
  save(): Promise<void>;
}

/** The newest entries of one field, up to a full block. */
interface Open {
  readonly times: number[];
  readonly values: number[];
  isSaved: boolean;
}

/** 64 KB: written anew each minute until it is full. */
const BLOCK_ENTRIES = 4_096;
/** While nothing can be written, so many full blocks are kept in memory. */
const MAX_FULL = 64;
const SECOND = 1_000;

/**
 * Records the values of fields that have a topic, each at the time at which it came: the clocks of plants differ.
 * Of more than two in one second, the lowest and the highest are kept, so that no spike is lost however quick they come.
 * @param options.fields as the plants file has them now
 */
export function createLiveSource(options: {
  readonly fields: () => readonly LiveField[];
  readonly blocks: FeedBlocks;
  readonly onUnread: OnUnread;
}): LiveSource {
  const { fields, blocks, onUnread } = options;
  const opens = new Map<number, Open>();
  /** Full blocks that are not on disk yet. */
  const full: { readonly field: number; readonly open: Open }[] = [];

  const recorded = () => fields().filter((one): one is LiveField & { topic: string } => one.topic !== null);

  function record(field: number, at: number, value: number): void {
    let open = opens.get(field);
    // Each block is in order, also when somebody sets the clock back.
    if (!open || open.times.length >= BLOCK_ENTRIES || at < open.times.at(-1)!) {
      if (open && !open.isSaved) full.push({ field, open });
      if (full.length > MAX_FULL) full.shift();
      open = { times: [], values: [], isSaved: false };
      opens.set(field, open);
    }
    put(open, at, value);
    open.isSaved = false;
  }

  /** In turn: while one block is being written, another save must not take it for the next, nor drop what is behind it. */
  const inTurn = createTurns();
  const save = (): Promise<void> => inTurn(saveAll);

  async function saveAll(): Promise<void> {
    for (let next = full[0]; next !== undefined; next = full[0]) {
      await blocks.put(next.field, [blockOf(next.open)], null);
      // It may have made room for a newer one meanwhile.
      if (full[0] === next) full.shift();
    }
    for (const [field, open] of opens) {
      if (open.isSaved) continue;
      open.isSaved = true;
      try {
        await blocks.put(field, [blockOf(open)], null);
      } catch (error) {
        open.isSaved = false;
        // It may have got full meanwhile, and was taken for one that is on disk.
        if (opens.get(field) !== open) full.push({ field, open });
        throw error;
      }
    }
  }

  return {
    topics: () => [...new Set(recorded().map(({ topic }) => topic))],
    take({ topic, payload, isRetained, receivedAt }) {
      if (isRetained) return;
      const meant = recorded().filter((one) => matchesFilter(one.topic, topic));
      if (meant.length === 0) return;
      const message = readLiveMessage(payload);
      let isRead = message !== null && meant.some(({ field, value }) => saysNothing(message, field, value));
      for (const one of message === null ? [] : meant) {
        const value = liveValueOf(message!, one.field, one.value);
        if (value === null) continue;
        record(one.field, receivedAt, value);
        isRead = true;
      }
      // A message may be about one of several fields.
      if (!isRead) onUnread(topic, payload);
    },
    save,
    async channel() {
      const numbers = recorded()
        .map(({ field }) => field)
        .toSorted((a, b) => a - b);
      return {
        name: "Live values",
        createdAt: null,
        fields: numbers.map((number) => ({ number, label: `Field ${number}` })),
      };
    },
    async read({ field, startAt, endAt }) {
      await save();
      const found = await blocks.within(field, startAt, endAt + 1);
      if (found.reduce((sum, { times }) => sum + times.length, 0) > MAX_ENTRIES)
        throw new TooManyEntries(MAX_ENTRIES, { startAt, endAt });
      return within(found, startAt, endAt);
    },
    async latest() {
      await save();
      const entries = await Promise.all(
        recorded().map(async ({ field }): Promise<LatestEntry | null> => {
          const block = await blocks.newest(field);
          const [at, value] = [block?.times.at(-1), block?.values.at(-1)];
          if (at === undefined || value === undefined) return null;
          return { field, label: `Field ${field}`, value: String(value), at };
        }),
      );
      return entries.filter((entry) => entry !== null).toSorted((a, b) => a.field - b.field);
    },
  };
}

/** Adds a value; of three in one second, the one that is neither the lowest nor the highest goes. */
function put({ times, values }: Open, at: number, value: number): void {
  times.push(at);
  values.push(value);
  const second = Math.floor(at / SECOND);
  const from = times.length - 3;
  if (from < 0 || Math.floor(times[from]! / SECOND) !== second) return;
  const three = values.slice(from);
  const [lowest, highest] = [three.indexOf(Math.min(...three)), three.lastIndexOf(Math.max(...three))];
  // The positions of three come to 3.
  const gone = from + 3 - lowest - highest;
  times.splice(gone, 1);
  values.splice(gone, 1);
}

const blockOf = ({ times, values }: Open): FeedBlock => ({
  startAt: times[0]!,
  endAt: times.at(-1)! + 1,
  times: Float64Array.from(times),
  values: Float64Array.from(values),
});

/** The entries of blocks that lie in a period, in order. */
function within(blocks: readonly FeedBlock[], startAt: number, endAt: number) {
  const [times, values]: [number[], number[]] = [[], []];
  for (const block of blocks) {
    for (const [i, at] of block.times.entries()) {
      if (at < startAt || at > endAt) continue;
      times.push(at);
      values.push(block.values[i]!);
    }
  }
  const { times: sorted, values: theirs } = sortByTime({
    times: Float64Array.from(times),
    values: Float64Array.from(values),
  });
  return { times: Float64Array.from(sorted), values: Float64Array.from(theirs) };
}
