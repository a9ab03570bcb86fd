import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The program's own port. */
export interface HttpServer {
  /** @returns the port it listens on */
  start(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Answers `GET /healthz`: 200 `up` while the store works and Telegram takes our token, else 503 `down`. It does not look at
 * whether broker or Telegram can be reached: a restart would not bring those back. Says nothing else, and nothing to anybody else.
 * @param port 0 picks a free one
 */
export function createHttpServer(options: {
  readonly port: number;
  readonly isHealthy: () => Promise<boolean>;
}): HttpServer {
  const server: Server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/healthz") {
      response.writeHead(404).end();
      return;
    }
    options.isHealthy().then(
      (isUp) => response.writeHead(isUp ? 200 : 503, { "content-type": "text/plain" }).end(isUp ? "up\n" : "down\n"),
      () => response.writeHead(503, { "content-type": "text/plain" }).end("down\n"),
    );
  });
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
