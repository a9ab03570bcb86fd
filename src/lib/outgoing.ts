import type { Agent, IncomingMessage } from "node:http";
import https from "node:https";
import { pipeline, Readable } from "node:stream";
import { isLoopback } from "./loopback.ts";
import { http } from "./node-http.ts";

/** What all links that we open have in common. */
export interface Outgoing {
  /** What offers less is refused. */
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  /** Where HTTPS leaves the plant's network; `null`: directly. `except` names hosts as NO_PROXY does. */
  readonly proxy: { readonly url: string; readonly except: string | null } | null;
}

/** Also how long a proxy may take to answer; longer than Telegram holds a poll open. */
const IDLE_MS = 45_000;

/** Whether nobody on the way can read what goes to a URL: it is encrypted, or does not leave this machine. */
export function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
}

/**
 * Keeps connections to the host of a URL. Through a proxy they are tunnels (CONNECT): it sees the host, never a key. Node's
 * own support for proxies, and no package.
 */
export function createAgent(url: string, { minVersion, proxy }: Outgoing): Agent {
  if (!url.startsWith("https:")) return new http.Agent({ keepAlive: true });
  const proxyEnv = proxy && { HTTPS_PROXY: proxy.url, ...(proxy.except === null ? {} : { NO_PROXY: proxy.except }) };
  return new https.Agent({ keepAlive: true, minVersion, timeout: IDLE_MS, ...(proxyEnv ? { proxyEnv } : {}) });
}

/**
 * Sends one request; resolves with the head of its answer. Redirects are not followed: what is secret in the request would
 * go with them. node:http and not fetch: it takes an agent, and 2 MB less.
 * @param options.body to be posted; left out: GET. JSON, unless `contentType` or `headers` say otherwise
 */
export function send(
  url: URL,
  options: {
    readonly agent: Agent;
    readonly signal: AbortSignal;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Readable;
    readonly contentType?: string;
    readonly method?: "DELETE";
  },
): Promise<IncomingMessage> {
  const { agent, signal, headers = {}, body, contentType = "application/json" } = options;
  const method = options.method ?? (body === undefined ? "GET" : "POST");
  const described = {
    ...(body === undefined ? {} : { "content-type": contentType }),
    ...(typeof body === "string" ? { "content-length": Buffer.byteLength(body) } : {}),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    // Node does not end a request that still waits for its proxy; the agent ends that later.
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    const request = (url.protocol === "https:" ? https : http)
      .request(url, { method, headers: described, agent, signal }, resolve)
      .on("error", reject);
    if (body instanceof Readable) pipeline(body, request, (error) => error && reject(error));
    else request.end(body);
  });
}
