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

/** The poll that waits for an update. */
interface WaitingPoll {
  readonly wake: () => void;
  readonly refuse: (refusal: Refusal) => void;
}

/** Kinds that are sent only when they are asked for by name (FACTS: C4). */
const kindsOnRequest = new Set(["chat_member", "message_reaction", "message_reaction_count"]);

/** Telegram's server ends a poll after this time, whatever is asked for (FACTS: C1). */
const maxTimeoutSeconds = 50;

const webhookIsActive =
  "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
const otherPoll = "terminated by other getUpdates request; make sure that only one bot instance is running";

/**
 * What waits to be fetched with getUpdates, or to be taken by a webhook. An offset confirms all before it, of two polls the newer one
 * wins, and none does against a webhook.
 */
export class UpdateQueue {
  readonly #now: () => number;
  readonly #retryMs: number;
  #pending: Update[] = [];
  #lastId = 100_000;
  #allowed: readonly string[] = [];
  #webhook: { readonly url: string; readonly delivery: Delivery } | null = null;
  #lastError: Pick<WebhookInfo, "last_error_date" | "last_error_message"> = {};
  #waiting: WaitingPoll | null = null;

  /** @param options.retryMs before a webhook gets an update again */
  constructor({ now, retryMs }: { readonly now: () => number; readonly retryMs: number }) {
    this.#now = now;
    this.#retryMs = retryMs;
  }

  /** Adds an update, unless the bot did not ask for its kind; wakes the poll that waits. Handed on as it is. */
  readonly push = (update: NewUpdate): void => {
    if (!isWanted(update, this.#allowed)) return;
    this.#lastId += 1;
    const numbered: Update = { update_id: this.#lastId, ...update };
    this.#pending.push(numbered);
    if (this.#webhook) this.#webhook.delivery.send(numbered);
    else this.#waiting?.wake();
  };

  /** Sends updates to a webhook from now on; `null`: they are fetched. */
  sendTo(next: Webhook | null, allowedUpdates = this.#allowed): void {
    this.#webhook?.delivery.stop();
    this.#webhook = null;
    if (next === null) return;
    this.#waiting?.refuse(new Refusal(409, "Conflict: terminated by setWebhook request"));
    this.#allowed = allowedUpdates;
    this.#lastError = {};
    const delivery = this.#deliverTo(next);
    this.#webhook = { url: next.url, delivery };
    for (const update of this.#pending) delivery.send(update);
  }

  #deliverTo(webhook: Webhook): Delivery {
    return startDelivery({
      webhook,
      retryMs: this.#retryMs,
      onDelivered: (id) => {
        this.#pending = this.#pending.filter((update) => update.update_id !== id);
      },
      onFailure: (message) => {
        this.#lastError = { last_error_date: Math.floor(this.#now() / 1_000), last_error_message: message };
      },
    });
  }

  /** Answers at once when there are updates, else with the next one, or `[]` after the timeout. @throws {Refusal} 409 when a newer poll comes. */
  async poll(request: UpdatesRequest): Promise<readonly Update[]> {
    if (this.#webhook) throw new Refusal(409, `Conflict: ${webhookIsActive}`);
    this.#waiting?.refuse(new Refusal(409, `Conflict: ${otherPoll}`));
    this.#allowed = request.allowedUpdates ?? this.#allowed;
    this.#pending = unconfirmed(this.#pending, request.offset);
    if (this.#pending.length === 0 && request.timeoutSeconds > 0) await this.#nextPush(request);
    return this.#pending.slice(0, Math.min(100, Math.max(1, request.limit)));
  }

  #nextPush({ timeoutSeconds, signal }: UpdatesRequest): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(timeoutSeconds, maxTimeoutSeconds) * 1000);
    const hangUp = () => resolve();
    const mine = { wake: resolve, refuse: reject };
    this.#waiting = mine;
    signal.addEventListener("abort", hangUp);
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", hangUp);
      if (this.#waiting === mine) this.#waiting = null;
    });
  }

  clear(): void {
    this.#pending = [];
  }

  info(): WebhookInfo {
    return {
      url: this.#webhook?.url ?? "",
      has_custom_certificate: false,
      pending_update_count: this.#pending.length,
      ...this.#lastError,
    };
  }
}

/** Whether the bot asked for its kind; as long as it asked for nothing, it gets what is usual. */
function isWanted(update: NewUpdate, allowed: readonly string[]): boolean {
  const [kind = ""] = Object.keys(update);
  return allowed.length > 0 ? allowed.includes(kind) : !kindsOnRequest.has(kind);
}

/** What is left when an offset has confirmed those before it; a negative one asks for the last ones only, and forgets the rest. */
function unconfirmed(pending: readonly Update[], offset: number): Update[] {
  return offset < 0 ? pending.slice(offset) : pending.filter((update) => update.update_id >= offset);
}
