import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createConcurrentSink } from "@grammyjs/runner";
import type { BotError, Context } from "grammy";
import type { Update } from "grammy/types";
import { isSameSecret } from "../../lib/text/same-secret.ts";
import { parseUpdate } from "./update-form.ts";
import { ALLOWED_UPDATES, createSupervisor, MAX_AT_ONCE, pause, type Updates, type UpdatesOptions } from "./updates.ts";

/** Receives updates where Telegram delivers them to. */
export interface UpdateWebhook extends Updates {
  /** What the address leads to, from the host's root. */
  readonly path: string;
  /** Takes one delivery. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** An update has some kilobytes. */
const MAX_BODY_BYTES = 1_000_000;
/** How often one looks whether the address is still ours: another program with the same token may have set its own. */
const CHECK_MS = 60_000;
const RETRY_AFTER_SECONDS = "5";

/**
 * Tells Telegram to deliver to `url`, and takes what comes there. Each delivery is answered as soon as it is kept and handed on; while
 * too many are under way, Telegram waits. The secret that must come along is derived from the token, so that what Telegram
 * delivers between two runs is no stranger's.
 * @param options.checkMs between two looks whether Telegram still delivers here
 */
export function createUpdateWebhook<C extends Context>(
  options: UpdatesOptions<C> & { readonly url: string; readonly token: string; readonly checkMs?: number },
): UpdateWebhook {
  const { bot, inbox, url, token, mayTake = () => true, checkMs = CHECK_MS } = options;
  const secret = createHmac("sha256", token).update(`webhook ${url}`).digest("base64url");
  /** Not before it was looked what an earlier run left. */
  let isReceiving = false;
  let isStopped = false;
  const sink = createConcurrentSink<Update, BotError<C>>(
    { consume: (update) => bot.handleUpdate(update) },
    async (error) => void (await bot.errorHandler(error)),
    { concurrency: MAX_AT_ONCE },
  );

  const supervisor = createSupervisor(options, {
    async receive(began, signal) {
      isReceiving = true;
      await bot.api.setWebhook(url, {
        secret_token: secret,
        allowed_updates: ALLOWED_UPDATES,
        max_connections: MAX_AT_ONCE,
      });
      began();
      for (;;) {
        await pause(checkMs, signal);
        if (signal.aborted || (await bot.api.getWebhookInfo()).url !== url) return;
      }
    },
    async onStop() {
      isStopped = true;
    },
    underWay: () => sink.size(),
  });

  return {
    ...supervisor,
    path: new URL(url).pathname,
    async handle(request, response) {
      const refuse = (status: number, headers = {}): void => {
        // What else the sender has to say is not read.
        response.writeHead(status, { connection: "close", ...headers }).end();
      };
      const given = request.headers["x-telegram-bot-api-secret-token"];
      if (typeof given !== "string" || !isSameSecret(given, secret)) return refuse(401);
      if (request.method !== "POST") return refuse(405, { allow: "POST" });
      // Delivered again later.
      if (isStopped || !isReceiving || !mayTake()) return refuse(503, { "retry-after": RETRY_AFTER_SECONDS });
      const body = await readBody(request);
      if (body === null) return refuse(413);
      const update = parseUpdate(body);
      if (update === null) return refuse(400);
      await inbox.take([update]);
      await sink.handle([update]);
      response.writeHead(200).end();
    },
  };
}

/** @returns `null`: it is too long */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroyed, the request could not be answered any more.
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
