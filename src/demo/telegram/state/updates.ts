import type { Update, WebhookInfo } from "grammy/types";
import { type Delivery, startDelivery, type Webhook } from "./delivery.ts";
import { Refusal } from "./refusal.ts";

/** One kind of update with its body, before it gets its number. */
type NewUpdate = Omit<Update, "update_id">;

/** What a getUpdates call asks for; every part may be left out. */
interface UpdatesRequest {
  readonly offset: number;
  readonly limit: number;
  readonly timeoutSeconds: number;
  readonly allowedUpdates: readonly string[] | undefined;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** What waits to be fetched with getUpdates, or to be taken by a webhook. */
export interface UpdateQueue {
  /** Adds an update, unless the bot did not ask for its kind; wakes the poll that waits. */
  readonly push: (update: NewUpdate) => void;
  /** Answers at once when there are updates, else with the next one, or `[]` after the timeout. @throws {Refusal} 409 when a newer poll comes. */
  readonly poll: (request: UpdatesRequest) => Promise<readonly Update[]>;
  /** Sends updates to a webhook from now on; `null`: they are fetched. */
  readonly sendTo: (webhook: Webhook | null, allowedUpdates?: readonly string[]) => void;
  readonly clear: () => void;
  readonly info: () => WebhookInfo;
}

/** Kinds that are sent only when they are asked for by name (FACTS: C4). */
const kindsOnRequest = new Set(["chat_member", "message_reaction", "message_reaction_count"]);

/** Telegram's server ends a poll after this time, whatever is asked for (FACTS: C1). */
const maxTimeoutSeconds = 50;

/**
 * A long-polling queue: an offset confirms all before it, of two polls the newer one wins, and none does against a webhook.
 * @param options.retryMs before a webhook gets an update again
 */
export function createUpdateQueue(options: { readonly now: () => number; readonly retryMs: number }): UpdateQueue {
  let pending: Update[] = [];
  let lastId = 100_000;
  let allowed: readonly string[] = [];
  let webhook: { readonly url: string; readonly delivery: Delivery } | null = null;
  let lastError: Pick<WebhookInfo, "last_error_date" | "last_error_message"> = {};
  let waiting: { readonly wake: () => void; readonly refuse: (refusal: Refusal) => void } | null = null;

  function push(update: NewUpdate): void {
    const kind = Object.keys(update)[0]!;
    const isWanted = allowed.length > 0 ? allowed.includes(kind) : !kindsOnRequest.has(kind);
    if (!isWanted) return;
    lastId += 1;
    const numbered: Update = { update_id: lastId, ...update };
    pending.push(numbered);
    if (webhook) webhook.delivery.send(numbered);
    else waiting?.wake();
  }

  function sendTo(next: Webhook | null, allowedUpdates = allowed): void {
    webhook?.delivery.stop();
    webhook = null;
    if (next === null) return;
    waiting?.refuse(new Refusal(409, "Conflict: terminated by setWebhook request"));
    allowed = allowedUpdates;
    lastError = {};
    const delivery = startDelivery({
      webhook: next,
      retryMs: options.retryMs,
      onDelivered: (id) => {
        pending = pending.filter((update) => update.update_id !== id);
      },
      onFailure: (message) => {
        lastError = { last_error_date: Math.floor(options.now() / 1_000), last_error_message: message };
      },
    });
    webhook = { url: next.url, delivery };
    for (const update of pending) delivery.send(update);
  }

  async function poll(request: UpdatesRequest): Promise<readonly Update[]> {
    if (webhook) {
      const reason =
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
      throw new Refusal(409, `Conflict: ${reason}`);
    }
    const otherPoll = "terminated by other getUpdates request; make sure that only one bot instance is running";
    waiting?.refuse(new Refusal(409, `Conflict: ${otherPoll}`));
    allowed = request.allowedUpdates ?? allowed;
    // A negative offset asks for the last ones only, and forgets those before.
    pending =
      request.offset < 0
        ? pending.slice(request.offset)
        : pending.filter((update) => update.update_id >= request.offset);
    if (pending.length === 0 && request.timeoutSeconds > 0) await nextPush(request);
    return pending.slice(0, Math.min(100, Math.max(1, request.limit)));
  }

  function nextPush({ timeoutSeconds, signal }: UpdatesRequest): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(timeoutSeconds, maxTimeoutSeconds) * 1000);
    const hangUp = () => resolve();
    const mine = { wake: resolve, refuse: reject };
    waiting = mine;
    signal.addEventListener("abort", hangUp);
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", hangUp);
      if (waiting === mine) waiting = null;
    });
  }

  return {
    push,
    poll,
    sendTo,
    clear: () => {
      pending = [];
    },
    info: () => ({
      url: webhook?.url ?? "",
      has_custom_certificate: false,
      pending_update_count: pending.length,
      ...lastError,
    }),
  };
}
