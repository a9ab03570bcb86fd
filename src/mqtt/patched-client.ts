import type { Duplex } from "node:stream";
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient, type StreamBuilder } from "mqtt";

/** What is done in mqtt.js' place, as it has no option for it. */
export interface Patches {
  /** Opens the connection of an attempt, the first one and all that follow. */
  readonly open: (client: MqttClient) => Duplex;
  /** A link, or an attempt, is over. @returns in how many ms it is tried again; 0 would mean: never */
  readonly closed: () => number;
  /** Takes a message that was published; the next one is read when `done` is called. With an error, mqtt.js sends no PUBACK itself. */
  readonly receive: (packet: IPublishPacket, stream: Duplex, done: (error?: Error) => void) => void;
}

/** The members of mqtt.js' client that are replaced or called here and are no part of what it promises. */
const INSIDE = ["handleMessage", "onKeepaliveTimeout", "reschedulePing", "sendPing"] as const;

/**
 * Makes a client of mqtt.js that works as `patches` say. The only place that knows what mqtt.js looks like inside.
 * @throws Error if this mqtt.js looks different: what we rely on would be gone silently
 */
export function createPatchedClient(options: IClientOptions, patches: Patches): MqttClient {
  // mqtt.js types it after `IStream`, which each stream is that it gets.
  const open: StreamBuilder = (self) => patches.open(self) as ReturnType<StreamBuilder>;
  const client = new mqtt.MqttClient(open, { ...options, manualConnect: true });
  checkInside(client);
  client.handleMessage = (packet, done) => patches.receive(packet, client.stream, done);
  // Before mqtt.js' own listener, which sets the timer of the next try.
  client.prependListener("close", () => {
    client.options.reconnectPeriod = patches.closed();
  });
  keepWhileAlive(client);
  return client;
}

/** Checks that a client has the members that are patched. @throws Error that names those which it has not */
export function checkInside(client: object): void {
  const missing = INSIDE.filter((name) => !(name in client) || typeof Reflect.get(client, name) !== "function");
  if (missing.length === 0) return;
  throw new Error(
    `This mqtt.js has no ${missing.join(", ")}, which Valvomo relies on: install the version that package.json names.`,
  );
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
