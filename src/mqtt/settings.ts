import type { IClientOptions } from "mqtt";
import { must } from "../lib/must.ts";
import type { Outgoing } from "../lib/outgoing.ts";

/** One broker, and our login there. */
export interface Broker {
  /** Without a password. */
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
}

/** How to reach the brokers, and what to ask them for. */
export interface MqttSettings {
  /** One at least. The first is where we belong; each other one is for while those before it cannot be used. */
  readonly brokers: readonly Broker[];
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

/** Host and port as people know them, without a login. */
export const hostOf = ({ url }: Pick<Broker, "url">): string => new URL(url).host;

/** All of them, as a list. */
export const hostsOf = ({ brokers }: Pick<MqttSettings, "brokers">): string => brokers.map(hostOf).join(", ");

/** A broker that is slow to answer must not keep us from the next one. */
const ONE_OF_MANY_MS = 10_000;
const ONLY_ONE_MS = 30_000;

/** What mqtt.js is to know of all brokers alike. */
export function clientOptions(settings: MqttSettings): IClientOptions {
  const { minVersion, ...identity } = secureOptions(settings);
  // mqtt.js hands on all that tls.connect takes, but its types do not tell.
  const tls = { minVersion };
  return {
    protocolVersion: 4,
    connectTimeout: settings.brokers.length > 1 ? ONE_OF_MANY_MS : ONLY_ONE_MS,
    // A login refused while the broker is being set up must not end the attempts for ever.
    reconnectOnConnackError: true,
    // Otherwise mqtt.js makes a buffer of each 16-bit number at its first packet: 6 MB for ever.
    writeCache: false,
    ...tls,
    // mqtt.js hands certificates on to a WebSocket, but not this. Compressed, a few bytes of a broker could become very many.
    wsOptions: { ...tls, perMessageDeflate: false },
    ...identity,
  };
}

/** Whom TLS trusts, and who we are. */
export function secureOptions({ ca, cert, key, passphrase, minVersion }: MqttSettings) {
  return {
    minVersion,
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(passphrase === null ? {} : { passphrase }),
  };
}

/** How a broker's URL may begin. */
const PROTOCOLS = ["mqtt", "mqtts", "ws", "wss"] as const;

/** What mqtt.js is to know of one broker. All of it is set each time: nothing is to be left of another one's. */
export interface Target {
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly host: string;
  readonly hostname: string;
  readonly port: number | undefined;
  readonly path: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** How mqtt.js gets to one broker. */
export function targetOf({ url, username, password }: Broker): Target {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const isWebSocket = protocol.startsWith("ws");
  const host = isWebSocket ? hostname : hostname.replace(/^\[|\]$/g, "");
  return {
    protocol: must(
      PROTOCOLS.find((name) => `${name}:` === protocol),
      "the protocol of a broker",
    ),
    host,
    hostname: host,
    port: port === "" ? undefined : Number(port),
    path: isWebSocket ? pathname + search : undefined,
    username: username ?? undefined,
    password: password ?? undefined,
  };
}
