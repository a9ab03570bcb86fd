import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** A proxy as plants have it: HTTPS goes through its tunnels, and only for who logs in. */
export interface ConnectProxy {
  readonly port: number;
  /** Where tunnels lead, `host:port`, in the order in which they were asked for. */
  readonly tunnels: readonly string[];
  /** How often somebody asked for a tunnel, also in vain. */
  asked(): number;
  /** How often that was without the right login. */
  refusals(): number;
  /** What it answers from now on, instead of a tunnel; `null`: nothing at all; `undefined`: it is well again. */
  spoil(answer: string | null | undefined): void;
  close(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startConnectProxy(user: string, password: string): Promise<ConnectProxy> {
  const login = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const tunnels: string[] = [];
  const sockets = new Set<Duplex>();
  let [asked, refusals] = [0, 0];
  let spoiled: string | null | undefined;
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on("connect", ({ url = "", headers }, client: Duplex) => {
    asked += 1;
    sockets.add(client);
    client.on("error", () => undefined).on("close", () => sockets.delete(client));
    if (spoiled === null) return;
    if (spoiled !== undefined) return void client.end(spoiled);
    if (headers["proxy-authorization"] !== login) {
      refusals += 1;
      return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    }
    tunnels.push(url);
    const upstream = connect(Number(url.split(":")[1]), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    upstream.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    asked: () => asked,
    refusals: () => refusals,
    spoil(answer) {
      spoiled = answer;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
