import type { Config } from "./config.ts";
import type { Logger } from "./log.ts";
import { createArchive, type ReadPeriod } from "./plots/archive.ts";
import type { FieldSetting } from "./plots/measurement.ts";
import { createPlotter, type Plotter } from "./plots/plotter.ts";
import type { Database } from "./store/database.ts";
import { createFeedBlocks } from "./store/feed-blocks.ts";
import type { Store } from "./store/store.ts";
import { createThingSpeak, type ThingSpeak } from "./thingspeak/client.ts";
import type { WorkerPool } from "./worker/pool.ts";

/** The side of the program that measures: the channel, what is kept of its past, and the pictures of it. */
export interface Measuring extends Pick<ThingSpeak, "channel" | "latest" | "fields" | "stop"> {
  /** Reads a period, from what is kept as far as it is. */
  readonly read: ReadPeriod;
  readonly plotter: Plotter;
}

/** Builds it. */
export function createMeasuring(options: {
  readonly channel: NonNullable<Config["thingspeak"]>;
  readonly outgoing: Config["outgoing"];
  readonly worker: WorkerPool;
  readonly database: Database;
  readonly store: Pick<Store, "alarmTimes">;
  readonly settings: () => readonly FieldSetting[];
  readonly now: () => number;
  readonly log: Logger;
}): Measuring {
  const { channel, outgoing, worker, database, store, settings, now, log } = options;
  const thingspeak = createThingSpeak({
    ...channel,
    outgoing,
    now,
    parse: (csv) => worker.run({ kind: "parse", csv }),
  });
  const read = createArchive({
    read: thingspeak.read,
    blocks: createFeedBlocks(database, { channelId: channel.channelId, now }),
    now,
    log,
  });
  const plotter = createPlotter({
    feed: { channel: thingspeak.channel, read },
    worker,
    settings,
    alarmTimes: store.alarmTimes,
    now,
  });
  return {
    channel: thingspeak.channel,
    latest: thingspeak.latest,
    fields: thingspeak.fields,
    stop: thingspeak.stop,
    read,
    plotter,
  };
}
