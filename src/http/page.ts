import type { IncomingMessage } from "node:http";
import { isLoopback } from "../lib/loopback.ts";
import { isSameSecret } from "../lib/text/same-secret.ts";
import type { HttpRoute } from "./server.ts";

/** What a page says. */
export interface PageContent {
  readonly status: number;
  readonly type: "text/plain; charset=utf-8" | "application/json" | "text/plain; version=0.0.4; charset=utf-8";
  readonly body: string;
}

/** What a proxy adds to what it hands on. */
const HANDED_ON = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/** A page for everybody: GET and HEAD. */
export function page(path: string, read: () => Promise<PageContent>): HttpRoute {
  return {
    path,
    async handle(request, response) {
      if (request.method !== "GET" && request.method !== "HEAD") {
        response.writeHead(405, { allow: "GET, HEAD" }).end();
        return;
      }
      const { status, type, body } = await read();
      response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
    },
  };
}

/**
 * The same for those who run Valvomo: whoever has the token, or, where there is none, is on this machine. With a token, this machine
 * needs it, too: what a proxy here hands on may look as if it came from here.
 */
export function innerPage(path: string, token: string | null, read: () => Promise<PageContent>): HttpRoute {
  const { handle } = page(path, read);
  return {
    path,
    async handle(request, response) {
      const isOpen = token === null ? isLocal(request) : isSameSecret(bearerOf(request), token);
      if (isOpen) await handle(request, response);
      else response.writeHead(401, { "www-authenticate": "Bearer" }).end();
    },
  };
}

/**
 * Whether a request began on this machine. One that a proxy here handed on did not; and one for another name is of a foreign
 * page that made its name point here (DNS rebinding).
 */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  const isHandedOn = HANDED_ON.some((name) => headers[name] !== undefined);
  const host = URL.parse(`http://${headers.host}`)?.hostname ?? "";
  return !isHandedOn && isLoopback(socket.remoteAddress ?? "") && isLoopback(host);
}

const bearerOf = ({ headers }: IncomingMessage): string =>
  /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
