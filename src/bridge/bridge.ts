import type { OwnMessage } from "../alarms/payloads/own.ts";
import type { PlantMessage } from "../alarms/types.ts";
import type { Clock } from "../lib/time/clock.ts";
import type { Logger } from "../lib/log.ts";
import { type BadMessage, type BridgeStore, type ChannelState, type Queue } from "../store/bridge/types.ts";
import type { ChannelWriter } from "../thingspeak/writer.ts";
import { MAX_RECEIPTS } from "../store/bridge/store.ts";
import { parkedMessage } from "./parked.ts";
import { isCopy, readArrivals, type ArrivalSettings } from "./read-arrivals.ts";
import { createChannelLane, type ChannelKeys, type ChannelLane, type ChannelLaneOptions } from "./channel-lane.ts";
import type { Entry } from "../thingspeak/entry.ts";
import { POINT_FILTER } from "./point-message.ts";

/** How the bridge is to work. */
export interface BridgeSettings extends ArrivalSettings {
  readonly pointEveryMs: number;
  /** Entries in one call at the most. */
  readonly entriesPerCall: number;
}

/** How one channel is doing. */
export interface ChannelStatus extends ChannelState, Queue {
  readonly hasKey: boolean;
}

/** How the bridge is doing. */
export interface BridgeStatus {
  readonly channels: readonly ChannelStatus[];
  /** What could not be taken, kept as it came. */
  readonly bad: { readonly count: number; readonly newest: readonly BadMessage[] };
}

/** Brings what the plant sends for ThingSpeak there: stored first, then in as few calls as ThingSpeak allows. */
export interface Bridge {
  /** The topic filters to listen to; empty: the bridge is off. */
  readonly topics: readonly string[];
  /** Stores messages; resolves when they are on the disk. */
  take(messages: readonly PlantMessage[]): Promise<void>;
  /** Takes up what an earlier run left; also to be called when keys changed. */
  wake(): Promise<void>;
  /** Sends again what is parked. @returns whether the channel was parked */
  resume(channelId: number): Promise<boolean>;
  status(): Promise<BridgeStatus>;
  stop(): Promise<void>;
}

/** ThingSpeak's own bound, on free and paid plans (FACTS: F3). */
const BULK_EVERY_MS = 15_000;
/** Bad messages are told together. */
const TELL_BAD_EVERY_MS = 60_000;
const NEWEST_BAD = 3;

/** Builds the bridge; nothing is sent before `wake`. */
export async function createBridge(options: {
  readonly settings: BridgeSettings;
  readonly keysOf: (channelId: number) => ChannelKeys;
  readonly store: BridgeStore;
  readonly writer: ChannelWriter;
  /** Takes what the admins should know. */
  readonly report: (message: OwnMessage) => Promise<void>;
  /** Is shown each entry that was stored. */
  readonly onEntries?: (entries: readonly Entry[]) => void;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<Bridge> {
  const { settings, keysOf, store, writer, report, onEntries, clock, log } = options;
  const { bulkTopic, point } = settings;
  const lanes = new Map<number, ChannelLane>();
  /** What tells messages that were stored and of which the broker may not know. */
  const receipts = new Set(await store.receipts());
  let untoldBad = 0;
  let toldBadAt = -Infinity;

  const laneOptions: ChannelLaneOptions = {
    store,
    writer,
    keysOf,
    intervals: { bulkMs: BULK_EVERY_MS, pointMs: settings.pointEveryMs },
    entriesPerCall: settings.entriesPerCall,
    onParked: (channelId, problem) => report(parkedMessage(channelId, problem)),
    onLeftOut: (leftOut) => tellBad([leftOut]),
    clock,
    log,
  };

  function laneOf(channelId: number): ChannelLane {
    const lane = lanes.get(channelId) ?? createChannelLane(channelId, laneOptions);
    lanes.set(channelId, lane);
    return lane;
  }

  async function tellBad(bad: readonly BadMessage[]): Promise<void> {
    untoldBad += bad.length;
    const last = bad.at(-1);
    if (last === undefined || clock.now() - toldBadAt < TELL_BAD_EVERY_MS) return;
    const many = untoldBad === 1 ? "A message" : `${untoldBad} messages`;
    const message = `${many} for ThingSpeak could not be read in full (kept as received); the last, on ${last.topic}: ${last.problem}. /bridge tells more`;
    toldBadAt = clock.now();
    untoldBad = 0;
    await report({ id: "bridge: bad messages", message, severity: "warning", state: null, isForAdmins: true });
  }

  return {
    topics: [...(bulkTopic === null ? [] : [`${bulkTopic}/#`]), ...(point === "off" ? [] : [POINT_FILTER])],
    async take(messages) {
      const fresh = messages.filter((message) => !isCopy(message, receipts));
      if (fresh.length === 0) return;
      const arrivals = readArrivals(fresh, settings);
      const placed = await store.take(arrivals);
      for (const receipt of arrivals.receipts) receipts.add(receipt);
      for (const oldest of receipts) {
        if (receipts.size <= MAX_RECEIPTS) break;
        receipts.delete(oldest);
      }
      const channels = new Set([...placed, ...arrivals.points].map(({ channelId }) => channelId));
      for (const channelId of channels) laneOf(channelId).wake();
      onEntries?.([...placed, ...arrivals.points]);
      if (arrivals.bad.length > 0)
        log.warn({ count: arrivals.bad.length, last: arrivals.bad.at(-1)?.problem }, "bridge: bad messages");
      await tellBad(arrivals.bad);
    },
    async wake() {
      for (const { channelId } of await store.channels()) laneOf(channelId).wake();
    },
    async resume(channelId) {
      const state = (await store.channels()).find((one) => one.channelId === channelId);
      if (state === undefined || state.parked === null) return false;
      await laneOf(channelId).resume();
      return true;
    },
    async status() {
      const channels = await Promise.all(
        (await store.channels()).map(async (state) => ({
          ...state,
          ...(await store.queue(state.channelId)),
          hasKey: keysOf(state.channelId).writeKey !== null,
        })),
      );
      return { channels, bad: await store.bad(NEWEST_BAD) };
    },
    async stop() {
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
      writer.stop();
    },
  };
}
