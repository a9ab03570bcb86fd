import { systemCodeOf, textOfError } from "../lib/errors.ts";
import { createAgent, send, type Outgoing } from "../lib/outgoing.ts";
import type { Send } from "./outbox.ts";

const DEADLINE_MS = 10_000;
/** The same request is never taken: what it says is not understood. All else is the place or its moment, and both can be mended. */
const REFUSES_CONTENT: ReadonlySet<number> = new Set([400, 411, 413, 415, 422, 431]);

/**
 * Posts a row's payload as JSON to `url`. Any 2xx is success. What is refused for what it says is done with; all else is worth another
 * try: a wrong key or address (401, 403, 404) is mended by somebody. A URL may hold a secret: only its host is told.
 * @param options.url https:, or on this machine; see isSafeUrl
 * @param options.deadlineMs for the whole exchange
 */
export function createUrlSender(options: {
  readonly url: string;
  readonly outgoing: Outgoing;
  readonly deadlineMs?: number;
}): Send {
  const { outgoing, deadlineMs = DEADLINE_MS } = options;
  const url = new URL(options.url);
  return async ({ payload }, signal) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    const agent = createAgent(options.url, outgoing);
    const status = await post(url, payload, { agent, signal: AbortSignal.any([signal, deadline]) })
      .catch((error: unknown) => {
        throw new Error(`${url.host}: ${deadline.aborted ? `no answer within ${deadlineMs} ms` : reasonOf(error)}`);
      })
      // It is used too rarely to keep a connection.
      .finally(() => agent.destroy());
    if (status >= 200 && status < 300) return null;
    if (REFUSES_CONTENT.has(status)) return `${url.host} answered ${status}`;
    throw new Error(`${url.host} answered ${status}`);
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
  return textOfError(error) || (systemCodeOf(error) ?? "no connection");
}
