import type { Logger } from "../log.ts";
import { createAgent, isSafeUrl, send, type Outgoing } from "../outgoing.ts";
import type { Send } from "./outbox.ts";

const DEADLINE_MS = 10_000;
/** "Too slow" and "too many": the same request may be taken later. */
const TEMPORARY = new Set([408, 429]);

/**
 * Posts a row's payload as JSON to the URL that is its target. Any 2xx is success. What will never be taken (a 4xx but 408
 * and 429, or a URL that is none) is told in the log and done with; all else is worth another try. A URL may hold a secret:
 * only its host is told.
 * @param options.deadlineMs for the whole exchange
 */
export function createWebhook(options: {
  readonly outgoing: Outgoing;
  readonly log: Logger;
  readonly deadlineMs?: number;
}): Send {
  const { outgoing, log, deadlineMs = DEADLINE_MS } = options;
  return async ({ target, payload }, signal) => {
    if (!isSafeUrl(target)) {
      log.error("webhook dropped: its URL is neither https: nor on this machine");
      return;
    }
    const url = new URL(target);
    const deadline = AbortSignal.timeout(deadlineMs);
    const agent = createAgent(target, outgoing);
    const status = await post(url, payload, { agent, signal: AbortSignal.any([signal, deadline]) })
      .catch((error: unknown) => {
        throw new Error(`${url.host}: ${deadline.aborted ? `no answer within ${deadlineMs} ms` : reasonOf(error)}`);
      })
      // It is used too rarely to keep a connection.
      .finally(() => agent.destroy());
    if (status >= 200 && status < 300) return;
    if (status < 400 || status >= 500 || TEMPORARY.has(status)) throw new Error(`${url.host} answered ${status}`);
    log.error({ host: url.host, status }, "webhook dropped: the server refuses it for good");
  };
}

/** @returns the status of the answer; its body is left unread, whether it ever ends or not */
async function post(url: URL, body: string, options: Pick<Parameters<typeof send>[1], "agent" | "signal">) {
  const response = await send(url, { ...options, body });
  response.destroy();
  return response.statusCode ?? 0;
}

/** What refuses on both address families has no message of its own. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || (code ?? "no connection");
}
