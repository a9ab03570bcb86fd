import type { PlantMessage } from "../alarms/types.ts";
import type { Logger } from "../lib/log.ts";
import { createAcknowledger } from "./acknowledger.ts";
import { createLink } from "./connection.ts";
import { createHangUps, createPublisher } from "./hang-ups.ts";
import { createLiveLink, type LiveOptions } from "./live-link.ts";
import type { Publication } from "./publish.ts";
import { hostOf, hostsOf, type Broker, type MqttSettings } from "./settings.ts";
import { createSubscriber, type Subscription } from "./subscriber.ts";

/** A broker that could not be used. */
export interface PassedOver {
  /** Host and port. */
  readonly broker: string;
  /** In words that follow its name. */
  readonly reason: string;
}

/** The broker link as /status shows it. */
export interface MqttStatus {
  readonly isConnected: boolean;
  /** Since when it is up, or down; epoch ms. */
  readonly since: number;
  /** Host and port of the one that we are at, without credentials; of all while we are at none. */
  readonly broker: string;
  /** What went wrong last, at each of them; `null` while all is well. A refused live topic is not counted. */
  readonly error: string | null;
  /** Those that stand before it in the list, and why we are not there. */
  readonly passedOver: readonly PassedOver[];
  /** The topics on which nothing is published for now, as it hangs up on that, each with the reason in words. */
  readonly refusedTopics: ReadonlyMap<string, string>;
  /** Empty until the broker has answered. */
  readonly subscriptions: readonly Subscription[];
  /** Whether others throw us out again and again, as a program with our client id does; see flapping.ts. */
  readonly isContested: boolean | null;
  /** Why what came could not be stored, the last time; `null` since a time that it could. */
  readonly storeError: string | null;
}

/** Brokers that could not be used, each with the reason. */
export const namesOfBrokers = (brokers: readonly PassedOver[]): string =>
  brokers.map(({ broker, reason }) => `${broker} (${reason})`).join(", ");

/** Why a link that is contested does not stand, in words that follow the broker's name. */
export const contestedBy = (clientId: string): string =>
  `it ends each link of ours soon after it came up: does another program use the client id “${clientId}” (MQTT_CLIENT_ID), too?`;

/** A link to the broker that mends itself. */
export interface MqttSession {
  start(): void;
  stop(): Promise<void>;
  status(): MqttStatus;
  /** Takes filters out of the session that the broker keeps. */
  unsubscribe(topics: readonly string[]): Promise<void>;
  /** Changes what is listened to besides alarms; see live-link.ts. */
  listen(topics: readonly string[]): void;
  /** Says something on the link for what is listened to as it passes by; see live-link.ts. */
  send(publication: Publication): void;
  /** Resolves when the broker has it; see publish.ts. */
  publish(publication: Publication): Promise<void>;
}

/**
 * Opens an MQTT 3.1.1 session: QoS 1, fixed client id, kept by the broker while we are away (`clean: false`). The PUBACK for
 * a message goes out only after `store` has resolved for it. If `store` rejects, nothing is acknowledged and the link is
 * dropped, so that the broker sends the messages again.
 * @param options.live what else is listened to, unstored; see live-link.ts
 */
export function createMqttSession(options: {
  readonly settings: MqttSettings;
  readonly store: (messages: readonly PlantMessage[]) => Promise<void>;
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
}): MqttSession {
  const { settings, mayConnect, homeAfterMs, now, log } = options;
  let isStarted = false;
  let isSessionPresent = false;
  /** Whether this connection has all that we ask for: until then, that the broker is there does not say that it knows us still. */
  let isGranted = false;
  let state: Omit<MqttStatus, "broker" | "passedOver" | "refusedTopics" | "isContested"> = {
    isConnected: false,
    since: now(),
    error: null,
    subscriptions: [],
    storeError: null,
  };

  const link = createLink({
    settings,
    clientId: settings.clientId,
    clean: false,
    mayConnect,
    homeAfterMs,
    receive: (packet, stream, done) => acknowledger.receive(packet, stream, done),
    settled: () => acknowledger.settled(),
    onTrouble(reason, broker) {
      log.error({ broker: hostOf(broker), reason }, "broker link");
      if (broker === here()) state = { ...state, error: reason };
    },
    onEnd(broker, isContested) {
      subscriber.disconnected();
      isGranted = false;
      if (!state.isConnected) return;
      const error = isContested ? contestedBy(settings.clientId) : (state.error ?? "connection lost");
      state = { ...state, isConnected: false, since: now(), subscriptions: [], error };
      // Not what `stop` ends.
      if (!client.disconnecting) log.warn({ broker: hostOf(broker), reason: error }, "broker connection lost");
    },
  });
  const { client } = link;
  const hangUps = createHangUps({
    elapsed: () => performance.now(),
    onRefused: (reason) => log.warn({ reason }, "not published"),
  });
  const live = options.live
    ? createLiveLink({ ...options.live, settings, mayConnect, homeAfterMs, hangUps, now, log })
    : null;
  const here = () => settings.brokers[link.at()] as Broker;
  const publish = createPublisher(link, hangUps, () => hostOf(here()));
  const acknowledger = createAcknowledger({
    store: async (messages) => {
      await options.store(messages);
      state = { ...state, storeError: null };
    },
    maxPayloadBytes: settings.maxPayloadBytes,
    now,
    onFailure: (error) => {
      state = { ...state, storeError: error instanceof Error ? error.message : String(error) };
      log.error({ err: error }, "could not store messages; dropping the broker link so that they come again");
      link.drop();
    },
  });
  const subscriber = createSubscriber({
    topics: settings.topics,
    qos: 1,
    ...(options.resubscribeMs === undefined ? {} : { retryMs: options.resubscribeMs }),
    onAnswer(subscriptions) {
      const weak = subscriptions.filter(({ qos }) => qos !== 1).map(({ topic }) => topic);
      const error = weak.length === 0 ? null : `not granted with QoS 1: ${weak.join(", ")}`;
      state = { ...state, subscriptions, error };
      log[error ? "error" : "info"]({ subscriptions }, "subscribed");
      isGranted = error === null;
      if (isGranted) options.onGranted?.(isSessionPresent, link.at());
    },
  });

  client.on("packetreceive", () => {
    if (isGranted) options.onAlive?.();
  });
  client.on("connect", ({ sessionPresent }) => {
    isSessionPresent = sessionPresent;
    state = { ...state, isConnected: true, since: now(), error: null, subscriptions: [] };
    log.info({ broker: hostOf(here()), sessionPresent }, "broker connected");
    subscriber.connected(client, sessionPresent, link.at());
  });
  /** What is known of either link; a calm one says nothing of the other. */
  function isContested(): boolean | null {
    const links = [link.isContested(), ...(live ? [live.isContested()] : [])];
    return links.includes(true) ? true : links[0] === null ? null : false;
  }

  /** Where we are, or why we are nowhere. */
  function whereabouts(): Pick<MqttStatus, "broker" | "error" | "passedOver"> {
    const known = settings.brokers.map((broker, place) => ({
      broker: hostOf(broker),
      reason: link.troubles()[place] ?? "connection lost",
    }));
    if (state.isConnected) return { broker: hostOf(here()), error: state.error, passedOver: known.slice(0, link.at()) };
    const isAlone = known.length === 1 || state.error === null;
    const error = isAlone ? state.error : known.map(({ broker, reason }) => `${broker}: ${reason}`).join("; ");
    return { broker: hostsOf(settings), error, passedOver: [] };
  }

  return {
    start() {
      if (isStarted) return;
      isStarted = true;
      client.connect();
      live?.start();
    },
    async stop() {
      subscriber.disconnected();
      await acknowledger.close();
      // Not waiting for answers that may never come: what was received is acknowledged.
      if (isStarted) await Promise.all([link.end(), live?.stop()]);
    },
    status() {
      const isAnswered = state.subscriptions.length > 0;
      const subscriptions =
        isAnswered && live ? [...state.subscriptions, ...live.subscriptions()] : state.subscriptions;
      const refusedTopics = hangUps.refused(hostOf(here()));
      return { ...state, ...whereabouts(), refusedTopics, subscriptions, isContested: isContested() };
    },
    async unsubscribe(topics) {
      await client.unsubscribeAsync([...topics]);
    },
    listen: (topics) => live?.listen(topics),
    send: (publication) => live?.send(publication),
    publish,
  };
}
