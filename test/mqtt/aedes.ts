import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Aedes, type AedesOptions } from "aedes";

/** A broker in this process whose answers a test decides. */
export interface AedesBroker {
  readonly url: string;
  readonly aedes: Aedes;
  /** Ends all connections at once, without a word. */
  cut(): void;
  remove(): Promise<void>;
}

/** Starts aedes on a free port. */
export async function startAedes(options: AedesOptions = {}): Promise<AedesBroker> {
  const aedes = await Aedes.createBroker(options);
  const server = createServer(aedes.handle).listen(0, "127.0.0.1");
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    aedes,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    remove: () => new Promise<void>((resolve) => aedes.close(() => server.close(() => resolve()))),
  };
}
