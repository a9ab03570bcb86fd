import { createAgent, send, type Outgoing } from "../lib/outgoing.ts";

/** What a request carries. */
interface Request {
  readonly form?: Record<string, string>;
  /** Goes in a header. */
  readonly key?: string | null;
  readonly method?: "DELETE";
}

/** Sends a request, a POST where it has a form, and reads the whole answer, whatever its status. Rejects when there is none. */
export type Exchange = (
  path: string,
  request: Request,
  stopped: AbortSignal,
) => Promise<{ readonly status: number; readonly body: string }>;

const TIMEOUT_MS = 20_000;
/** An answer to a write is a few words; 8,000 entries of eight fields are two megabytes. */
const MAX_ANSWER_BYTES = 4_000_000;

/** Opens a way to ThingSpeak for single requests. @param options.url without a slash at the end */
export function createExchange({ url, outgoing }: { readonly url: string; readonly outgoing: Outgoing }): {
  readonly exchange: Exchange;
  /** Closes idle connections; no request may follow. */
  readonly stop: () => void;
} {
  const agent = createAgent(url, outgoing);
  return {
    async exchange(path, { form, key, method }, stopped) {
      const response = await send(new URL(`${url}${path}`), {
        agent,
        signal: AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)]),
        ...(method === undefined ? {} : { method }),
        ...(key ? { headers: { "x-thingspeakapikey": key } } : {}),
        ...(form === undefined
          ? {}
          : { body: new URLSearchParams(form).toString(), contentType: "application/x-www-form-urlencoded" }),
      });
      let body = "";
      const chunks: AsyncIterable<string> = response.setEncoding("utf8");
      for await (const chunk of chunks) {
        body += chunk;
        if (body.length > MAX_ANSWER_BYTES) throw new Error("the answer is too long");
      }
      return { status: response.statusCode ?? 0, body };
    },
    stop: () => agent.destroy(),
  };
}
