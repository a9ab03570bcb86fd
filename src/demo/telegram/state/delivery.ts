import { setTimeout as delayFor } from "node:timers/promises";
import type { Update } from "grammy/types";

/** Where updates are sent to. */
export interface Webhook {
  readonly url: string;
  /** Goes along in a header of its own; `undefined`: none does. */
  readonly secretToken: string | undefined;
}

/** Sends updates to one webhook. */
export interface Delivery {
  readonly send: (update: Update) => void;
  readonly stop: () => void;
}

/** Telegram waits for longer and longer, and obeys a Retry-After up to an hour (FACTS: C4). */
const maxWaitMs = 60_000;
const maxRetryAfterSeconds = 3_600;
const answerMs = 60_000;

/** Sends each update again until it is answered with 2xx; those of one chat one after the other. */
export function startDelivery(options: {
  readonly webhook: Webhook;
  /** The wait before the second attempt. */
  readonly retryMs: number;
  readonly onDelivered: (updateId: number) => void;
  /** With the words of getWebhookInfo. */
  readonly onFailure: (message: string) => void;
}): Delivery {
  const { webhook, retryMs, onDelivered, onFailure } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const lanes = new Map<number, Promise<void>>();

  /** Says how long to wait for another attempt; `null`: it is delivered. */
  async function attempt(update: Update, waitMs: number): Promise<number | null> {
    try {
      const response = await fetch(webhook.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(webhook.secretToken === undefined ? {} : { "x-telegram-bot-api-secret-token": webhook.secretToken }),
        },
        body: JSON.stringify(update),
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
      });
      await response.body?.cancel();
      if (response.ok) return null;
      onFailure(`Wrong response from the webhook: ${response.status} ${response.statusText}`);
      const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
      return Number.isNaN(retryAfter) ? waitMs : Math.min(retryAfter, maxRetryAfterSeconds) * 1_000;
    } catch {
      if (!signal.aborted) onFailure("Connection refused");
      return waitMs;
    }
  }

  async function insist(update: Update): Promise<void> {
    for (let waitMs = retryMs; !signal.aborted; waitMs = Math.min(2 * waitMs, maxWaitMs)) {
      const afterMs = await attempt(update, waitMs);
      if (afterMs === null) {
        onDelivered(update.update_id);
        return;
      }
      await delayFor(afterMs, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    send: (update) => {
      const lane = chatIdOf(update);
      lanes.set(
        lane,
        (lanes.get(lane) ?? Promise.resolve()).then(() => insist(update)),
      );
    },
    stop: () => stopped.abort(),
  };
}

function chatIdOf({ message, callback_query, my_chat_member }: Update): number {
  return (message ?? callback_query?.message ?? my_chat_member)?.chat.id ?? 0;
}
