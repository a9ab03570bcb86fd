import { textOfError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { Acknowledger, type StoreMessages } from "./acknowledger.ts";
import { contestedBy, contestedOf, whereaboutsOf, type MqttStatus } from "./broker-status.ts";
import { Link } from "./connection.ts";
import { createHangUps, createPublisher, type HangUps } from "./hang-ups.ts";
import { LiveLink, type LiveOptions } from "./live-link.ts";
import type { Publication } from "./publish.ts";
import { hostOf, type Broker, type MqttSettings } from "./settings.ts";
import { createSubscriber, type Subscriber, type Subscription } from "./subscriber.ts";

/** A link to the broker that mends itself. */
export interface MqttSession {
  start(): void;
  stop(): Promise<void>;
  readonly status: () => MqttStatus;
  /** Takes filters out of the session that the broker keeps. */
  unsubscribe(topics: readonly string[]): Promise<void>;
  /** Changes what is listened to besides alarms; see live-link.ts. */
  listen(topics: readonly string[]): void;
  /** Says something on the link for what is listened to as it passes by; see live-link.ts. */
  send(publication: Publication): void;
  /** Resolves when the broker has it; see publish.ts. */
  readonly publish: (publication: Publication) => Promise<void>;
}

/** What a session is for, and who is told of it. */
interface SessionOptions {
  readonly settings: MqttSettings;
  readonly store: StoreMessages;
  /** What else is listened to, unstored; see live-link.ts. */
  readonly live?: LiveOptions;
  /** A sign of life of the broker. */
  readonly onAlive?: () => void;
  /** The broker at this place of the list granted all our alarm topics; whether it still had our session at this connection. */
  readonly onGranted?: (isSessionPresent: boolean, place: number) => void;
  /**
   * Whether this process may speak to the broker now: asked before each attempt and before anything is written, on the live link as well.
   * While it is false nothing connects, and a link that stands ends before another byte is sent.
   */
  readonly mayConnect?: () => boolean;
  /** While we are at a later broker of the list: when it is looked first whether an earlier one can be had. */
  readonly homeAfterMs?: number;
  /** Between two tries for a topic that was refused. */
  readonly resubscribeMs?: number;
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * Opens an MQTT 3.1.1 session: QoS 1, fixed client id, kept by the broker while we are away (`clean: false`). The PUBACK for
 * a message goes out only after `store` has resolved for it. If `store` rejects, nothing is acknowledged and the link is
 * dropped, so that the broker sends the messages again.
 */
export const createMqttSession = (options: SessionOptions): MqttSession => new KeptSession(options);

class KeptSession implements MqttSession {
  readonly publish: MqttSession["publish"];
  readonly #options: SessionOptions;
  readonly #link: Link;
  readonly #live: LiveLink | null;
  readonly #hangUps: HangUps;
  readonly #acknowledger: Acknowledger;
  readonly #subscriber: Subscriber;
  #isStarted = false;
  #isSessionPresent = false;
  /** Whether this connection has all that we ask for: until then, that the broker is there does not say that it knows us still. */
  #isGranted = false;
  #state: Pick<MqttStatus, "isConnected" | "since" | "error" | "subscriptions" | "storeError">;

  constructor(options: SessionOptions) {
    const { settings, live, mayConnect, homeAfterMs, now, log } = options;
    this.#options = options;
    this.#state = { isConnected: false, since: now(), error: null, subscriptions: [], storeError: null };
    this.#acknowledger = this.#createAcknowledger();
    this.#subscriber = createSubscriber({
      topics: settings.topics,
      qos: 1,
      retryMs: options.resubscribeMs,
      onAnswer: (subscriptions) => this.#answered(subscriptions),
      log,
    });
    this.#link = this.#createLink();
    this.#hangUps = createHangUps({
      elapsed: () => performance.now(),
      onRefused: (reason) => log.warn({ reason }, "not published"),
    });
    const shared = { settings, mayConnect, homeAfterMs, hangUps: this.#hangUps, now, log };
    this.#live = live ? new LiveLink({ ...live, ...shared }) : null;
    this.publish = createPublisher(this.#link, this.#hangUps, () => this.#host());
    this.#link.client.on("packetreceive", () => this.#isGranted && options.onAlive?.());
    this.#link.client.on("connect", ({ sessionPresent }) => this.#connected(sessionPresent));
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#link.client.connect();
    this.#live?.start();
  }

  async stop(): Promise<void> {
    this.#subscriber.disconnected();
    await this.#acknowledger.close();
    // Not waiting for answers that may never come: what was received is acknowledged.
    if (this.#isStarted) await Promise.all([this.#link.end(), this.#live?.stop()]);
  }

  readonly status = (): MqttStatus => {
    const { subscriptions } = this.#state;
    const where = { at: this.#link.at(), troubles: this.#link.troubles() };
    return {
      ...this.#state,
      ...whereaboutsOf(this.#options.settings, where, this.#state),
      refusedTopics: this.#hangUps.refused(this.#host()),
      subscriptions: subscriptions.length > 0 ? [...subscriptions, ...(this.#live?.subscriptions() ?? [])] : [],
      isContested: contestedOf(this.#link.isContested(), this.#live?.isContested() ?? null),
    };
  };

  async unsubscribe(topics: readonly string[]): Promise<void> {
    await this.#link.client.unsubscribeAsync([...topics]);
  }

  listen(topics: readonly string[]): void {
    this.#live?.listen(topics);
  }

  send(publication: Publication): void {
    this.#live?.send(publication);
  }

  #host(): string {
    return hostOf(this.#link.broker());
  }

  #createLink(): Link {
    const { settings, mayConnect, homeAfterMs, log } = this.#options;
    return new Link({
      settings,
      clientId: settings.clientId,
      clean: false,
      mayConnect,
      homeAfterMs,
      receive: (packet, stream, done) => this.#acknowledger.receive(packet, stream, done),
      settled: () => this.#acknowledger.settled(),
      onTrouble: (reason, broker) => {
        log.error({ broker: hostOf(broker), reason }, "broker link");
        if (broker === this.#link.broker()) this.#state = { ...this.#state, error: reason };
      },
      onEnd: (broker, isContested) => this.#ended(broker, isContested),
    });
  }

  #createAcknowledger(): Acknowledger {
    const { settings, store, now, log } = this.#options;
    return new Acknowledger({
      store: async (messages, onTaken) => {
        await store(messages, onTaken);
        this.#state = { ...this.#state, storeError: null };
      },
      maxPayloadBytes: settings.maxPayloadBytes,
      now,
      onFailure: (error) => {
        this.#state = { ...this.#state, storeError: textOfError(error) };
        log.error({ err: error }, "could not store messages; dropping the broker link so that they come again");
        this.#link.drop();
      },
    });
  }

  #connected(isSessionPresent: boolean): void {
    this.#isSessionPresent = isSessionPresent;
    this.#state = { ...this.#state, isConnected: true, since: this.#options.now(), error: null, subscriptions: [] };
    this.#options.log.info({ broker: this.#host(), sessionPresent: isSessionPresent }, "broker connected");
    this.#subscriber.connected(this.#link.client, isSessionPresent, this.#link.at());
  }

  #answered(subscriptions: readonly Subscription[]): void {
    const { log, onGranted } = this.#options;
    const weak = subscriptions.filter(({ qos }) => qos !== 1).map(({ topic }) => topic);
    const error = weak.length === 0 ? null : `not granted with QoS 1: ${weak.join(", ")}`;
    this.#state = { ...this.#state, subscriptions, error };
    log[error ? "error" : "info"]({ subscriptions }, "subscribed");
    this.#isGranted = error === null;
    if (this.#isGranted) onGranted?.(this.#isSessionPresent, this.#link.at());
  }

  #ended(broker: Broker, isContested: boolean): void {
    const { settings, now, log } = this.#options;
    this.#subscriber.disconnected();
    this.#isGranted = false;
    if (!this.#state.isConnected) return;
    const error = isContested ? contestedBy(settings.clientId) : (this.#state.error ?? "connection lost");
    this.#state = { ...this.#state, isConnected: false, since: now(), subscriptions: [], error };
    // Not what `stop` ends.
    if (!this.#link.client.disconnecting) log.warn({ broker: hostOf(broker), reason: error }, "broker connection lost");
  }
}
