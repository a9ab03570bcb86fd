import { must } from "../lib/must.ts";
import { portOf } from "../lib/port-of.ts";
import { createServer, type Socket } from "node:net";
import { Readable } from "node:stream";
import { Aedes, type Client } from "aedes";

/** One message as it passed the broker. */
interface Passed {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** An MQTT broker in this process, on a real socket. */
export interface DemoBroker {
  readonly url: string;
  readonly publish: (message: Passed & { readonly qos: 0 | 1; readonly retain: boolean }) => Promise<void>;
  /** Calls `listener` for each message that fits the filter. */
  listen(filter: string, listener: (message: Passed) => void): Promise<void>;
  /** Hangs up on everybody and takes nobody for so long; sessions wait. */
  pause(forMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts aedes (MQTT 3.1.1, sessions in memory) on a free port of this machine. */
export async function startBroker(): Promise<DemoBroker> {
  const aedes = await Aedes.createBroker();
  tellCopies(aedes);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.once("close", () => sockets.delete(socket)));
    aedes.handle(socket);
  });
  const listenOn = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listenOn(0);
  const port = must(portOf(server), "The port");
  let comeback: NodeJS.Timeout | undefined;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    publish: ({ topic, payload, qos, retain }) =>
      new Promise((resolve, reject) => {
        const packet = { cmd: "publish", topic, payload: Buffer.from(payload), qos, retain, dup: false } as const;
        aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
      }),
    listen: (filter, listener) =>
      new Promise((resolve) => {
        aedes.subscribe(
          filter,
          (packet, done) => {
            listener({ topic: packet.topic, payload: Buffer.from(packet.payload) });
            done();
          },
          resolve,
        );
      }),
    async pause(forMs) {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      comeback = setTimeout(() => void listenOn(port), forMs);
    },
    async stop() {
      clearTimeout(comeback);
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A message that waits for a client; it has a number as soon as it was sent once. */
interface WaitingMessage {
  readonly messageId?: number;
  dup: boolean;
}

/** What aedes keeps, of which its types say nothing. */
interface KeptMessages {
  outgoingStream: (client: Client) => AsyncIterable<WaitingMessage>;
}

/** What was sent before and not acknowledged is a copy, and says so (MQTT 3.1.1, 3.3.1-1): aedes leaves that out. */
function tellCopies(aedes: Aedes): void {
  const kept: KeptMessages = Reflect.get(aedes, "persistence");
  const former = kept.outgoingStream.bind(kept);
  async function* withCopiesTold(client: Client): AsyncGenerator<WaitingMessage> {
    for await (const packet of former(client)) {
      packet.dup = (packet.messageId ?? 0) > 0;
      yield packet;
    }
  }
  kept.outgoingStream = (client) => Readable.from(withCopiesTold(client));
}
