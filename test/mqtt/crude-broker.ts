import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { generate, parser, type Packet } from "mqtt-packet";
import { onTestFinished } from "vitest";

/** A broker that takes every subscription, and besides does only what a test tells it; it answers no ping. */
export interface CrudeBroker {
  readonly url: string;
  /** What came, over all connections. */
  readonly received: readonly Packet[];
  /** How many there were. */
  connections(): number;
}

/**
 * Starts it, until the end of the test.
 * @param onSubscribed may write to a connection that has subscribed, or has connected if `isEager`
 */
export async function startCrudeBroker(
  onSubscribed: (socket: Socket) => void,
  { isEager = false } = {},
): Promise<CrudeBroker> {
  const received: Packet[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const reader = parser({ protocolVersion: 4 });
    reader.on("packet", (packet: Packet) => {
      received.push(packet);
      if (packet.cmd === "connect") {
        socket.write(generate({ cmd: "connack", returnCode: 0, sessionPresent: false }));
        if (isEager) onSubscribed(socket);
      }
      if (packet.cmd === "subscribe") {
        const granted = packet.subscriptions.map(({ qos }) => qos);
        socket.write(generate({ cmd: "suback", messageId: packet.messageId ?? 1, granted }));
        if (!isEager) onSubscribed(socket);
      }
    });
    socket.on("data", (bytes: Buffer) => void reader.parse(bytes)).on("error", () => undefined);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `mqtt://127.0.0.1:${port}`, received, connections: () => connections };
}

/** The bytes of a message, QoS 0. */
export const messageOf = (topic: string, payload: string | Buffer): Buffer =>
  generate({ cmd: "publish", topic, payload, qos: 0, dup: false, retain: false });
