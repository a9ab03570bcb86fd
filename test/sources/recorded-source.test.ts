import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, UpstreamError, type UpstreamReason } from "../../src/lib/errors.ts";
import { createRecording } from "../../src/app/measurements/recording.ts";
import { withFallback } from "../../src/sources/fallback.ts";
import { channelDevice, createRecordedSource, LIVE_DEVICE } from "../../src/sources/recorded-source.ts";
import type { Source } from "../../src/measurements/source.ts";
import type { Recorder } from "../../src/recorder/recorder.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { createFeedBlocks, LIVE_CHANNEL } from "../../src/store/feed-blocks.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";
import { openTables } from "../support/store.ts";

const NOW = Date.UTC(2026, 10, 23, 3);
const DAY = 86_400_000;
const ALL = { field: 1, startAt: 0, endAt: NOW * 2 };

let database: Database;
let clock: ManualClock;
let recorder: Recorder;
beforeEach(async () => {
  clock = createManualClock(NOW);
  database = await openTables();
  ({ recorder } = await open());
});
afterEach(() => database.close());

const open = () =>
  createRecording({
    config: { recording: { keepMs: 400 * DAY, maxBytes: 1e9 } },
    database,
    readSpace: async () => ({ usedBytes: 0, logBytes: 0, freeBytes: 1e12, totalBytes: 1e12, maxBytes: 1e9 }),
    clock,
    log: silentLog,
  });
const record = (device: string, field: number, value: number, at = clock.now()): void =>
  recorder.record({ device, member: `field${field}` }, at, value);
const recorded = (channelId: string | null, liveFields: readonly number[] = [1]): Source =>
  createRecordedSource({ recorder, liveFields: () => liveFields, channelId });
const valuesOf = async (source: Source, query = ALL): Promise<number[]> => [...(await source.read(query)).values];

describe("what is recorded, as a source", () => {
  it("has the fields that come on topics, and those of the channel, which has the say where both are", async () => {
    record(LIVE_DEVICE, 1, 20.55);
    expect((await recorded(null, [1, 4]).channel()).fields.map(({ number }) => number)).toEqual([1, 4]);
    expect(await valuesOf(recorded(null))).toEqual([20.55]);
    for (const channel of ["9", null]) {
      record(channelDevice(9), 1, 20.5);
      record(channelDevice(9), 3, 7);
      const source = recorded(channel);
      expect((await source.channel()).fields.map(({ number }) => number)).toEqual([1, 3]);
      expect((await valuesOf(source)).at(-1)).toBe(20.5);
    }
    // Of two channels nobody knows which is meant.
    record(channelDevice(10), 2, 1);
    expect((await recorded(null).channel()).fields.map(({ number }) => number)).toEqual([1]);
  });

  it("has no newest value that came while the clock was ahead", async () => {
    record(LIVE_DEVICE, 1, 99, NOW + 9e9);
    expect(await recorded(null).latest()).toEqual([]);
    record(LIVE_DEVICE, 1, 58, NOW);
    await recorder.save();
    clock.set(NOW + 3_600_000);
    await recorder.save();
    expect(await recorded(null).latest()).toEqual([{ field: 1, label: "Field 1", value: "58", at: NOW }]);
  });

  it("takes over what version 0.1 recorded, once", async () => {
    const former = createFeedBlocks(database, { channelId: LIVE_CHANNEL, now: clock.now });
    const channel = createFeedBlocks(database, { channelId: "9", now: clock.now });
    const blocks = Array.from({ length: 40 }, (_, i) => {
      const startAt = NOW - (40 - i) * 3_600_000;
      return {
        startAt,
        endAt: startAt + 2,
        times: new Float64Array([startAt, startAt + 1]),
        values: new Float64Array([i, 0.5]),
      };
    });
    await former.put(1, blocks, null);
    await channel.put(1, blocks.slice(0, 1), null);
    for (let starts = 0; starts < 2; starts++) {
      ({ recorder } = await open());
      expect(await valuesOf(recorded(null))).toEqual(blocks.flatMap((_, i) => [i, 0.5]));
    }
    expect(await database.all("SELECT channel FROM feed_blocks")).toEqual([{ channel: "9" }]);
  });
});

it("knows whether there was anything before an instant, in blocks and in what is in none yet", async () => {
  const source = recorded("9", []);
  const hasBefore = (at: number) => source.hasBefore({ field: 1, at });
  expect(await hasBefore(NOW)).toBe(false);
  record(channelDevice(9), 1, 5);
  expect([await hasBefore(NOW), await hasBefore(NOW + 1)]).toEqual([false, true]);
  clock.advance(DAY);
  await recorder.save();
  expect([await hasBefore(NOW), await hasBefore(NOW + 1)]).toEqual([false, true]);
});

describe("what stands in for a channel", () => {
  const failing = (error: Error): Source => {
    const fail = async (): Promise<never> => {
      throw error;
    };
    return { channel: fail, read: fail, hasBefore: fail, latest: fail };
  };
  const upstream = (reason: UpstreamReason) => new UpstreamError(reason, reason);

  it.each(["unreachable", "slow", "forbidden", "notFound", "busy", "broken"] as const)(
    "does so when it is %s, and says it",
    async (reason) => {
      record(channelDevice(9), 1, 5);
      const source = withFallback(failing(upstream(reason)), recorded("9", []));
      expect((await source.channel()).fields).toEqual([{ number: 1, label: "Field 1" }]);
      expect(await source.read(ALL)).toMatchObject({ values: new Float64Array([5]), instead: reason });
      expect(await source.latest()).toMatchObject([{ field: 1, value: "5", instead: reason }]);
    },
  );

  it.each([upstream("tooMany"), upstream("malformed"), new ConfigError(["mend it"]), new Error("ours")])(
    "does not hide $message",
    async (error) => {
      record(channelDevice(9), 1, 5);
      const source = withFallback(failing(error), recorded("9", []));
      for (const answer of [source.channel(), source.read(ALL), source.latest()])
        await expect(answer).rejects.toBe(error);
    },
  );

  it("says what is wrong with the channel where nothing is recorded of it", async () => {
    const error = upstream("unreachable");
    const source = withFallback(failing(error), recorded("9", []));
    for (const answer of [source.channel(), source.read(ALL), source.latest()])
      await expect(answer).rejects.toBe(error);
    record(channelDevice(9), 1, 5);
    await expect(source.read({ ...ALL, endAt: NOW - 1 })).rejects.toBe(error);
  });

  it("keeps to the names that the channel had, and stands in for single fields", async () => {
    record(channelDevice(9), 1, 5);
    record(channelDevice(9), 2, 6);
    let isUp = true;
    const fields = [1, 2].map((number) => ({ number, label: `Coil ${number}` }));
    const error = upstream("slow");
    const source = withFallback(
      {
        ...failing(error),
        channel: async () => (isUp ? { name: "Hall", createdAt: 0, fields } : Promise.reject(error)),
        latest: async () => [
          { field: 1, label: "Coil 1", value: "4", at: NOW },
          { field: 2, label: "Coil 2", error },
        ],
      },
      recorded("9", []),
    );
    expect((await source.channel()).name).toBe("Hall");
    isUp = false;
    expect((await source.channel()).fields).toEqual(fields);
    expect(await source.latest()).toMatchObject([{ value: "4" }, { value: "6", instead: "slow" }]);
  });
});
