import type { Update } from "grammy/types";
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

/** What waits to be fetched with getUpdates. */
export interface UpdateQueue {
  /** Adds an update, unless the bot did not ask for its kind; wakes the poll that waits. */
  readonly push: (update: NewUpdate) => void;
  /** Answers at once when there are updates, else with the next one, or `[]` after the timeout. @throws {Refusal} 409 when a newer poll comes. */
  readonly poll: (request: UpdatesRequest) => Promise<readonly Update[]>;
  readonly clear: () => void;
  readonly size: () => number;
}

/** Kinds that are sent only when they are asked for by name (FACTS: C4). */
const kindsOnRequest = new Set(["chat_member", "message_reaction", "message_reaction_count"]);

/** Telegram's server ends a poll after this time, whatever is asked for (FACTS: C1). */
const maxTimeoutSeconds = 50;

/** A long-polling queue: an offset confirms all before it, and of two polls the newer one wins. */
export function createUpdateQueue(): UpdateQueue {
  let pending: Update[] = [];
  let lastId = 100_000;
  let allowed: readonly string[] = [];
  let waiting: { readonly wake: () => void; readonly refuse: (refusal: Refusal) => void } | null = null;

  function push(update: NewUpdate): void {
    const kind = Object.keys(update)[0]!;
    const isWanted = allowed.length > 0 ? allowed.includes(kind) : !kindsOnRequest.has(kind);
    if (!isWanted) return;
    lastId += 1;
    pending.push({ update_id: lastId, ...update });
    waiting?.wake();
  }

  async function poll(request: UpdatesRequest): Promise<readonly Update[]> {
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
    clear: () => {
      pending = [];
    },
    size: () => pending.length,
  };
}
