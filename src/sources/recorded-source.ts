import { TooManyEntries } from "../lib/errors.ts";
import type { Recorder } from "../recorder/recorder.ts";
import { MAX_ENTRIES, type LatestEntry, type Source } from "../measurements/source.ts";

/** The series of fields whose values come on a topic of the plants file. */
export const LIVE_DEVICE = "live";
/** The series of what goes to a channel of ThingSpeak. */
export const channelDevice = (channelId: number | string): string => `channel ${channelId}`;
/** One field of either. */
export const fieldMember = (field: number): string => `field${field}`;

const FIELD = /^field([1-8])$/;

/** The device of a channel, or of the only one that is recorded where none is set (`null`); `null`: there is none, or nobody knows which. */
export function meantChannel(recorder: Pick<Recorder, "series">, channelId: string | null): string | null {
  if (channelId !== null) return channelDevice(channelId);
  const devices = new Set(recorder.series().map(({ device }) => device));
  const channels = [...devices].filter((device) => device.startsWith(channelDevice("")));
  return channels.length === 1 ? (channels[0] ?? null) : null;
}

/**
 * What was recorded here, as the fields of a channel; it begins when the bot does, and has a gap wherever that was away.
 * @param options.liveFields the numbers of those that come on a topic now
 * @param options.channelId whose entries are meant, as they went to ThingSpeak; see `meantChannel`
 */
export function createRecordedSource(options: {
  readonly recorder: Pick<Recorder, "read" | "latest" | "series" | "beginsAt">;
  readonly liveFields: () => readonly number[];
  readonly channelId: string | null;
}): Source {
  const { recorder, liveFields, channelId } = options;

  const channel = (): string | null => meantChannel(recorder, channelId);

  /** What goes to the channel says it as the channel has it; what came on topics is nearly the same. */
  const keysOf = (field: number) =>
    [channel(), ...(liveFields().includes(field) ? [LIVE_DEVICE] : [])]
      .filter((device) => device !== null)
      .map((device) => ({ device, member: fieldMember(field) }));

  function numbers(): readonly number[] {
    const device = channel();
    const sent = recorder
      .series()
      .flatMap((one) => (one.device === device ? (FIELD.exec(one.member) ?? []).slice(1) : []));
    return [...new Set([...liveFields(), ...sent.map(Number)])].toSorted((a, b) => a - b);
  }

  const labelOf = (number: number): string => `Field ${number}`;

  async function latestOf(field: number): Promise<LatestEntry | null> {
    const known = await Promise.all(keysOf(field).map((key) => recorder.latest(key)));
    const [newest] = known.filter((entry) => entry !== null).toSorted((a, b) => b.at - a.at);
    return newest ? { field, label: labelOf(field), value: String(newest.value), at: newest.at } : null;
  }

  return {
    channel: async () => ({
      name: "Recorded values",
      createdAt: null,
      fields: numbers().map((number) => ({ number, label: labelOf(number) })),
    }),
    async read({ field, startAt, endAt }) {
      const all = await Promise.all(keysOf(field).map((key) => recorder.read(key, startAt, endAt)));
      const found = all.find(({ times }) => times.length > 0) ?? {
        times: new Float64Array(),
        values: new Float64Array(),
      };
      if (found.times.length > MAX_ENTRIES) throw new TooManyEntries(MAX_ENTRIES, { startAt, endAt });
      return found;
    },
    async hasBefore({ field, at }) {
      const begins = await Promise.all(keysOf(field).map((key) => recorder.beginsAt(key)));
      return begins.some((beginsAt) => beginsAt !== null && beginsAt < at);
    },
    async latest() {
      return (await Promise.all(numbers().map(latestOf))).filter((entry) => entry !== null);
    },
  };
}
