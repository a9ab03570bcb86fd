import type { PlantMessage } from "../alarms/plant-message.ts";
import type { Logger } from "../lib/log.ts";
import { Link } from "./connection.ts";
import { createSender, type HangUps } from "./hang-ups.ts";
import { keptTopic } from "./kept-topic.ts";
import type { Publication } from "./publish.ts";
import { hostOf, type MqttSettings } from "./settings.ts";
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

/**
 * After so many messages everything else has its turn. The event loop reads a socket on for as long as more has come, 2 MB at a
 * time: with small messages a hundred thousand of them. What is not read waits at the broker, which drops what is too much.
 */
const MESSAGES_PER_TURN = 200;

/** How the link is made, beside what is listened to on it. */
interface LiveLinkOptions extends LiveOptions {
  readonly settings: MqttSettings;
  readonly mayConnect?: (() => boolean) | undefined;
  readonly homeAfterMs?: number | undefined;
  readonly hangUps: HangUps;
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * A second link to the broker for what is neither stored nor acknowledged: QoS 0 and a clean session, under the client id with
 * `-live` behind it. Each new connection brings what is retained again.
 *
 * A link of its own, because of filters that share a topic: a broker may deliver a message with the QoS of any one that
 * matches. With alarms on `plant/#` (QoS 1) and live on `plant/+/speed` (QoS 0), mosquitto 2.0 delivers `plant/pump/speed`
 * with QoS 0, and so keeps none of these alarms while we are away. Nor would a kept session forget live topics that were
 * taken out of the configuration.
 */
export class LiveLink {
  readonly #options: LiveLinkOptions;
  readonly #link: Link;
  readonly #sender: ReturnType<typeof createSender>;
  #topics: readonly string[];
  #subscriptions: readonly Subscription[];
  #subscriber: Subscriber;
  #isStarted = false;
  #isOpen = false;
  #taken = 0;

  constructor(options: LiveLinkOptions) {
    const { settings, mayConnect, homeAfterMs, hangUps, log } = options;
    this.#options = options;
    this.#topics = options.topics;
    this.#subscriptions = noneOf(this.#topics);
    this.#subscriber = this.#createSubscriber();
    this.#link = new Link({
      settings,
      clientId: `${settings.clientId}-live`,
      clean: true,
      mayConnect,
      homeAfterMs,
      receive: (_packet, _stream, done) => this.#receive(done),
      onTrouble: (reason, broker) => log.warn({ broker: hostOf(broker), reason }, "live broker link"),
      onEnd: (broker) => {
        this.#sender.ended(hostOf(broker));
        this.#subscriptions = noneOf(this.#topics);
        this.#subscriber.disconnected();
      },
    });
    this.#sender = createSender(
      this.#link,
      hangUps,
      () => hostOf(this.#link.broker()),
      () => performance.now(),
    );
    const { client } = this.#link;
    client.on("connect", ({ sessionPresent }) => this.#subscriber.connected(client, sessionPresent, this.#link.at()));
    client.on("message", (topic, payload, { retain }) => this.#take(topic, payload, retain));
  }

  start(): void {
    this.#isStarted = true;
    this.#open();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#subscriber.disconnected();
    if (this.#isOpen) await this.#link.end();
  }

  /** Listens to these topics instead; brings again what is retained on them. */
  listen(topics: readonly string[]): void {
    this.#subscriber.disconnected();
    this.#topics = topics;
    this.#subscriptions = noneOf(topics);
    this.#subscriber = this.#createSubscriber();
    // The next connection is a clean session: it has these topics only, and what is retained on them.
    if (this.#link.client.connected) this.#link.drop();
    else this.#open();
  }

  /** Publishes with QoS 0, once and no more; while there is no connection, nothing. */
  send(publication: Publication): void {
    this.#sender.send(publication);
  }

  /** One for each topic; `qos` is `null` while the broker has not granted it on a connection that stands. */
  subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  /** Whether somebody throws it out again and again; see flapping.ts. */
  isContested(): boolean | null {
    return this.#link.isContested();
  }

  #createSubscriber(): Subscriber {
    return createSubscriber({
      topics: this.#topics,
      qos: 0,
      onAnswer: (answers) => {
        this.#subscriptions = answers;
        const refused = answers.filter(({ qos }) => qos === null).map(({ topic }) => topic);
        if (refused.length > 0) this.#options.log.warn({ topics: refused }, "live topics refused by the broker");
      },
      log: this.#options.log,
    });
  }

  #open(): void {
    if (!this.#isStarted || this.#isOpen || this.#topics.length === 0) return;
    this.#isOpen = true;
    this.#link.client.connect();
  }

  #receive(done: () => void): void {
    this.#taken += 1;
    if (this.#taken % MESSAGES_PER_TURN === 0) setImmediate(done);
    else done();
  }

  #take(topic: string, payload: Buffer, isRetained: boolean): void {
    const { onMessage, now, log } = this.#options;
    try {
      const message = { topic: keptTopic(topic), ...payloadOf({ payload }), isRetained, receivedAt: now() };
      onMessage(message, this.#link.at());
    } catch (error) {
      // Thrown on, it would stall mqtt.js, or end the program, for one odd message.
      log.error({ err: error, topic }, "live message not taken");
    }
  }
}

const noneOf = (topics: readonly string[]): readonly Subscription[] =>
  topics.map((topic) => ({ topic, qos: null, isLive: true }));
