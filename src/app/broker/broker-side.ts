import { forgottenEvent } from "../../alarms/payloads/own.ts";
import { createBrokerMemory, type BrokerMemory } from "../../health/broker-memory.ts";
import { deviceFilters } from "../../devices/topics.ts";
import { Drill } from "../../engine/drill.ts";
import { during } from "../../lib/main-thread.ts";
import { exposuresOf } from "../../mqtt/exposure.ts";
import { createMqttSession, type MqttSession } from "../../mqtt/session.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { WatchdogSettings } from "../../watchdog/monitors.ts";
import { Watchdog } from "../../watchdog/watchdog.ts";
import { createFilterWatch, type FilterWatch } from "../../health/filter-watch.ts";
import { LoopTest } from "../../health/loop-test.ts";
import { createToMend } from "../../health/to-mend.ts";
import { createLiveValues } from "./live-values.ts";
import type { BrokerSideOptions } from "./options.ts";
import { createOutboxOf } from "./outbox.ts";
import { createWayOfMessage } from "./way-of-message.ts";

/** The broker, and what stands around it: what comes from the broker, what does not come, and what goes back. */
export interface BrokerSide {
  readonly mqtt: MqttSession;
  readonly watchdog: Watchdog;
  readonly outbox: Outbox;
  readonly drill: Drill;
  readonly filterWatch: FilterWatch;
  readonly loopTest: LoopTest;
  /** To be called when the plants file says something else: watches and listens to what it names now. */
  follow(): void;
  /** Keeps what the next run must know. */
  readonly save: () => Promise<void>;
  /** How others may get at the link to the broker, in words. */
  readonly exposures: readonly string[];
  /** Tells the admins of them, and of doubtful settings, once for each, and that one is mended. */
  tellToMend(): Promise<void>;
}

/** Builds the links to broker and webhook around one store. */
export function createBrokerSide(options: BrokerSideOptions): BrokerSide {
  const { config, store, notifier, feed, mayAct, clock, log } = options;
  const { now } = clock;
  // Who looks at the session does so once it is started.
  const session = (): MqttSession => mqtt;
  const watchdog = new Watchdog({
    settings: watchedBy(options),
    store: store.heartbeats,
    clock,
    broker: () => session().status(),
    latest: feed.thingspeak && feed.thingspeak.latest,
    report: notifier.take,
    onUnread: options.onUnread,
    log,
  });
  const liveTopics = (): readonly string[] => [...new Set([...watchdog.liveTopics(), ...feed.topics()])];
  let listensTo = liveTopics().join();
  const { memory, loopTest, filterWatch, drill } = createWatchers(options, session, liveTopics);

  const noteGranted = createGrantNote(options, memory, session);
  const ingest = createWayOfMessage(options, { loopTest, memory, drill, filterWatch, watchdog });
  const onMessage = createLiveValues(options, { loopTest, filterWatch, watchdog, memory });
  const mqtt = createMqttSession({
    settings: config.mqtt,
    store: (received, onTaken) => during("messages of the plant", () => ingest(received, onTaken)),
    live: { topics: liveTopics(), onMessage },
    mayConnect: mayAct,
    onAlive: memory.alive,
    onGranted(isSessionPresent, place) {
      noteGranted(isSessionPresent, place).catch((error: unknown) => {
        log.error({ err: error }, "could not note the broker's session");
      });
      drill.clear().catch((error: unknown) => log.warn({ err: error }, "could not end test alarms of the last run"));
    },
    now,
    log,
  });
  const toMend = createToMend({ exposures: exposuresOf(config.mqtt), notes: config.notes, tell: notifier.tell, log });

  return {
    mqtt,
    watchdog,
    outbox: createOutboxOf(options, mqtt),
    drill,
    filterWatch,
    loopTest,
    follow() {
      const isChanged = watchdog.follow(watchedBy(options));
      if (!isChanged && liveTopics().join() === listensTo) return;
      listensTo = liveTopics().join();
      filterWatch.follow();
      mqtt.listen(liveTopics());
    },
    save: memory.save,
    exposures: toMend.exposures,
    tellToMend: toMend.tell,
  };
}

/** Whom the watchdog waits for. */
const watchedBy = ({ config, plants }: BrokerSideOptions): WatchdogSettings => ({
  heartbeats: plants.heartbeats,
  bridges: plants.bridges,
  deviceFilters: config.twincat.mainTopics.flatMap(deviceFilters),
  liveFilters: config.liveTopics,
  alarmFilters: config.mqtt.topics,
  timeZone: config.timeZone,
});

/** What watches the way from the plant through the broker to us. */
function createWatchers(
  { config, store, notifier, formerClock, clock }: BrokerSideOptions,
  session: () => MqttSession,
  liveTopics: () => readonly string[],
) {
  const { now, after } = clock;
  const { brokers, clientId, topics } = config.mqtt;
  const { keyValue } = store;
  const addresses = brokers.map(({ url }) => url).join(",");
  return {
    memory: createBrokerMemory({
      sessions: brokers.map(({ url }) => `${clientId} at ${url}`),
      topics,
      keyValue,
      now,
      formerClock,
    }),
    loopTest: new LoopTest({
      filters: topics,
      everyMs: config.loopTestMs,
      session: `${clientId} at ${addresses}`,
      mqtt: session,
      keyValue,
      clock,
    }),
    filterWatch: createFilterWatch({
      filters: () => [...new Set([...topics, ...liveTopics()])],
      broker: addresses,
      isConnected: () => session().status().isConnected,
      keyValue,
      tell: notifier.tell,
      now,
      formerClock,
    }),
    drill: new Drill({
      filters: topics,
      publish: (publication) => session().publish(publication),
      alarmOf: store.alarms.ofEvent,
      decisions: store.cards.decisions,
      keyValue,
      now,
      after,
    }),
  };
}

/** What is to be done once the broker has granted what we subscribe to. */
function createGrantNote(
  { notifier, config, log }: BrokerSideOptions,
  memory: BrokerMemory,
  session: () => MqttSession,
) {
  return async (isSessionPresent: boolean, place: number): Promise<void> => {
    const gap = await memory.granted(isSessionPresent, place);
    if (gap) await notifier.take([forgottenEvent(gap, session().status().broker, config.timeZone)]);
    const former = await memory.formerTopics();
    if (former.length === 0) return;
    await session().unsubscribe(former);
    await memory.tidied();
    log.info({ topics: former }, "no longer subscribed");
  };
}
