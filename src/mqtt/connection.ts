import { Duplex } from "node:stream";
import mqtt, { type MqttClient } from "mqtt";
import type { Outgoing } from "../outgoing.ts";
import type { Flapping } from "./flapping.ts";
import { sieved } from "./sieve.ts";
import { HUNG_UP, troubleOf } from "./trouble.ts";

/** How to reach the broker, and what to ask it for. */
export interface MqttSettings {
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly ca: Buffer | null;
  readonly cert: Buffer | null;
  readonly key: Buffer | null;
  /** What the key is encrypted with. */
  readonly passphrase: string | null;
  readonly minVersion: Outgoing["minVersion"];
  /** Fixed: under this name the broker keeps what we miss. Two programs with one name throw each other out. */
  readonly clientId: string;
  /** Filters of the topics that are kept for us. */
  readonly topics: readonly string[];
  /** Of a longer message only the beginning is kept; left out: what is kept of an alarm. */
  readonly maxPayloadBytes?: number;
}

/** How one link of ours presents itself. */
interface SessionSettings {
  readonly clientId: string;
  /** `false`: the broker keeps subscriptions, and what we miss, under the client id. */
  readonly clean: boolean;
  readonly keepaliveSeconds?: number;
  /** Whether this process may speak to the broker now; asked before each attempt, and before anything is written. */
  readonly mayConnect?: (() => boolean) | undefined;
}

const MAY_NOT = "another process speaks to it";

/** Until flapping.ts says how long to wait; 0 would mean: never again. */
const RECONNECT_MS = 1_000;

/**
 * Makes a client that speaks MQTT 3.1.1 and reconnects for ever. It connects when `connect()` is called: a session that the
 * broker kept delivers right after CONNACK, before listeners that are added later.
 * @param flapping is told of each link, and says when the next is tried
 * @param onTrouble is told what is wrong with the broker, at each attempt
 */
export function createClient(
  settings: MqttSettings,
  { keepaliveSeconds = 20, mayConnect = () => true, ...session }: SessionSettings,
  flapping: Flapping,
  onTrouble: (trouble: string) => void,
): MqttClient {
  const { url, username, password, ca, cert, key, passphrase, minVersion } = settings;
  // mqtt.js hands on all that tls.connect takes, but its types do not tell.
  const tls = { minVersion };
  const client = mqtt.connect(url, {
    ...session,
    protocolVersion: 4,
    reconnectPeriod: RECONNECT_MS,
    // A login refused while the broker is being set up must not end the attempts for ever.
    reconnectOnConnackError: true,
    manualConnect: true,
    // A link that swallows everything is seen after 1.5 times this; mosquitto gives up after the same.
    keepalive: keepaliveSeconds,
    // We subscribe ourselves after each CONNACK, to see what the SUBACK says.
    resubscribe: false,
    // Otherwise mqtt.js makes a buffer of each 16-bit number at its first packet: 10 MB for ever.
    writeCache: false,
    ...tls,
    // mqtt.js hands certificates on to a WebSocket, but not this. Compressed, a few bytes of a broker could become very many.
    wsOptions: { ...tls, perMessageDeflate: false },
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(passphrase === null ? {} : { passphrase }),
  });
  keepWhileAlive(client);
  const open = client["streamBuilder"];
  client["streamBuilder"] = beginAttempt;

  /** Each attempt begins here, the first one and all that follow. */
  function beginAttempt(self: MqttClient): Duplex {
    if (!mayConnect()) return createDeadEnd();
    const stream = gated(open(self) as Duplex, mayConnect);
    const onEndless = (bytes: number): void => {
      tell(`it announces a packet of ${Math.round(bytes / 1e6)} MB that is no message`);
      stream.destroy();
    };
    // mqtt.js has no other place where one sees what comes before it keeps it.
    return sieved(stream, onEndless, settings.maxPayloadBytes);
  }

  /** What an attempt failed of, told already. */
  let trouble: string | null = null;
  let isAnswered = false;
  const tell = (text: string): void => {
    // The first is the cause: what comes after it is that the connection ends.
    if (trouble !== null) return;
    trouble = text;
    onTrouble(text);
  };

  client.on("packetsend", ({ cmd }) => {
    if (cmd !== "connect") return;
    trouble = null;
    isAnswered = false;
    watch(client.stream);
  });
  client.on("packetreceive", () => {
    isAnswered = true;
  });
  client.on("error", (error) => {
    tell(troubleOf(error, settings));
    // What a broker says may be no MQTT at all. mqtt.js says so and reads on, where only a new connection helps.
    client.stream.destroy();
  });
  client.on("connect", () => flapping.up());
  // Before mqtt.js' own listener, which sets the timer of the next try.
  client.prependListener("close", () => {
    client.options.reconnectPeriod = flapping.down();
  });
  client.on("close", () => {
    if (!isAnswered && !client.disconnecting) tell(mayConnect() ? HUNG_UP : MAY_NOT);
  });

  function watch(stream: Duplex): void {
    // mqtt.js keeps errors without a code to itself: what a WebSocket's server answers instead.
    stream.on("error", (error: Error & { code?: string }) => {
      if (error.code === undefined) tell(`it opens no WebSocket: ${error.message}`);
    });
  }
  return client;
}

/** What an attempt gets that may not be made: it ends at once, and nothing leaves this machine. */
function createDeadEnd(): Duplex {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  setImmediate(() => stream.destroy());
  return stream;
}

/** Ends a connection in the place of writing what may not be written any more, a PUBACK and a ping as well. */
function gated(stream: Duplex, mayConnect: () => boolean): Duplex {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]): boolean => {
    if (mayConnect()) return write(...args);
    stream.destroy();
    return false;
  };
  return stream;
}

/**
 * mqtt.js gives up a link whose answer to a ping is late, whatever else comes. In a flood that answer waits behind all that
 * the broker has sent before, and a new link would bring the same flood again: so anything that came since the ping counts.
 */
function keepWhileAlive(client: MqttClient): void {
  let hasReceived = false;
  const giveUp = client.onKeepaliveTimeout.bind(client);
  client.on("packetsend", ({ cmd }) => {
    if (cmd === "pingreq") hasReceived = false;
    if (cmd === "connect") client.stream.on("data", () => (hasReceived = true));
  });
  client.onKeepaliveTimeout = () => {
    if (!hasReceived) return giveUp();
    client.reschedulePing(true);
    client.sendPing();
  };
}
