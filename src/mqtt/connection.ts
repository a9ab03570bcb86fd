import mqtt, { type MqttClient } from "mqtt";

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
  /** Filters of the topics that alarms come by. */
  readonly topics: readonly string[];
}

const RECONNECT_MS = 1_000;

/**
 * Makes a client that speaks MQTT 3.1.1 and reconnects for ever. It connects when `connect()` is called: a session that the
 * broker kept delivers right after CONNACK, before listeners that are added later.
 * @param session.clean `false`: the broker keeps subscriptions, and what we miss, under the client id
 */
export function createClient(
  settings: MqttSettings,
  session: { readonly clientId: string; readonly clean: boolean },
): MqttClient {
  return mqtt.connect(settings.url, {
    ...session,
    protocolVersion: 4,
    reconnectPeriod: RECONNECT_MS,
    // A login refused while the broker is being set up must not end the attempts for ever.
    reconnectOnConnackError: true,
    manualConnect: true,
    // A link that swallows everything is seen after 1.5 times this; mosquitto gives up after the same.
    keepalive: 20,
    // We subscribe ourselves after each CONNACK, to see what the SUBACK says.
    resubscribe: false,
    // Otherwise mqtt.js makes a buffer of each 16-bit number at its first packet: 10 MB for ever.
    writeCache: false,
    ...(settings.username === null ? {} : { username: settings.username }),
    ...(settings.password === null ? {} : { password: settings.password }),
    ...(settings.ca === null ? {} : { ca: settings.ca }),
    ...(settings.cert === null ? {} : { cert: settings.cert }),
    ...(settings.key === null ? {} : { key: settings.key }),
  });
}

/** The one line that says what went wrong: ECONNREFUSED on both address families has no message of its own. */
export function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string | number };
  return message || String(code ?? error);
}
