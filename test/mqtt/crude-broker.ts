import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { generate, parser, type Packet } from "mqtt-packet";
import { endLater } from "./opened.ts";

/** A broker on a socket that does only what a test tells it. */
export interface CrudeBroker {
  readonly url: string;
  /** What came, over all connections. */
  readonly received: readonly Packet[];
  /** How often somebody connected, with or without a word. */
  connections(): number;
  /** How often somebody logged in. */
  readonly logins: () => number;
  /** Ends all connections. */
  hangUp(): void;
}

/** What it does about a packet. */
export type Answer = (packet: Packet, socket: Socket) => void;

export const CONNACK = generate({ cmd: "connack", returnCode: 0, sessionPresent: false });

/** Starts it, until the end of the test. */
export async function startCrudeBroker(answer: Answer): Promise<CrudeBroker> {
  const received: Packet[] = [];
  let connections = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    const incoming = parser();
    incoming.on("packet", (packet: Packet) => {
      received.push(packet);
      answer(packet, socket);
    });
    socket.on("data", (chunk: Buffer) => void incoming.parse(chunk)).on("error", () => undefined);
  });
  const hangUp = (): void => open.forEach((socket) => socket.destroy());
  endLater({
    remove() {
      hangUp();
      server.close();
    },
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    connections: () => connections,
    hangUp,
    logins: () => received.filter(({ cmd }) => cmd === "connect").length,
  };
}

/** Lets in whoever asks, grants what they ask for, and then does something about it. */
export const granting =
  (then: (socket: Socket) => void): Answer =>
  (packet, socket) => {
    if (packet.cmd === "connect") socket.write(CONNACK);
    if (packet.cmd !== "subscribe") return;
    const granted = packet.subscriptions.map(({ qos }) => qos);
    socket.write(generate({ cmd: "suback", messageId: packet.messageId ?? 0, granted }));
    then(socket);
  };

/** The bytes of a message; with a number it has QoS 1. */
export const messageOf = (topic: string, payload: string | Buffer, messageId?: number): Buffer =>
  generate({
    cmd: "publish",
    topic,
    payload,
    qos: messageId === undefined ? 0 : 1,
    dup: false,
    retain: false,
    ...(messageId === undefined ? {} : { messageId }),
  });
