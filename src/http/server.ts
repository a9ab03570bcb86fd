import { portOf } from "../lib/port-of.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ConfigError } from "../lib/errors.ts";
import { maxOpenFiles, spareConnections } from "../lib/open-files.ts";
import type { Logger } from "../lib/log.ts";
import { during } from "../lib/main-thread.ts";
import { http } from "../lib/node-http.ts";

/** The program's own port. */
export interface HttpServer {
  /**
   * @returns the port it listens on
   * @throws ConfigError if it may not listen there
   */
  start(): Promise<number>;
  /** What is to be had from now on, in the place of what was before. */
  serve(routes: readonly HttpRoute[]): void;
  /** Where it listens, once it does. */
  port(): number;
  stop(): Promise<void>;
}

/** What is to be had at one path. */
export interface HttpRoute {
  readonly path: string;
  /** Ends the response; if it rejects, that is a 500. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** Nothing here is a page, and nothing is to be kept. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

/** Far more than Telegram, a monitor and an admin need; whoever is slow or sends without end makes room for others. */
const LIMITS = { maxHeaderSize: 8_192, headersTimeout: 3_000, requestTimeout: 15_000, keepAliveTimeout: 10_000 };
/** How often Node looks who is too slow. */
const CHECK_MS = 1_000;
const IDLE_MS = 30_000;
const MAX_CONNECTIONS = 200;
/** Telegram delivers by 40 at a time, through one proxy: https://core.telegram.org/bots/api#setwebhook */
const MAX_PER_ADDRESS = 50;

/**
 * Serves some paths, and nothing else; until `serve` none.
 * @param options.host the address to listen on; `null`: all of this machine
 * @param options.port 0 picks a free one
 */
export function createHttpServer(options: {
  readonly host: string | null;
  readonly port: number;
  readonly log: Logger;
}): HttpServer {
  let routes: ReadonlyMap<string, HttpRoute> = new Map();
  const server = http.createServer({ ...LIMITS, connectionsCheckingInterval: CHECK_MS }, (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const route = routes.get(path);
    if (route === undefined) return void response.writeHead(404).end();
    during(`a request of ${path}`, () => route.handle(request, response)).catch((error: unknown) => {
      // Who asked is gone.
      if (response.destroyed) return;
      options.log.error({ err: error, path }, "a request was not answered");
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  // Who asks here is not to take what alarms need.
  server.maxConnections = spareConnections(MAX_CONNECTIONS, maxOpenFiles());
  server.setTimeout(IDLE_MS);
  server.on("connection", boundByAddress());
  return {
    serve(served) {
      routes = new Map(served.map((route) => [route.path, route]));
    },
    port: () => portOf(server) ?? options.port,
    start: () =>
      new Promise((resolve, reject) => {
        server.once("error", (error: NodeJS.ErrnoException) => reject(refusalOf(error, options)));
        server.listen({ port: options.port, ...(options.host === null ? {} : { host: options.host }) }, () =>
          resolve(portOf(server) ?? options.port),
        );
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Hangs up on an address that has its share already, so that nobody takes all connections. */
function boundByAddress(): (socket: Socket) => void {
  const counts = new Map<string, number>();
  return (socket) => {
    const network = networkOf(socket.remoteAddress ?? "");
    const count = (counts.get(network) ?? 0) + 1;
    counts.set(network, count);
    socket.once("close", () => {
      const left = (counts.get(network) ?? 1) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
    });
    if (count > MAX_PER_ADDRESS) socket.destroy();
  };
}

/** Of IPv6, the first half is one customer's. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail] = address.split("%", 1)[0]?.split("::") ?? [];
  const [before, after] = [head, tail ?? ""].map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  return [...(before ?? []), ...Array<string>(zeros).fill("0"), ...(after ?? [])].slice(0, 4).join(":");
}

function refusalOf(error: NodeJS.ErrnoException, { host, port }: { host: string | null; port: number }): Error {
  const problems: Readonly<Record<string, string | undefined>> = {
    EADDRINUSE: `HTTP_PORT: another program listens on port ${port}: end it, or choose another port.`,
    EACCES: `HTTP_PORT: the user that runs Valvomo may not listen on port ${port}: choose one above 1023.`,
    EADDRNOTAVAIL: `HTTP_HOST: ${host} is not an address of this machine.`,
  };
  const problem = problems[error.code ?? ""];
  return problem === undefined ? error : new ConfigError([problem]);
}
