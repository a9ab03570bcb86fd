import type { Entry } from "../../thingspeak/entry.ts";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../../lib/log.ts";
import { measured, type DeviceKnowledge } from "../../devices/member-access.ts";
import type { MemberBook } from "../../devices/member-book.ts";
import { fieldSettings } from "../../plants/field-settings.ts";
import type { Plants } from "../../plants/plants.ts";
import { createArchive } from "../../plots/archive.ts";
import type { DigestField } from "../../queries/field-summary.ts";
import { createPlotter, type Plotter } from "../../plots/plotter.ts";
import { createLiveFields, type LiveFields } from "../../measurements/live-fields.ts";
import type { Recorder } from "../../recorder/recorder.ts";
import { withBeginning } from "../../sources/beginning.ts";
import type { FileColumns } from "../../sources/file-columns.ts";
import { createFileSource } from "../../sources/file-source.ts";
import { withFallback } from "../../sources/fallback.ts";
import { channelDevice, createRecordedSource, fieldMember, LIVE_DEVICE } from "../../sources/recorded-source.ts";
import { withMembers, type MemberSource } from "../../sources/member-source.ts";
import type { Channel, Source } from "../../measurements/source.ts";
import type { Database } from "../../store/sql/database.ts";
import { createFeedBlocks } from "../../store/feed-blocks.ts";
import type { Store } from "../../store/store.ts";
import { createThingSpeak, type ThingSpeak } from "../../thingspeak/client.ts";
import type { OnUnread } from "../../measurements/unread.ts";
import type { WorkerPool } from "../../worker/pool.ts";

/** Where numbers come from, and the pictures of them. */
export interface Feed extends Source, MemberSource, LiveFields {
  readonly plotter: Plotter;
  readonly digest: DigestField;
  /** Records what goes to ThingSpeak, each entry at its own time. */
  readonly takeEntries: (entries: readonly Entry[]) => void;
  /** `null`: the numbers come from elsewhere. */
  readonly thingspeak: Pick<ThingSpeak, "latest"> | null;
  /** Closes connections; no call may follow. */
  stop(): void;
}

interface FeedOptions {
  readonly config: Pick<Config, "thingspeak" | "feedFile" | "outgoing">;
  /** What the columns of the file hold; `null`: there is none. */
  readonly fileColumns: Pick<FileColumns, "current"> | null;
  readonly plants: Pick<Plants, "fields" | "heartbeats">;
  readonly recorder: Pick<Recorder, "read" | "latest" | "series" | "beginsAt">;
  /** Takes each value that comes. */
  readonly onValue: Recorder["record"];
  readonly members: MemberBook;
  readonly devices: DeviceKnowledge;
  readonly worker: WorkerPool;
  readonly database: Database;
  readonly store: Pick<Store, "alarms">;
  /** Values from the broker that cannot be read. */
  readonly onUnread: OnUnread;
  readonly now: () => number;
  readonly log: Logger;
}

/** One source, and what goes on around it. */
type Found = Omit<Feed, "plotter" | "digest" | "takeEntries" | keyof LiveFields | keyof MemberSource>;

/**
 * Wires what measures around one source: the channel that is set, else the file, else what is recorded here, which also stands in for a channel
 * that cannot be reached.
 */
export function createFeed(options: FeedOptions): Feed {
  const { config, plants, recorder, members, devices, onValue, worker, store, now, onUnread } = options;
  const isLive = ({ topic }: { readonly topic: string | null }): boolean => topic !== null;
  const recorded = createRecordedSource({
    recorder,
    liveFields: () => plants.fields.filter(isLive).map(({ field }) => field),
    channelId: config.thingspeak?.channelId ?? null,
  });
  const found = config.thingspeak
    ? fromThingSpeak(config.thingspeak, recorded, options)
    : { ...AT_REST, ...(config.feedFile === null ? recorded : fromFile(config.feedFile, options)) };
  const withNames: Found = { ...found, channel: async () => named(await found.channel(), plants) };
  const source = withBeginning(withMembers(withNames, { recorder, numbered: members.numbered }));
  const plotter = createPlotter({
    feed: source,
    worker,
    settings: () => fieldSettings(plants),
    member(number) {
      const stored = members.numbered(number);
      return stored && measured(stored, devices);
    },
    alarmTimes: store.alarms.times,
    now,
  });
  const live = createLiveFields({
    fields: () => plants.fields,
    onValue: (field, at, value) => onValue({ device: LIVE_DEVICE, member: fieldMember(field) }, at, value),
    onUnread,
  });
  return {
    ...source,
    ...live,
    plotter,
    digest: (request) => worker.run({ kind: "digest", request }),
    takeEntries(entries) {
      for (const { channelId, at, cells } of entries) {
        for (const [i, cell] of cells.slice(0, FIELDS).entries()) {
          if (cell === "") continue;
          onValue({ device: channelDevice(channelId), member: fieldMember(i + 1) }, at, Number(cell));
        }
      }
    },
  };
}

/** The channel with the names of the plants file, where that has some. */
function named(channel: Channel, plants: Pick<Plants, "fields">): Channel {
  const fields = channel.fields.map(({ number, label }) => ({
    number,
    label: plants.fields.find(({ field }) => field === number)?.name ?? label,
  }));
  return { ...channel, fields };
}

/** Of a channel. */
const FIELDS = 8;

/** What a source need not do by itself. */
const AT_REST = { thingspeak: null, stop: () => undefined } satisfies Partial<Found>;

function fromThingSpeak(channel: NonNullable<Config["thingspeak"]>, recorded: Source, options: FeedOptions): Found {
  const { config, worker, database, now, log } = options;
  const { outgoing } = config;
  const parse = (csv: Uint8Array<ArrayBuffer>) => worker.run({ kind: "parse", csv });
  const thingspeak = createThingSpeak({ ...channel, outgoing, now, parse });
  const blocks = createFeedBlocks(database, { channelId: channel.channelId, now });
  const read = createArchive({ read: thingspeak.read, blocks, now, log });
  return { ...withFallback({ ...thingspeak, read }, recorded), thingspeak, stop: thingspeak.stop };
}

const fromFile = (path: string, { fileColumns, worker, now }: FeedOptions): Source =>
  createFileSource({
    path,
    parse: (csv, linesBefore, own) => worker.run({ kind: "parse", csv, linesBefore, own }),
    columns: () => fileColumns?.current() ?? null,
    now,
  });
