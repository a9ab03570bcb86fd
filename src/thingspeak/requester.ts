import type http from "node:http";
import { setTimeout as delayFor } from "node:timers/promises";
import { UpstreamError } from "../lib/errors.ts";
import type { UpstreamReason } from "../lib/errors.ts";
import { backoffMs, type Backoff } from "../lib/backoff.ts";
import { createAgent, send, type Outgoing } from "../lib/outgoing.ts";

/** Waits before the second, third and fourth attempt, unless the server names a wait. */
const RETRY: Backoff = { firstMs: 500, mostMs: 2_000 };
const MAX_RETRIES = 3;

/** Where ThingSpeak is, and how patiently to ask. */
export interface RequesterOptions {
  /** Without a slash at the end: `https://api.thingspeak.com`. */
  readonly url: string;
  readonly readApiKey: string | null;
  readonly outgoing: Outgoing;
  /** For one answer with all its attempts, to the last byte. */
  readonly timeoutMs: number;
  /** A longer answer is refused while it streams. */
  readonly maxBodyBytes: number;
  readonly now: () => number;
  /** The wait between attempts. */
  readonly delay?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Asks ThingSpeak for one answer at a time. */
export interface Requester {
  /**
   * The body of a good answer, in an array of its own that may be transferred.
   * @param path from the host's root, encoded
   * @throws UpstreamError with any reason but a body's own content; what `signal` was aborted with
   */
  get(path: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Closes idle connections; no call may follow. */
  stop(): void;
}

/** How one attempt went: `retry` is worth another, `fail` is not. */
type Attempt =
  | { readonly kind: "ok"; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly kind: "retry"; readonly error: UpstreamError; readonly afterMs: number | null }
  | { readonly kind: "fail"; readonly error: UpstreamError };

/**
 * The one place that talks HTTP to ThingSpeak: keep-alive, a deadline, a bound on the body, and up to three retries on 5xx,
 * 429 and connections that break off. The key goes in a header, as MathWorks' own library for Arduino sends it, and so is in no
 * address that somebody logs on the way.
 */
export function createRequester(options: RequesterOptions): Requester {
  const { url, readApiKey, timeoutMs, maxBodyBytes, now } = options;
  const delay = options.delay ?? ((ms, signal) => delayFor(ms, undefined, { signal }));
  const headers: Record<string, string> = readApiKey === null ? {} : { "x-thingspeakapikey": readApiKey };
  const agent = createAgent(url, options.outgoing);

  async function attempt(address: URL, signal: AbortSignal): Promise<Attempt> {
    try {
      return attemptOf(await exchange(address, signal));
    } catch (error) {
      signal.throwIfAborted();
      return judgeFailure(error);
    }
  }

  async function exchange(address: URL, signal: AbortSignal): Promise<Answer> {
    const response = await send(address, { agent, signal, headers });
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: await readBody(response, maxBodyBytes),
    };
  }

  /** Tries until there is an answer, a failure that will not mend, or no time for another attempt. */
  async function insist(address: URL, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const deadlineAt = now() + timeoutMs;
    for (let retries = 0; ; retries++) {
      const outcome = await attempt(address, signal);
      if (outcome.kind === "ok") return outcome.body;
      if (outcome.kind === "fail" || retries === MAX_RETRIES) throw outcome.error;
      const waitMs = outcome.afterMs ?? backoffMs(retries, RETRY);
      if (now() + waitMs >= deadlineAt) throw outcome.error;
      await delay(waitMs, signal);
    }
  }

  return {
    async get(path, query, callerSignal) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = callerSignal === undefined ? deadline : AbortSignal.any([deadline, callerSignal]);
      try {
        return await insist(new URL(`${url}${path}${toQuery(query)}`), signal);
      } catch (error) {
        callerSignal?.throwIfAborted();
        if (deadline.aborted) throw new UpstreamError("slow", `ThingSpeak did not answer within ${timeoutMs} ms`);
        throw error;
      }
    },
    stop: () => agent.destroy(),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Spaces as `%20`, as ThingSpeak documents them, where URLSearchParams would write `+`. */
function toQuery(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query);
  return pairs.length === 0 ? "" : `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

async function readBody(response: http.IncomingMessage, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream: AsyncIterable<Buffer> = response;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw new UpstreamError("malformed", `ThingSpeak's answer is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  // Not Buffer.concat: its memory may be shared with other buffers, and this array is moved to another thread.
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

function attemptOf({ status, headers, body }: Answer): Attempt {
  // With status 400 for feeds and 200 or 400 for last entries; never anything else (FACTS: A5).
  if (isMinusOne(body)) return fail("forbidden", "ThingSpeak answered -1: no access");
  if (status === 200) return { kind: "ok", body };
  if (status === 429) {
    return { kind: "retry", error: failure("busy", status), afterMs: readRetryAfterMs(headers["retry-after"]) };
  }
  if (status >= 500) return { kind: "retry", error: failure("broken", status), afterMs: null };
  if (status === 404) return { kind: "fail", error: failure("notFound", status) };
  return { kind: "fail", error: failure(status === 401 || status === 403 ? "forbidden" : "broken", status) };
}

/** A refused or impossible connection says so at once; one that broke off in the middle may well work again. */
function judgeFailure(error: unknown): Attempt {
  if (error instanceof UpstreamError) return { kind: "fail", error };
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  if (code === "ECONNRESET" || code === "EPIPE" || code.startsWith("HPE_")) {
    const cut = new UpstreamError("broken", `ThingSpeak's answer broke off (${code})`);
    return { kind: "retry", error: cut, afterMs: null };
  }
  return fail("unreachable", `ThingSpeak cannot be reached (${code})`);
}

function fail(reason: UpstreamReason, message: string): Attempt {
  return { kind: "fail", error: new UpstreamError(reason, message) };
}

function failure(reason: UpstreamReason, status: number): UpstreamError {
  return new UpstreamError(reason, `ThingSpeak answered with status ${status}`);
}

function isMinusOne(body: Uint8Array): boolean {
  return body.length < 8 && /^"?-1"?$/.test(new TextDecoder().decode(body).trim());
}

/** Seconds only: ThingSpeak documents no such header at all, and a proxy's date form is rare. */
function readRetryAfterMs(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : null;
}
