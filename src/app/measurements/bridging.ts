import type { Notifier } from "../../dispatch/notifier.ts";
import { ownEvent } from "../../alarms/payloads/own.ts";
import { Bridge } from "../../bridge/bridge.ts";
import type { ChannelKeys } from "../../bridge/channel-lane.ts";
import type { Entry } from "../../thingspeak/entry.ts";
import type { Clock } from "../../lib/time/clock.ts";
import type { Config } from "../../config/config.ts";
import type { FormerClock } from "../../lib/time/former-clock.ts";
import { spaced } from "../../lib/time/spaced.ts";
import type { Logger } from "../../lib/log.ts";
import { during } from "../../lib/main-thread.ts";
import type { MqttStatus } from "../../mqtt/broker-status.ts";
import { createMqttSession } from "../../mqtt/session.ts";
import type { Plants } from "../../plants/plants.ts";
import { openBridgeStore } from "../../store/bridge/store.ts";
import type { Database } from "../../store/sql/database.ts";
import { createChannelWriter, type WriteResult } from "../../thingspeak/writer.ts";
import { matchesFilter } from "../../lib/text/topic-filter.ts";

/** The cloud side of the program: what the plant sends for ThingSpeak. */
export interface Bridging {
  /** `null`: it is off. */
  readonly bridge: Bridge | null;
  /** Whether what comes on a topic is for the bridge. */
  readonly isForBridge: (topic: string) => boolean;
  /** How its own link to the broker is; `null`: it is off. */
  mqtt(): MqttStatus | null;
  /** To be called when the plants file says something else. */
  follow(): void;
  start(): void;
  stop(): Promise<void>;
}

/** The keys that stand in the plants file. */
export const keysIn = ({ channels }: Pick<Plants, "channels">): readonly string[] =>
  channels.flatMap(({ writeKey, readKey }) => [writeKey, readKey]).filter((key) => key !== null);

/**
 * A flood of measurements is stored in so few commits that an alarm's, which share the disk with them, wait for none as a rule. A broker that
 * hands out twenty at a time (mosquitto's default) still brings two thousand a second.
 */
const TAKE_EVERY_MS = 10;
/** 14,400 entries of the plant, twice over. */
const MAX_PAYLOAD_BYTES = 4_000_000;

/**
 * Wires the way to ThingSpeak, with a session of its own at the broker: what waits there for ThingSpeak, hours of it after an outage, neither stands
 * before an alarm nor takes its place in the broker's queue.
 */
export async function createBridging(options: {
  readonly config: Config;
  readonly plants: Pick<Plants, "channels">;
  readonly database: Database;
  readonly notifier: Pick<Notifier, "take" | "tell">;
  /** Is shown each entry that came. */
  readonly onEntries: (entries: readonly Entry[]) => void;
  /** Whether this process may speak to broker and ThingSpeak, of several that share a database. */
  readonly mayAct: () => boolean;
  /** To be told that ThingSpeak did not take a call, or did not say so, and that it is made again. */
  readonly onRetry: (why: "later" | "unknown") => void;
  readonly clock: Clock;
  /** By what the run before noted what it left. */
  readonly formerClock: FormerClock;
  readonly log: Logger;
}): Promise<Bridging> {
  const { config, plants, database, notifier, onEntries, mayAct, onRetry, clock, formerClock, log } = options;
  const { url: _url, writeApiKey: _key, userApiKey: _user, ...settings } = config.bridge;

  if (settings.bulkTopic === null && settings.point === "off") return OFF;
  const bridge = await Bridge.open({
    settings,
    keysOf: keysBy(config, plants),
    onEntries,
    store: await openBridgeStore(database, clock.now, formerClock),
    writer: countedWriter(config, mayAct, onRetry),
    report: (message) =>
      message.state === null ? notifier.take([ownEvent(message, clock.now())]) : notifier.tell(message),
    clock,
    log,
  });
  const session = createMqttSession({
    settings: {
      ...config.mqtt,
      clientId: `${config.mqtt.clientId}-bridge`,
      topics: bridge.topics,
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
    },
    store: spaced((messages) => during("messages for ThingSpeak", () => bridge.take(messages)), TAKE_EVERY_MS, clock),
    mayConnect: mayAct,
    now: clock.now,
    log: log.child({ link: "bridge" }),
  });
  const wake = (): void =>
    void bridge.wake().catch((error: unknown) => log.error({ err: error }, "bridge: could not look at what waits"));

  return {
    bridge,
    isForBridge: (topic) => bridge.topics.some((filter) => matchesFilter(filter, topic)),
    mqtt: session.status,
    follow: wake,
    start() {
      session.start();
      wake();
    },
    async stop() {
      await session.stop();
      await bridge.stop();
    },
  };
}

/** Nothing is handed on. */
const OFF: Bridging = {
  bridge: null,
  isForBridge: () => false,
  mqtt: () => null,
  follow: () => undefined,
  start: () => undefined,
  stop: async () => undefined,
};

/** The keys of a channel, by the plants file; those of the settings for the channel that they name. */
function keysBy({ bridge, thingspeak }: Config, plants: Pick<Plants, "channels">): (channelId: number) => ChannelKeys {
  return (channelId) => {
    const named = plants.channels.find(({ channel }) => channel === channelId);
    const isOurs = bridge.channelId === channelId;
    return {
      channelId,
      writeKey: named?.writeKey ?? (isOurs ? bridge.writeApiKey : null),
      readKey: named?.readKey ?? (isOurs ? (thingspeak?.readApiKey ?? null) : null),
    };
  };
}

/** Writes to ThingSpeak, and tells of each call that is to be made again. */
function countedWriter(
  { bridge, outgoing }: Config,
  mayWrite: () => boolean,
  onRetry: (why: "later" | "unknown") => void,
): ReturnType<typeof createChannelWriter> {
  const writer = createChannelWriter({ url: bridge.url, outgoing, mayWrite });
  function counted(result: WriteResult): WriteResult {
    if (result.kind === "later" || result.kind === "unknown") onRetry(result.kind);
    return result;
  }
  return {
    ...writer,
    update: async (...call) => counted(await writer.update(...call)),
    bulk: async (...call) => counted(await writer.bulk(...call)),
  };
}
