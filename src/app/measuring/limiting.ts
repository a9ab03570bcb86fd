import { isDeepStrictEqual } from "node:util";
import type { Audience } from "../../dispatch/audience.ts";
import type { Clock } from "../../lib/time/clock.ts";
import type { Config } from "../../config/config.ts";
import type { Device } from "../../devices/types.ts";
import { memberLimits, type NumberOf } from "../../limits/member-limits.ts";
import { LimitMonitor } from "../../limits/limits.ts";
import type { WatchedSeries } from "../../limits/types.ts";
import { LIMITS_TOPIC } from "../../limits/words.ts";
import type { Logger } from "../../lib/log.ts";
import type { Measuring } from "./measuring.ts";
import type { Plants } from "../../plants/plants.ts";
import { measurementOf } from "../../measurements/measurement.ts";
import type { Recorder } from "../../recorder/recorder.ts";
import { fieldMember, LIVE_DEVICE, meantChannel } from "../../sources/recorded-source.ts";
import type { Field } from "../../measurements/source.ts";
import type { Alarms } from "../../store/alarms/alarms.ts";
import type { Store } from "../../store/store.ts";
import { createTicker, type Ticker } from "../../lib/time/ticker.ts";

/** Compares what comes with the limits of the plants file. */
export interface Limiting extends Pick<LimitMonitor, "take" | "start" | "follow" | "status"> {
  readonly tickers: readonly Ticker[];
  /** Tells what is not told yet. */
  save(): Promise<void>;
}

const TICK_MS = 1_000;
const LOOK_MS = 60_000;
const MEMBERS_MS = 5_000;
/** Of a feed that could not be read for long, so much is looked at. */
const MAX_BEHIND_MS = 24 * 3_600_000;
/** With fewer, nobody can tell how it goes on. */
const FEW = 12;

/** Wires limits: values of topics come by `take`; a channel or a file is read each minute for fields with limits and without a topic. */
export function createLimiting(options: {
  readonly config: Pick<Config, "thingspeak" | "feedFile" | "alarms" | "timeZone">;
  readonly plants: Pick<Plants, "fields" | "devices">;
  /** TwinCAT's devices as they are now. */
  readonly devices: () => readonly Device[];
  readonly numberOf: NumberOf;
  readonly recorder: Pick<Recorder, "read" | "series">;
  readonly measuring: Pick<Measuring, "channel" | "read">;
  readonly store: Pick<Store, "facts" | "heartbeats"> & { readonly alarms: Pick<Alarms, "ofEvent"> };
  readonly audience: Pick<Audience, "take">;
  readonly clock: Clock;
  readonly log: Logger;
}): Limiting {
  const { config, plants, devices, numberOf, recorder, measuring, store, audience, clock, log } = options;
  const { now } = clock;
  const { lateAfterMs } = config.alarms;
  const channelId = config.thingspeak?.channelId ?? null;
  /** As the channel names its fields. */
  let known: readonly Field[] = [];

  const watched = () => plants.fields.filter(({ rules }) => rules.length > 0);

  const ofMembers = (): readonly WatchedSeries[] => memberLimits(devices(), plants.devices, numberOf);
  /** What tells whether members, or their limits, are others. */
  const membersMark = (): string => JSON.stringify(ofMembers());
  let seenMembers = "";

  const ofFields = (): readonly WatchedSeries[] =>
    watched().map(({ field, name, rules }) => {
      const label = name ?? known.find(({ number }) => number === field)?.label ?? `Field ${field}`;
      const measurement = measurementOf({ number: field, label }, plants.fields);
      const devices = [LIVE_DEVICE, meantChannel(recorder, channelId)].filter((device) => device !== null);
      const keys = devices.map((device) => ({ device, member: fieldMember(field) }));
      return { ...measurement, name: fieldMember(field), field, keys, rules };
    });

  const limits = new LimitMonitor({
    series: () => [...ofFields(), ...ofMembers()],
    async read({ keys, field }, startAt, endAt) {
      const recorded = await Promise.all(keys.map((key) => recorder.read(key, startAt, endAt)));
      const enough = recorded.find(({ times }) => times.length >= FEW);
      return enough ?? measuring.read({ field: field ?? 0, startAt, endAt });
    },
    report: audience.take,
    isActive: async (event) => (await store.alarms.ofEvent(event))?.state === "active",
    active: () => store.heartbeats.activeTroubles(LIMITS_TOPIC),
    facts: store.facts,
    lateMs: lateAfterMs,
    timeZone: config.timeZone,
    now,
    log,
  });

  /** Takes what the feed has got since the last time; that the feed cannot be reached is the watchdog's to tell. */
  async function readFeed(field: number): Promise<void> {
    const newestAt = limits.newestAt(fieldMember(field));
    const startAt = newestAt === null ? now() - lateAfterMs : Math.max(newestAt + 1, now() - MAX_BEHIND_MS);
    if (startAt >= now()) return;
    const { times, values, instead } = await measuring.read({ field, startAt, endAt: now() });
    if (instead !== undefined) return;
    const key = { device: LIVE_DEVICE, member: fieldMember(field) };
    for (const [i, at] of times.entries()) limits.take(key, at, values[i]!);
  }

  async function lookAtFeed(): Promise<void> {
    if (watched().length === 0) return;
    const { fields } = await measuring.channel();
    // A channel whose first entries came has other fields than before, too.
    if (!isDeepStrictEqual(fields, known)) {
      known = fields;
      await limits.follow();
    }
    if (config.thingspeak === null && config.feedFile === null) return;
    for (const { field, topic } of watched()) if (topic === null) await readFeed(field);
  }

  /** Devices tell their members, and the limits of these, when they like. */
  async function lookAtMembers(): Promise<void> {
    if (plants.devices.length === 0) return;
    const mark = membersMark();
    if (mark === seenMembers) return;
    seenMembers = mark;
    await limits.follow();
  }

  async function lookAround(): Promise<void> {
    await lookAtFeed().catch((error: unknown) =>
      log.debug({ err: error }, "could not compare the feed with its limits"),
    );
    await limits.tellTrends();
  }

  const save = (): Promise<void> => limits.tick();

  return {
    take: (key, at, value) => limits.take(key, at, value),
    start: () => limits.start(),
    follow: () => limits.follow(),
    status: () => limits.status(),
    tickers: [
      createTicker({ what: "telling of limits", work: save, everyMs: TICK_MS, clock, log }),
      createTicker({ what: "looking for limits of devices", work: lookAtMembers, everyMs: MEMBERS_MS, clock, log }),
      createTicker({ what: "comparing the feed with its limits", work: lookAround, everyMs: LOOK_MS, clock, log }),
    ],
    save,
  };
}
