import { UpstreamError } from "../lib/errors.ts";
import { unlessAllFailed } from "../lib/text/partial.ts";
import {
  MAX_ENTRIES,
  type Channel,
  type FailedEntry,
  type Field,
  type LatestEntry,
  type Readings,
  type Source,
} from "../measurements/source.ts";
import { readChannel, readLatest } from "./channel.ts";
import type { FeedPage } from "./feed-page.ts";
import { PAGE_ENTRIES, readPeriod } from "./read-period.ts";
import type { FieldEntries } from "./read-period.ts";
import { createRequester } from "./requester.ts";
import type { RequesterOptions } from "./requester.ts";

/** Labels change when the owner edits the channel's page. */
const CHANNEL_MAX_AGE_MS = 5 * 60_000;

/** Which channel to read, and with what. */
export interface ThingSpeakOptions extends Pick<RequesterOptions, "url" | "readApiKey" | "outgoing" | "now" | "delay"> {
  readonly channelId: string;
  /** Turns a CSV body, which it may take over, into columns; in a worker thread, so that reading never blocks the bot. */
  readonly parse: (csv: Uint8Array<ArrayBuffer>) => Promise<FeedPage>;
  /** For one answer with all its attempts. */
  readonly timeoutMs?: number;
  /** A page of 8000 rows with eight fields has about 1 MB. */
  readonly maxBodyBytes?: number;
  readonly maxEntries?: number;
}

/** A ThingSpeak channel, read only. Every call rejects with an `UpstreamError`, in which the key never appears. */
export interface ThingSpeak extends Source {
  /** The channel's name and its fields with the owner's labels, up to five minutes old. */
  channel(): Promise<Channel>;
  /** The channel's fields; see `channel`. */
  fields(): Promise<readonly Field[]>;
  /**
   * One field from `startAt` to `endAt` (epoch ms, both included), oldest first, each entry once. Entries in which the field
   * is blank or not a number are there as `NaN`.
   * Rejects as `tooMany` when the period holds more than `maxEntries`.
   */
  readonly read: (request: {
    readonly field: number;
    readonly startAt: number;
    readonly endAt: number;
    readonly signal?: AbortSignal;
  }) => Promise<Readings>;
  /** See `Source`. Asked for itself, because range answers may come from a cache. */
  readonly latest: () => Promise<readonly (LatestEntry | FailedEntry)[]>;
  /** Closes idle connections; no call may follow. */
  readonly stop: () => void;
}

/** Makes the client of one channel. Nothing is asked before the first call. */
export function createThingSpeak({
  channelId,
  parse,
  timeoutMs = 15_000,
  maxBodyBytes = 16_000_000,
  maxEntries = MAX_ENTRIES,
  ...options
}: ThingSpeakOptions): ThingSpeak {
  const requester = createRequester({ ...options, timeoutMs, maxBodyBytes });
  const root = `/channels/${encodeURIComponent(channelId)}`;
  const known = new KnownChannel(
    async () => readChannel(await requester.get(`${root}/feeds.json`, { results: "1" })),
    options.now,
  );

  /** `-1` means "no access" or "nothing there" alike, so a refusal is "nothing" here; `latest` tells them apart. */
  async function askLatest({ number, label }: Field): Promise<LatestEntry | FailedEntry | null> {
    try {
      const latest = readLatest(await requester.get(`${root}/fields/${number}/last.json`, {}), number);
      return latest && { field: number, label, ...latest };
    } catch (error) {
      if (error instanceof UpstreamError && error.reason === "forbidden") return null;
      return { field: number, label, error };
    }
  }

  return {
    channel: () => known.read(),
    fields: async () => (await known.read()).fields,
    read({ field, startAt, endAt, signal }) {
      const fetchPage = async (pageStartAt: number, pageEndAt: number): Promise<FieldEntries> => {
        const query = { start: toQueryDate(pageStartAt), end: toQueryDate(pageEndAt), results: String(PAGE_ENTRIES) };
        const page = await parse(await requester.get(`${root}/fields/${field}.csv`, query, signal));
        signal?.throwIfAborted();
        return entriesOf(page, field);
      };
      return readPeriod({ startAt, endAt, maxEntries, fetchPage });
    },
    async hasBefore({ field, at }) {
      const query = { start: FIRST_YEAR, end: toQueryDate(at - 1_000), results: "1" };
      const { times } = await parse(await requester.get(`${root}/fields/${field}.csv`, query));
      return times.length > 0;
    },
    async latest() {
      const { fields } = await known.read();
      const entries = (await Promise.all(fields.map(askLatest))).filter((entry) => entry !== null);
      // The feed refuses a wrong key with certainty: this rejects if that is why there is nothing.
      if (entries.length === 0) await known.ask();
      return unlessAllFailed(entries);
    },
    stop: () => requester.stop(),
  };
}

/** The channel as it was said to be at most five minutes ago. */
class KnownChannel {
  readonly #askNow: () => Promise<Channel>;
  readonly #now: () => number;
  #known: { readonly channel: Channel; readonly at: number } | null = null;
  /** The question under way: those who ask meanwhile share its answer. */
  #asking: Promise<Channel> | null = null;

  constructor(askNow: () => Promise<Channel>, now: () => number) {
    this.#askNow = askNow;
    this.#now = now;
  }

  async read(): Promise<Channel> {
    const known = this.#known;
    return known !== null && this.#now() - known.at < CHANNEL_MAX_AGE_MS ? known.channel : this.ask();
  }

  /** Asks anew, whatever is known. */
  ask(): Promise<Channel> {
    this.#asking ??= this.#askNow()
      .then((channel) => {
        this.#known = { channel, at: this.#now() };
        return channel;
      })
      .finally(() => {
        this.#asking = null;
      });
    return this.#asking;
  }
}

function entriesOf({ entryIds, times, fields }: FeedPage, field: number): FieldEntries {
  const values = fields[field];
  if (values === undefined) throw new UpstreamError("malformed", `the answer has no column field${field}`);
  return { entryIds, times, values };
}

/** ThingSpeak has nothing older. */
const FIRST_YEAR = "2010-01-01 00:00:00";

/** `YYYY-MM-DD HH:NN:SS` in UTC, ThingSpeak's zone when none is named. */
function toQueryDate(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}
