import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { ApiClientOptions } from "grammy";
import { createAgent, send, type Outgoing } from "../../lib/outgoing.ts";

/** A hundred updates have about 1 MB. What goes on for longer is no answer of Telegram's. */
const MAX_ANSWER_BYTES = 16_000_000;
/** How long an answer may take: ten seconds, and some more on a busy line. A card without an answer keeps its chat waiting for so long. */
const CALL_MS = 12_000;
/** Longer than the 30 s for which Telegram holds a poll open. */
const POLL_MS = 40_000;
/** Files take their time on a slow line. */
const UPLOAD_MS = 60_000;

/** What grammY asks for, of what fetch() takes. */
interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/** How long each kind of call may take. */
export type Deadlines = Readonly<Record<"callMs" | "pollMs" | "uploadMs", number>>;

/** How the Bot API is reached. */
export function clientOf(
  apiRoot: string,
  outgoing: Outgoing,
  deadlines: Deadlines = { callMs: CALL_MS, pollMs: POLL_MS, uploadMs: UPLOAD_MS },
): ApiClientOptions {
  const agent = createAgent(apiRoot, outgoing);

  function deadlineOf(url: string, { body }: Request): number {
    if (typeof body !== "string") return deadlines.uploadMs;
    return url.endsWith("/getUpdates") ? deadlines.pollMs : deadlines.callMs;
  }

  /** node:http and not node-fetch, whose layers took a tenth of a burst; redirects are not followed, as what is sent would go along. */
  async function call(url: string, request: Request): Promise<{ json(): unknown }> {
    const ended = new AbortController();
    if (request.signal.aborted) ended.abort();
    request.signal.addEventListener("abort", () => ended.abort());
    const timer = setTimeout(() => ended.abort(failure("no-answer")), deadlineOf(url, request));
    try {
      const { headers } = request;
      const body = typeof request.body === "string" ? request.body : Readable.from(request.body, { objectMode: false });
      const answer = await readAnswer(await send(new URL(url), { agent, signal: ended.signal, headers, body }));
      return { json: () => answer };
    } catch (error) {
      // In the middle of an answer the connection's end would be told instead.
      throw ended.signal.aborted ? ended.signal.reason : error;
    } finally {
      clearTimeout(timer);
    }
  }

  return { apiRoot, fetch: call };
}

async function readAnswer(response: IncomingMessage): Promise<unknown> {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    response.destroy();
    throw failure("no-redirect");
  }
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch {
    throw failure("invalid-json");
  }
}

/** By events: an iterator over a short answer costs as much as all the rest of a call. */
function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    response
      .on("data", (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > MAX_ANSWER_BYTES) response.destroy(failure("max-size"));
      })
      .on("end", () => resolve(Buffer.concat(chunks).toString()))
      .on("error", reject);
  });
}

/** An error that failure.ts has words for. */
const failure = (code: string): Error => Object.assign(new Error(code), { code });
