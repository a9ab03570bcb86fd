import http from "node:http";
import https from "node:https";
import type { Logger } from "../log.ts";
import type { Send } from "./outbox.ts";

const DEADLINE_MS = 10_000;
/** "Too slow" and "too many": the same request may be taken later. */
const TEMPORARY = new Set([408, 429]);
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether alarms may be posted to a URL: encrypted, or not leaving this machine. */
export function isWebhookUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
}

/**
 * Posts a row's payload as JSON to the URL that is its target. Any 2xx is success. What will never be taken (a 4xx but 408
 * and 429, or a URL that is none) is told in the log and done with; all else is worth another try. Redirects are not
 * followed. A URL may hold a secret: only its host is told. node:http and not fetch: 10 MB less memory.
 * @param options.deadlineMs for the whole exchange
 */
export function createWebhook(options: { readonly log: Logger; readonly deadlineMs?: number }): Send {
  const { log, deadlineMs = DEADLINE_MS } = options;
  return async ({ target, payload }, signal) => {
    if (!isWebhookUrl(target)) {
      log.error("webhook dropped: its URL is neither https: nor on this machine");
      return;
    }
    const url = new URL(target);
    const deadline = AbortSignal.timeout(deadlineMs);
    const status = await post(url, payload, AbortSignal.any([signal, deadline])).catch((error: unknown) => {
      throw new Error(`${url.host}: ${deadline.aborted ? `no answer within ${deadlineMs} ms` : reasonOf(error)}`);
    });
    if (status >= 200 && status < 300) return;
    if (status < 400 || status >= 500 || TEMPORARY.has(status)) throw new Error(`${url.host} answered ${status}`);
    log.error({ host: url.host, status }, "webhook dropped: the server refuses it for good");
  };
}

/** @returns the status of the answer; its body is thrown away, whether it ever ends or not */
function post(url: URL, body: string, signal: AbortSignal): Promise<number> {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    (url.protocol === "https:" ? https : http)
      .request(url, { method: "POST", headers, signal, agent: false }, (response) => {
        resolve(response.statusCode ?? 0);
        response.on("error", () => undefined).resume();
      })
      .on("error", reject)
      .end(body);
  });
}

/** What refuses on both address families has no message of its own. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || (code ?? "no connection");
}
