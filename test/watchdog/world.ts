import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach } from "vitest";
import type { BrokerStatus } from "../../src/watchdog/broker-link.ts";
import type { WatchdogSettings } from "../../src/watchdog/monitors.ts";
import { Watchdog } from "../../src/watchdog/watchdog.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { createHeartbeats } from "../../src/store/heartbeats.ts";
import { OWN_ENDS } from "../../src/lib/time/former-clock.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../support/store.ts";
import type { ThingSpeak } from "../../src/thingspeak/client.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { collectingLog } from "../support/log.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DEVICE = "plants/AMB/TcIotCommunicator";
export const BRIDGE = "$SYS/broker/connection/plant.north/state";
/** The bridge that mosquitto tells of there. */
export const NORTH = { name: "plant.north", topic: BRIDGE };

const SETTINGS: WatchdogSettings = {
  heartbeats: [],
  bridges: [],
  deviceFilters: [],
  liveFilters: ["live/#", "plants/#"],
  alarmFilters: ["live/warnings/#", "plants/+/TcIotCommunicator/Messages/+"],
  timeZone: "UTC",
};

/** What a test moves and looks at. */
export const world = {} as {
  clock: ManualClock;
  database: Database;
  store: Store;
  watch: Watchdog;
  status: BrokerStatus;
  /** How often each topic comes, in seconds. */
  plant: Record<string, number>;
  reports: string[];
  /** What was not understood, with its topic. */
  unread: string[];
  /** Whether the store fails. */
  isBroken: boolean;
  log: ReturnType<typeof collectingLog>;
};

/** Makes it anew for each test of a file, and ends it after each. */
export function eachInItsWorld(): void {
  beforeEach(async () => {
    const clock = createManualClock();
    const database = openSqlite(":memory:");
    const store = await openStore(database, { now: clock.now });
    const status = {
      isConnected: true,
      since: clock.now(),
      broker: "broker:8883",
      error: null,
      subscriptions: [{ qos: 0, isLive: true }],
    };
    Object.assign(world, {
      clock,
      database,
      store,
      status,
      plant: {},
      reports: [],
      unread: [],
      isBroken: false,
      log: collectingLog(),
    });
  });
  afterEach(async () => {
    await world.watch.stop();
    await world.database.close();
  });
}

/** Starts the watch, as a new run of the program does; resolves with what it watches. */
export async function open(
  more: Partial<WatchdogSettings> = {},
  latest: ThingSpeak["latest"] | null = null,
  former = OWN_ENDS,
) {
  const settings = { ...SETTINGS, ...more };
  world.watch = new Watchdog({
    settings,
    store: createHeartbeats(world.database),
    clock: world.clock,
    broker: () => world.status,
    latest,
    async report(events) {
      if (world.isBroken) throw new Error("disk full");
      await world.store.record(events);
      world.reports.push(...events.map(({ id, state }) => `${state} ${id?.replace("silence: ", "")}`));
    },
    onUnread: (topic, payload) => void world.unread.push(`${topic}: ${Buffer.from(payload).toString()}`),
    log: world.log.log,
  });
  await world.watch.start(former);
  return settings;
}

/** Ends the program and starts it again. */
export const restart = async (settings: Partial<WatchdogSettings> = {}) => {
  await world.watch.stop();
  world.status = { ...world.status, since: world.clock.now() };
  await open(settings);
};

/** A message comes from the broker. */
export const publish = (topic: string, payload = "1", isRetained = false) =>
  world.watch.take({ topic, payload: Buffer.from(payload), isRetained, receivedAt: world.clock.now() });

/** The broker link goes, or comes back. */
export const link = (isConnected: boolean) => {
  world.status = {
    ...world.status,
    isConnected,
    since: world.clock.now(),
    error: isConnected ? null : "ECONNREFUSED",
    subscriptions: isConnected ? [{ qos: 0, isLive: true }] : [],
  };
};

/** Lets time pass, second by second, with what the plant sends meanwhile. */
export async function pass(ms: number): Promise<void> {
  for (let elapsed = 0; elapsed < ms; elapsed += SECOND) {
    world.clock.advance(SECOND);
    if (world.status.isConnected)
      for (const [topic, every] of Object.entries(world.plant))
        if ((world.clock.now() / SECOND) % every === 0) publish(topic);
    await settle();
  }
}

/** What fell due ends within a few turns: it waits for a database in memory only. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await setImmediate();
}

/** What was reported since it was asked for last. */
export const news = (): string[] => world.reports.splice(0);

/** The ids of our own active alarms. */
export const active = async () => (await createHeartbeats(world.database).activeTroubles()).map(({ id }) => id);
