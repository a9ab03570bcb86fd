import { ownEvent } from "../alarms/payloads/own.ts";
import type { HttpServer } from "../http/server.ts";
import { takeOverMessage } from "../lease/words.ts";
import { VERSION } from "../lib/version.ts";
import { openAlarmSide, type AlarmSide } from "./alarm-side.ts";
import { openChatSide } from "./chat-side.ts";
import { openGround, type Ground, type LaterParts, type Surroundings } from "./ground.ts";
import { createStatusSide } from "./status-side.ts";
import { createLater } from "./later.ts";
import { openMeasurementSide, type MeasurementSide } from "./measurement-side.ts";
import { createBrokerSide, type BrokerSide } from "./broker/broker-side.ts";
import type { Sides } from "./sides.ts";
import { createTickers } from "./tickers.ts";
import { createUpkeep } from "./upkeep.ts";

/** The whole program. What it opened is in the lifecycle that it was given, also where building it failed. */
export interface App {
  start(): Promise<void>;
  /** The lease is nearly over and cannot be renewed: says what is wrong while it may; never rejects. */
  sayLastWords(reason: unknown): Promise<void>;
}

/**
 * Builds every part, in the order in which data flows.
 * @param options.http what is to be had there is the app's from its start on; whoever opened it closes it
 * @throws ConfigError if the plants file or the database cannot be used
 */
export async function createApp(options: Surroundings & { readonly http: HttpServer }): Promise<App> {
  const { http, lease, teardown } = options;
  const later = createLater<LaterParts>();
  const ground = await openGround(options, later);
  const { clock, log, health } = ground;
  const alarms = await openAlarmSide(ground);
  const measurements = await openMeasurementSide(ground, alarms);
  const broker = later.built("broker", createBrokerOf(ground, alarms, measurements));
  teardown.add("what the next run must know", broker.save);
  const upkeep = later.built("upkeep", createUpkeepOf(ground, alarms, broker));
  const statusSide = createStatusSide({ ground, alarms, measurements, broker, upkeep });
  const chat = await openChatSide(ground, alarms, measurements, broker, statusSide.status);
  const tickers = createTickers({ ground, alarms, measurements, broker, upkeep, chat });
  teardown.add("what is fed", broker.watchdog, broker.outbox);
  // No card is begun any more: what waits is shown by the next run.
  teardown.add(
    "what brings and sends",
    broker.mqtt,
    measurements.bridging,
    chat.chat.updates,
    chat.chat,
    chat.dispatcher,
    ...tickers,
  );
  // Devices are told while the broker can still be.
  teardown.add("looking on", measurements.twincat, alarms.comeback);

  return {
    async start() {
      ground.mainThread.start();
      http.serve([...statusSide.routes, ...chat.chat.routes]);
      await takeUp({ ground, alarms, measurements, broker, upkeep, chat });
      broker.outbox.start();
      for (const ticker of tickers) ticker.start();
      await chat.chat.resume(alarms.formerClock);
      chat.chat.updates.start();
      await broker.watchdog.start(alarms.formerClock);
      broker.mqtt.start();
      measurements.bridging.start();
      measurements.twincat.start();
      log.info({ version: VERSION, httpPort: http.port() }, "Valvomo is up");
      const [takeOver, [me]] = [lease.takenOver(), lease.processes()];
      const message = takeOver && me ? takeOverMessage(me, takeOver, ground.config.timeZone) : null;
      if (message !== null) await alarms.notifier.take([ownEvent(message, clock.now())]);
    },
    async sayLastWords(reason) {
      health.failed(reason);
      await upkeep
        .look()
        .catch((error: unknown) => log.warn({ err: error }, "could not tell the admins before this process ends"));
    },
  };
}

/** Takes up what an earlier run left. */
async function takeUp({ ground, alarms, measurements, broker, chat }: Sides): Promise<void> {
  const { olderCopy, log } = ground;
  await alarms.notifier.forgetOthers();
  await alarms.scheduler.start();
  await alarms.notifier.review();
  await measurements.limiting.start(alarms.formerClock);
  await chat.dispatcher.start();
  await broker.tellToMend();
  await olderCopy
    .save()
    .catch((error: unknown) => log.warn({ err: error }, "could not keep which numbers were given out"));
}

function createBrokerOf(
  ground: Ground,
  { store, formerClock, notifier }: AlarmSide,
  { feed, twincat, bridging }: MeasurementSide,
) {
  const { config, plants, dropped, unread, meters, lease, clock, log } = ground;
  return createBrokerSide({
    config,
    plants,
    store,
    formerClock,
    notifier,
    feed,
    dropped,
    devices: twincat.devices,
    onUnread: unread.add,
    isForBridge: bridging.isForBridge,
    mayAct: lease.isHeld,
    onRetry: meters.retriedOut,
    clock,
    log,
  });
}

function createUpkeepOf(ground: Ground, { store, audit, notifier, apiHealth }: AlarmSide, broker: BrokerSide) {
  const { config, database, health, lease, later, clock, log } = ground;
  return createUpkeep({
    config,
    database,
    store,
    audit,
    health,
    links: () => ({
      clientId: config.mqtt.clientId,
      mqtt: broker.mqtt.status(),
      processes: lease.processes(),
      clockAheadMs: clock.aheadMs(),
      loops: broker.loopTest.status(),
      telegram: apiHealth.status(),
      secondPathFailures: broker.outbox.secondPathFailures(),
    }),
    tell: notifier.tell,
    say: (text) => later.get("chat").sayToAdmins(text),
    clock,
    log,
  });
}
