import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "../log.ts";

/** The program's own port. */
export interface HttpServer {
  /** @returns the port it listens on */
  start(): Promise<number>;
  stop(): Promise<void>;
}

/** What is to be had at one path. */
export interface Route {
  readonly path: string;
  /** Ends the response; if it rejects, that is a 500. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
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

/**
 * Serves some paths, and nothing else.
 * @param port 0 picks a free one
 */
export function createHttpServer(options: {
  readonly port: number;
  readonly routes: readonly Route[];
  readonly log: Logger;
}): HttpServer {
  const routes = new Map(options.routes.map((route) => [route.path, route]));
  const server = createServer({ ...LIMITS, connectionsCheckingInterval: CHECK_MS }, (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const route = routes.get(path);
    if (route === undefined) return void response.writeHead(404).end();
    route.handle(request, response).catch((error: unknown) => {
      // Who asked is gone.
      if (response.destroyed) return;
      options.log.error({ err: error, path }, "a request was not answered");
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_MS);
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(options.port, () => resolve((server.address() as AddressInfo).port));
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
