import type { PlantMessage } from "./alarms/types.ts";
import type { Config } from "./config.ts";
import type { Logger } from "./log.ts";
import type { Plants } from "./plants/plants.ts";
import { createArchive } from "./plots/archive.ts";
import { createPlotter, type Plotter } from "./plots/plotter.ts";
import { createFileSource } from "./sources/file-source.ts";
import { createLiveSource } from "./sources/live-source.ts";
import type { Channel, Source } from "./sources/source.ts";
import type { Database } from "./store/database.ts";
import { createFeedBlocks, LIVE_CHANNEL } from "./store/feed-blocks.ts";
import type { Store } from "./store/store.ts";
import { createThingSpeak, type ThingSpeak } from "./thingspeak/client.ts";
import type { OnUnread } from "./unread.ts";
import type { WorkerPool } from "./worker/pool.ts";

/** The side of the program that measures: where the numbers come from, and the pictures of them. */
export interface Measuring extends Source {
  readonly plotter: Plotter;
  /** `null`: the numbers come from elsewhere. */
  readonly thingspeak: Pick<ThingSpeak, "latest"> | null;
  /** Topics whose values are recorded. */
  topics(): readonly string[];
  /** Takes any message from the broker. */
  take(message: PlantMessage): void;
  /** Keeps what the next run must know. */
  save(): Promise<void>;
  /** Closes connections; no call may follow. */
  stop(): void;
}

interface Options {
  readonly config: Pick<Config, "thingspeak" | "feedFile" | "outgoing">;
  readonly plants: Pick<Plants, "fields">;
  readonly worker: WorkerPool;
  readonly database: Database;
  readonly store: Pick<Store, "alarmTimes">;
  /** Values from the broker that cannot be read. */
  readonly onUnread: OnUnread;
  readonly now: () => number;
  readonly log: Logger;
}

/** One source, and what goes on around it. */
type Found = Omit<Measuring, "plotter">;

/** Names the recording among the channels of the store; ThingSpeak's are numbers. */

/** Builds it around one source: the channel that is set, else the file, else what comes from the broker. */
export function createMeasuring(options: Options): Measuring {
  const { config, plants, worker, store, now } = options;
  const found = config.thingspeak
    ? fromThingSpeak(config.thingspeak, options)
    : config.feedFile === null
      ? fromBroker(options)
      : fromFile(config.feedFile, options);
  const source: Found = { ...found, channel: async () => named(await found.channel(), plants) };
  const plotter = createPlotter({
    feed: source,
    worker,
    settings: () => plants.fields,
    alarmTimes: store.alarmTimes,
    now,
  });
  return { ...source, plotter };
}

/** The channel with the names of the plants file, where that has some. */
function named(channel: Channel, plants: Pick<Plants, "fields">): Channel {
  const fields = channel.fields.map(({ number, label }) => ({
    number,
    label: plants.fields.find(({ field }) => field === number)?.name ?? label,
  }));
  return { ...channel, fields };
}

/** What a source need not do by itself. */
const AT_REST = {
  thingspeak: null,
  topics: () => [],
  take: () => undefined,
  save: async () => undefined,
  stop: () => undefined,
} satisfies Partial<Found>;

function fromThingSpeak(channel: NonNullable<Config["thingspeak"]>, options: Options): Found {
  const { config, worker, database, now, log } = options;
  const { outgoing } = config;
  const parse = (csv: Uint8Array<ArrayBuffer>) => worker.run({ kind: "parse", csv });
  const thingspeak = createThingSpeak({ ...channel, outgoing, now, parse });
  const blocks = createFeedBlocks(database, { channelId: channel.channelId, now });
  const read = createArchive({ read: thingspeak.read, blocks, now, log });
  return { ...AT_REST, ...thingspeak, read, thingspeak };
}

const fromFile = (path: string, { worker, now }: Options): Found => ({
  ...AT_REST,
  ...createFileSource({ path, parse: (csv, linesBefore) => worker.run({ kind: "parse", csv, linesBefore }), now }),
});

const fromBroker = ({ plants, database, now, onUnread }: Options): Found => ({
  ...AT_REST,
  ...createLiveSource({
    fields: () => plants.fields,
    blocks: createFeedBlocks(database, { channelId: LIVE_CHANNEL, now }),
    onUnread,
  }),
});
