import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { Logger } from "../log.ts";
import type { PlantMessage } from "../alarms/types.ts";
import { createAcknowledger } from "./acknowledger.ts";

/** How to reach the broker, and what to ask it for. */
export interface MqttSettings {
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly ca: Buffer | null;
  readonly cert: Buffer | null;
  readonly key: Buffer | null;
  /** Fixed: under this name the broker keeps what we miss. Two programs with one name throw each other out. */
  readonly clientId: string;
  readonly topics: readonly string[];
}

/** What the broker said to one topic filter. */
interface Subscription {
  readonly topic: string;
  /** As granted in the SUBACK; 0 loses what is published while we are away, `null` means refused. */
  readonly qos: number | null;
}

/** The broker link as /status shows it. */
export interface MqttStatus {
  readonly isConnected: boolean;
  /** Since when it is up, or down; epoch ms. */
  readonly since: number;
  /** Host and port, without credentials. */
  readonly broker: string;
  /** What went wrong last; `null` while all is well. */
  readonly error: string | null;
  readonly subscriptions: readonly Subscription[];
  /** Why what came could not be stored, the last time; `null` since a time that it could. */
  readonly storeError: string | null;
}

/** A link to the broker that mends itself. */
export interface MqttSession {
  start(): void;
  stop(): Promise<void>;
  status(): MqttStatus;
}

const RECONNECT_MS = 1_000;
/** A refused subscription may be granted once an admin has mended the broker's access list. */
const RESUBSCRIBE_MS = 30_000;

/**
 * Opens an MQTT 3.1.1 session: QoS 1, fixed client id, kept by the broker while we are away (`clean: false`). The PUBACK for
 * a message goes out only after `store` has resolved for it. If `store` rejects, nothing is acknowledged and the link is
 * dropped, so that the broker sends the messages again.
 */
export function createMqttSession(options: {
  readonly settings: MqttSettings;
  readonly store: (messages: readonly PlantMessage[]) => Promise<void>;
  readonly now: () => number;
  readonly log: Logger;
}): MqttSession {
  const { settings, now, log } = options;
  const { host } = new URL(settings.url);
  let client: MqttClient | null = null;
  let resubscribe: NodeJS.Timeout | null = null;
  /** What this run was granted: the broker keeps it with the session. */
  let kept: readonly Subscription[] = [];
  let state: Omit<MqttStatus, "broker"> = {
    isConnected: false,
    since: now(),
    error: null,
    subscriptions: [],
    storeError: null,
  };

  const acknowledger = createAcknowledger({
    store: async (messages) => {
      await options.store(messages);
      state = { ...state, storeError: null };
    },
    now,
    onFailure: (error) => {
      state = { ...state, storeError: messageOf(error) };
      log.error({ err: error }, "could not store messages; dropping the broker link so that they come again");
      client?.stream.destroy();
    },
  });

  /** Asks for what is not granted yet: to ask again for what is would bring all retained messages again. */
  async function subscribe(connection: MqttClient, granted: readonly Subscription[]): Promise<void> {
    const subscriptions = await Promise.all(
      settings.topics.map(
        async (topic) =>
          granted.find((subscription) => subscription.topic === topic) ?? {
            topic,
            qos: await grantedQos(connection, topic),
          },
      ),
    );
    if (!connection.connected) return;
    const strong = subscriptions.filter(({ qos }) => qos === 1);
    const weak = subscriptions.filter(({ qos }) => qos !== 1).map(({ topic }) => topic);
    const error = weak.length === 0 ? null : `not granted with QoS 1: ${weak.join(", ")}`;
    state = { ...state, subscriptions, error };
    kept = strong;
    log[error ? "error" : "info"]({ subscriptions }, "subscribed");
    if (error) resubscribe = setTimeout(() => void subscribe(connection, strong), RESUBSCRIBE_MS).unref();
  }

  function connect(): MqttClient {
    const created = mqtt.connect(settings.url, clientOptions(settings));
    created.handleMessage = (packet, done) => acknowledger.receive(packet, created.stream, done);
    created.on("connect", ({ sessionPresent }) => {
      state = { ...state, isConnected: true, since: now(), error: null, subscriptions: [] };
      log.info({ broker: host, sessionPresent }, "broker connected");
      void subscribe(created, sessionPresent ? kept : []);
    });
    created.on("close", () => {
      if (resubscribe) clearTimeout(resubscribe);
      if (!state.isConnected) return;
      state = {
        ...state,
        isConnected: false,
        since: now(),
        subscriptions: [],
        error: state.error ?? "connection lost",
      };
      log.warn({ broker: host }, "broker connection lost");
    });
    created.on("error", (error) => {
      const message = messageOf(error);
      if (message !== state.error) log.error({ broker: host, reason: message }, "broker link");
      state = { ...state, error: message };
    });
    created.connect();
    return created;
  }

  return {
    start() {
      client ??= connect();
    },
    async stop() {
      if (resubscribe) clearTimeout(resubscribe);
      await acknowledger.settled();
      // Not waiting for answers that may never come: what was received is acknowledged.
      await client?.endAsync(true);
    },
    status: () => ({ ...state, broker: host }),
  };
}

async function grantedQos(client: MqttClient, topic: string): Promise<number | null> {
  try {
    const [grant] = await client.subscribeAsync(topic, { qos: 1 });
    return grant?.qos ?? null;
  } catch {
    // Refused, or the connection went: the next one subscribes again.
    return null;
  }
}

function clientOptions(settings: MqttSettings): IClientOptions {
  return {
    clientId: settings.clientId,
    clean: false,
    protocolVersion: 4,
    reconnectPeriod: RECONNECT_MS,
    // A login refused while the broker is being set up must not end the attempts for ever.
    reconnectOnConnackError: true,
    // A resumed session delivers right after CONNACK, before our listeners exist, unless we connect by hand.
    manualConnect: true,
    // We subscribe ourselves after each CONNACK, to see what the SUBACK says.
    resubscribe: false,
    // Otherwise mqtt.js makes a buffer of each 16-bit number at its first packet: 10 MB for ever.
    writeCache: false,
    ...(settings.username === null ? {} : { username: settings.username }),
    ...(settings.password === null ? {} : { password: settings.password }),
    ...(settings.ca === null ? {} : { ca: settings.ca }),
    ...(settings.cert === null ? {} : { cert: settings.cert }),
    ...(settings.key === null ? {} : { key: settings.key }),
  };
}

/** ECONNREFUSED on both address families arrives as an AggregateError without a message of its own. */
function messageOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string | number };
  return message || String(code ?? error);
}
