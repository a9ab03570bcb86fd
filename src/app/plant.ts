import type { AlarmEvent } from "../alarms/event.ts";
import { decode } from "../alarms/payloads/decode.ts";
import { forgottenEvent, ownEvent, unreadMessage } from "../alarms/payloads/own.ts";
import { isOwnAnswer } from "../alarms/payloads/plant-answer.ts";
import type { PlantMessage } from "../alarms/types.ts";
import type { Audience } from "../dispatch/audience.ts";
import { createBrokerMemory } from "../health/broker-memory.ts";
import type { Clock } from "../lib/time/clock.ts";
import type { Config } from "../config/config.ts";
import type { Devices } from "../devices/devices.ts";
import { deviceFilters } from "../devices/topics.ts";
import { Drill } from "../engine/drill.ts";
import type { Dropped } from "../health/dropped.ts";
import { createIngest, createRaw, observed, read, recorded, sifted } from "../engine/ingest.ts";
import { during } from "../lib/main-thread.ts";
import type { Logger } from "../lib/log.ts";
import type { Measuring } from "./measuring/measuring.ts";
import { exposuresOf } from "../mqtt/exposure.ts";
import { createMqttSession, type MqttSession } from "../mqtt/session.ts";
import { createOutbox, type Outbox } from "../outbox/outbox.ts";
import { createWebhook } from "../outbox/webhook.ts";
import type { Plants } from "../plants/plants.ts";
import type { SilenceSettings } from "../watchdog/senses.ts";
import type { OnUnread } from "../measurements/unread.ts";
import { SilenceWatch } from "../watchdog/watch.ts";
import { isStorageFailure } from "../store/sql/failure.ts";
import type { OutboxKind } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import { createFilterWatch, type FilterWatch } from "../health/filter-watch.ts";
import { createLoopTest, type LoopTest } from "../health/loop-test.ts";
import { createToMend } from "../health/to-mend.ts";

/** The plant side of the program: what comes from the broker, what does not come, and what goes back. */
export interface Plant {
  readonly mqtt: MqttSession;
  readonly silence: SilenceWatch;
  readonly outbox: Outbox;
  readonly drill: Drill;
  readonly filterWatch: FilterWatch;
  readonly loopTest: LoopTest;
  /** To be called when the plants file says something else: watches and listens to what it names now. */
  follow(): void;
  /** Keeps what the next run must know. */
  save(): Promise<void>;
  /** How others may get at the link to the broker, in words. */
  readonly exposures: readonly string[];
  /** Tells the admins of them, and of doubtful settings, once for each, and that one is mended. */
  tellToMend(): Promise<void>;
}

/**
 * Where mosquitto says, since its start and for all its clients, how many messages it dropped because a queue was full; listened
 * to if `MQTT_LIVE_TOPICS` names it, as some brokers hang up on who asks for what they do not know. See mosquitto(8).
 */
const BROKER_DROPS = "$SYS/broker/publish/messages/dropped";

/** Builds the links to broker and webhook around one store. */
export function createPlant(options: {
  readonly config: Config;
  readonly plants: Plants;
  readonly store: Pick<Store, "alarms" | "cards" | "facts" | "heartbeats" | "outbox">;
  readonly audience: Pick<Audience, "take" | "tell">;
  readonly measuring: Pick<Measuring, "thingspeak" | "topics" | "take">;
  readonly devices: Pick<Devices, "take">;
  readonly dropped: Pick<Dropped, "add">;
  readonly onUnread: OnUnread;
  /** Whether what comes on a topic is for ThingSpeak, and no alarm whatever filters say. */
  readonly isForBridge: (topic: string) => boolean;
  /** Whether this process may speak to broker and webhook, of several that share a database. */
  readonly mayAct: () => boolean;
  /** To be told that something that goes out was not sent, and will be tried again. */
  readonly onRetry: (kind: OutboxKind) => void;
  readonly clock: Clock;
  readonly log: Logger;
}): Plant {
  const { config, plants, store, audience, measuring, devices, dropped, isForBridge, mayAct, clock, log } = options;
  const { now } = clock;
  const answers = { suffix: config.ackSuffix };

  const watched = (): SilenceSettings => ({
    heartbeats: plants.heartbeats,
    bridges: plants.bridges,
    deviceFilters: config.twincat.mainTopics.flatMap(deviceFilters),
    liveFilters: config.liveTopics,
    alarmFilters: config.mqtt.topics,
    timeZone: config.timeZone,
  });
  const silence = new SilenceWatch({
    settings: watched(),
    store: store.heartbeats,
    clock,
    broker: () => mqtt.status(),
    latest: measuring.thingspeak && measuring.thingspeak.latest,
    report: audience.take,
    onUnread: options.onUnread,
    log,
  });
  const liveTopics = (): readonly string[] => [...new Set([...silence.liveTopics(), ...measuring.topics()])];
  let listensTo = liveTopics().join();
  const { brokers, clientId } = config.mqtt;
  const addresses = brokers.map(({ url }) => url).join(",");
  const memory = createBrokerMemory({
    sessions: brokers.map(({ url }) => `${clientId} at ${url}`),
    topics: config.mqtt.topics,
    facts: store.facts,
    now,
  });

  const loopTest = createLoopTest({
    filters: config.mqtt.topics,
    everyMs: config.loopTestMs,
    session: `${clientId} at ${addresses}`,
    mqtt: () => mqtt,
    facts: store.facts,
    clock,
  });

  async function noteGranted(isSessionPresent: boolean, place: number): Promise<void> {
    const gap = await memory.granted(isSessionPresent, place);
    if (gap) await audience.take([forgottenEvent(gap, mqtt.status().broker, config.timeZone)]);
    const former = await memory.formerTopics();
    if (former.length === 0) return;
    await mqtt.unsubscribe(former);
    await memory.tidied();
    log.info({ topics: former }, "no longer subscribed");
  }

  const filterWatch = createFilterWatch({
    filters: () => [...new Set([...config.mqtt.topics, ...liveTopics()])],
    broker: addresses,
    isConnected: () => mqtt.status().isConnected,
    facts: store.facts,
    tell: audience.tell,
    now,
  });

  /** What one value does to our own code must not end the program. */
  function takeLive(message: PlantMessage, place: number): void {
    try {
      if (!loopTest.isOwn(message.topic)) during("a live value", () => readLive(message, place));
    } catch (error) {
      log.error({ err: error, topic: message.topic }, "could not read a live value: left out");
    }
  }

  function readLive(message: PlantMessage, place: number): void {
    filterWatch.take(message.topic);
    const total = message.topic === BROKER_DROPS ? Buffer.from(message.payload).toString() : null;
    // No sign of life: it is said when it changes.
    if (total === null) {
      silence.beat(message);
      measuring.take(message);
      if (config.twincat.mainTopics.some((main) => message.topic.startsWith(`${main}/`))) devices.take(message);
      return;
    }
    if (!/^\d{1,15}$/.test(total)) return;
    memory.dropped(Number(total), place).then(
      (count) => count > 0 && dropped.add("broker", count),
      (error: unknown) => log.error({ err: error }, "could not note what the broker dropped"),
    );
  }

  const raw = createRaw(
    (topic, error) =>
      void audience
        .take([ownEvent(unreadMessage(topic, error), now())])
        .catch((failure: unknown) => log.error({ err: failure }, "could not tell of a message that was stored raw")),
    log,
  );

  function countCut(messages: readonly PlantMessage[]): readonly PlantMessage[] {
    const cut = messages.filter(({ cutFrom }) => cutFrom !== undefined).length;
    if (cut > 0) dropped.add("cut", cut);
    return messages;
  }

  async function markFound(messages: readonly PlantMessage[]): Promise<readonly PlantMessage[]> {
    const isFound = messages.some(({ isRetained }) => isRetained) && (await memory.isFirstTime());
    return messages.map((message) => (isFound && message.isRetained ? { ...message, isFound } : message));
  }

  const decodeAlarm = (message: PlantMessage): readonly AlarmEvent[] =>
    isOwnAnswer(message, answers) || isForBridge(message.topic)
      ? []
      : decode(message, { plcTimeZone: config.alarms.twincatTimeZone, severities: plants.severities });

  /** The way of a message that may be an alarm. */
  const ingest = createIngest([
    sifted(loopTest.sift),
    sifted(countCut),
    sifted(markFound),
    read(decodeAlarm, raw),
    recorded(audience.take, isStorageFailure, raw),
    observed(
      [
        (_, events) => drill.stored(events),
        (_, events) => events.forEach((event) => drill.isTest(event) || filterWatch.take(event.topic)),
        (messages) => messages.forEach((message) => silence.beat(message)),
      ],
      log,
    ),
  ]);

  const mqtt = createMqttSession({
    settings: config.mqtt,
    store: (received) => during("messages of the plant", () => ingest(received)),
    live: { topics: liveTopics(), onMessage: takeLive },
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
  const drill = new Drill({
    filters: config.mqtt.topics,
    publish: mqtt.publish,
    alarmOf: store.alarms.ofEvent,
    decisions: store.cards.decisions,
    facts: store.facts,
    now,
    after: clock.after,
  });
  const { topic, url } = config.secondPath;
  async function dropUnset(): Promise<null> {
    log.warn("dropped what waited for a second path that is no longer set");
    return null;
  }
  async function say(where: string, payload: string, isRetained: boolean): Promise<null> {
    await mqtt.publish({ topic: where, payload, isRetained });
    return null;
  }
  const outbox = createOutbox({
    store: store.outbox,
    refused: () => mqtt.status().refusedTopics,
    maySend: mayAct,
    onRetry: options.onRetry,
    clock,
    log,
    send: {
      mqtt: ({ target, payload, isRetained }) => say(target, payload, isRetained),
      secondTopic: topic === null ? dropUnset : ({ payload }) => say(topic, payload, false),
      secondUrl: url === null ? dropUnset : createWebhook({ url, outgoing: config.outgoing }),
    },
  });
  const toMend = createToMend({ exposures: exposuresOf(config.mqtt), notes: config.notes, tell: audience.tell, log });

  return {
    mqtt,
    silence,
    outbox,
    drill,
    filterWatch,
    loopTest,
    follow() {
      const isChanged = silence.follow(watched());
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
