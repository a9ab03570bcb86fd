import type { PlantMessage } from "../alarms/types.ts";
import type { Logger } from "../lib/log.ts";
import { createLink } from "./connection.ts";
import { createSender, type HangUps } from "./hang-ups.ts";
import { keptTopic } from "./kept-topic.ts";
import type { Publication } from "./publish.ts";
import { hostOf, type Broker, type MqttSettings } from "./settings.ts";
import { payloadOf } from "./sieve.ts";
import { createSubscriber, type Subscriber, type Subscription } from "./subscriber.ts";

/** What is listened to as it passes by, and who listens. */
export interface LiveOptions {
  /** Filters; while there are none, there is no live link. */
  readonly topics: readonly string[];
  /**
   * Takes one message, hundreds a second: it must be quick, and keep nothing of the payload but what it needs.
   * @param place the place of the broker that it came from in the list
   */
  readonly onMessage: (message: PlantMessage, place: number) => void;
}

/** A second link to the broker for what is neither stored nor acknowledged. */
export interface LiveLink {
  start(): void;
  stop(): Promise<void>;
  /** Listens to these topics instead; brings again what is retained on them. */
  listen(topics: readonly string[]): void;
  /** Publishes with QoS 0, once and no more; while there is no connection, nothing. */
  send(publication: Publication): void;
  /** One for each topic; `qos` is `null` while the broker has not granted it on a connection that stands. */
  subscriptions(): readonly Subscription[];
  /** Whether somebody throws it out again and again; see flapping.ts. */
  isContested(): boolean | null;
}

/**
 * After so many messages everything else has its turn. The event loop reads a socket on for as long as more has come, 2 MB at a
 * time: with small messages a hundred thousand of them. What is not read waits at the broker, which drops what is too much.
 */
const MESSAGES_PER_TURN = 200;

/**
 * Opens a link for live topics: QoS 0 and a clean session, under the client id with `-live` behind it. Each new connection
 * brings what is retained again.
 *
 * A link of its own, because of filters that share a topic: a broker may deliver a message with the QoS of any one that
 * matches. With alarms on `plant/#` (QoS 1) and live on `plant/+/speed` (QoS 0), mosquitto 2.0 delivers `plant/pump/speed`
 * with QoS 0, and so keeps none of these alarms while we are away. Nor would a kept session forget live topics that were
 * taken out of the configuration.
 */
export function createLiveLink(
  options: LiveOptions & {
    readonly settings: MqttSettings;
    readonly mayConnect?: (() => boolean) | undefined;
    readonly homeAfterMs?: number | undefined;
    readonly hangUps: HangUps;
    readonly now: () => number;
    readonly log: Logger;
  },
): LiveLink {
  const { settings, mayConnect, homeAfterMs, hangUps, now, log } = options;
  let { topics } = options;
  let subscriptions = noneOf(topics);
  let subscriber = subscriberOf(topics);
  let isStarted = false;
  let isOpen = false;
  let taken = 0;
  const link = createLink({
    settings,
    clientId: `${settings.clientId}-live`,
    clean: true,
    mayConnect,
    homeAfterMs,
    receive(_packet, _stream, done) {
      taken += 1;
      if (taken % MESSAGES_PER_TURN === 0) setImmediate(done);
      else done();
    },
    onTrouble: (reason, broker) => log.warn({ broker: hostOf(broker), reason }, "live broker link"),
    onEnd(broker) {
      sender.ended(hostOf(broker));
      subscriptions = noneOf(topics);
      subscriber.disconnected();
    },
  });
  const { client } = link;
  const host = () => hostOf(settings.brokers[link.at()] as Broker);
  const sender = createSender(link, hangUps, host, () => performance.now());
  client.on("connect", ({ sessionPresent }) => subscriber.connected(client, sessionPresent, link.at()));
  client.on("message", (topic, payload, { retain }) => {
    try {
      options.onMessage(
        { topic: keptTopic(topic), ...payloadOf({ payload }), isRetained: retain, receivedAt: now() },
        link.at(),
      );
    } catch (error) {
      // Thrown on, it would stall mqtt.js, or end the program, for one odd message.
      log.error({ err: error, topic }, "live message not taken");
    }
  });

  function subscriberOf(asked: readonly string[]): Subscriber {
    return createSubscriber({
      topics: asked,
      qos: 0,
      onAnswer(answers) {
        subscriptions = answers;
        const refused = answers.filter(({ qos }) => qos === null).map(({ topic }) => topic);
        if (refused.length > 0) log.warn({ topics: refused }, "live topics refused by the broker");
      },
    });
  }

  function open(): void {
    if (!isStarted || isOpen || topics.length === 0) return;
    isOpen = true;
    client.connect();
  }

  return {
    start() {
      isStarted = true;
      open();
    },
    async stop() {
      isStarted = false;
      subscriber.disconnected();
      if (isOpen) await link.end();
    },
    listen(next) {
      subscriber.disconnected();
      topics = next;
      subscriptions = noneOf(topics);
      subscriber = subscriberOf(topics);
      // The next connection is a clean session: it has these topics only, and what is retained on them.
      if (client.connected) link.drop();
      else open();
    },
    send: sender.send,
    subscriptions: () => subscriptions,
    isContested: link.isContested,
  };
}

const noneOf = (topics: readonly string[]): readonly Subscription[] =>
  topics.map((topic) => ({ topic, qos: null, isLive: true }));
