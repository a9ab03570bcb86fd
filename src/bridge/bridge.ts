import type { OwnMessage } from "../alarms/payloads/own.ts";
import type { PlantMessage } from "../alarms/plant-message.ts";
import type { Clock } from "../lib/time/clock.ts";
import type { Logger } from "../lib/log.ts";
import { type BadMessage, type BridgeStore, type ChannelState, type Queue } from "../store/bridge/types.ts";
import type { ChannelWriter } from "../thingspeak/writer.ts";
import { MAX_RECEIPTS } from "../store/bridge/store.ts";
import { parkedMessage } from "./parked.ts";
import { isCopy, readArrivals, type ArrivalSettings } from "./read-arrivals.ts";
import { ChannelLane, type ChannelKeys, type ChannelLaneOptions } from "./channel-lane.ts";
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

/** ThingSpeak's own bound, on free and paid plans (FACTS: F3). */
const BULK_EVERY_MS = 15_000;
/** Bad messages are told together. */
const TELL_BAD_EVERY_MS = 60_000;
const NEWEST_BAD = 3;

interface BridgeOptions {
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
}

/** Brings what the plant sends for ThingSpeak there: stored first, then in as few calls as ThingSpeak allows. */
export class Bridge {
  /** The topic filters to listen to; empty: the bridge is off. */
  readonly topics: readonly string[];
  readonly #options: BridgeOptions;
  readonly #lanes = new Map<number, ChannelLane>();
  /** What tells messages that were stored and of which the broker may not know. */
  readonly #receipts: Set<string>;
  #untoldBad = 0;
  #toldBadAt = -Infinity;

  private constructor(options: BridgeOptions, receipts: readonly string[]) {
    const { bulkTopic, point } = options.settings;
    this.topics = [...(bulkTopic === null ? [] : [`${bulkTopic}/#`]), ...(point === "off" ? [] : [POINT_FILTER])];
    this.#options = options;
    this.#receipts = new Set(receipts);
  }

  /** Nothing is sent before `wake`. */
  static async open(options: BridgeOptions): Promise<Bridge> {
    return new Bridge(options, await options.store.receipts());
  }

  /** Stores messages; resolves when they are on the disk. */
  async take(messages: readonly PlantMessage[]): Promise<void> {
    const { settings, store, onEntries, log } = this.#options;
    const fresh = messages.filter((message) => !isCopy(message, this.#receipts));
    if (fresh.length === 0) return;
    const arrivals = readArrivals(fresh, settings);
    const placed = await store.take(arrivals);
    this.#noteReceipts(arrivals.receipts);
    const entries = [...placed, ...arrivals.points];
    for (const channelId of new Set(entries.map((entry) => entry.channelId))) this.#laneOf(channelId).wake();
    onEntries?.(entries);
    if (arrivals.bad.length > 0)
      log.warn({ count: arrivals.bad.length, last: arrivals.bad.at(-1)?.problem }, "bridge: bad messages");
    await this.#tellBad(arrivals.bad);
  }

  /** Takes up what an earlier run left; also to be called when keys changed. */
  async wake(): Promise<void> {
    for (const { channelId } of await this.#options.store.channels()) this.#laneOf(channelId).wake();
  }

  /** Sends again what is parked. @returns whether the channel was parked */
  async resume(channelId: number): Promise<boolean> {
    const state = (await this.#options.store.channels()).find((one) => one.channelId === channelId);
    if (state === undefined || state.parked === null) return false;
    await this.#laneOf(channelId).resume();
    return true;
  }

  async status(): Promise<BridgeStatus> {
    const { store, keysOf } = this.#options;
    const channels = await Promise.all(
      (await store.channels()).map(async (state) => ({
        ...state,
        ...(await store.queue(state.channelId)),
        hasKey: keysOf(state.channelId).writeKey !== null,
      })),
    );
    return { channels, bad: await store.bad(NEWEST_BAD) };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()));
    this.#options.writer.stop();
  }

  #laneOf(channelId: number): ChannelLane {
    const lane = this.#lanes.get(channelId) ?? new ChannelLane(channelId, this.#laneOptions());
    this.#lanes.set(channelId, lane);
    return lane;
  }

  #laneOptions(): ChannelLaneOptions {
    const { settings, report } = this.#options;
    return {
      ...this.#options,
      intervals: { bulkMs: BULK_EVERY_MS, pointMs: settings.pointEveryMs },
      entriesPerCall: settings.entriesPerCall,
      onParked: (channelId, problem) => report(parkedMessage(channelId, problem)),
      onLeftOut: (leftOut) => this.#tellBad([leftOut]),
    };
  }

  #noteReceipts(fresh: Iterable<string>): void {
    for (const receipt of fresh) this.#receipts.add(receipt);
    for (const oldest of this.#receipts) {
      if (this.#receipts.size <= MAX_RECEIPTS) break;
      this.#receipts.delete(oldest);
    }
  }

  async #tellBad(bad: readonly BadMessage[]): Promise<void> {
    const { report, clock } = this.#options;
    this.#untoldBad += bad.length;
    const last = bad.at(-1);
    if (last === undefined || clock.now() - this.#toldBadAt < TELL_BAD_EVERY_MS) return;
    const many = this.#untoldBad === 1 ? "A message" : `${this.#untoldBad} messages`;
    const message = `${many} for ThingSpeak could not be read in full (kept as received); the last, on ${last.topic}: ${last.problem}. /bridge tells more`;
    this.#toldBadAt = clock.now();
    this.#untoldBad = 0;
    await report({ id: "bridge: bad messages", message, severity: "warning", state: null, isForAdmins: true });
  }
}
