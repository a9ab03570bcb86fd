import { createHolds, type Holds } from "./holds.ts";

/** Keeps to Telegram's limits before being told to, and to what it is told. */
export interface Pace {
  /** How long to wait before the next call to this chat; 0 if it may go now. */
  waitMs(chatId: number): number;
  /** How long Telegram wants to hear nothing about this chat; 0 if it does not. */
  heldMs: Holds["waitMs"];
  /** Telegram asked to wait. */
  refused: Holds["refused"];
  /** Counts one call, also one that did not ask: answers to people go at once, and the cards make room. */
  spend(chatId: number): void;
}

interface Limit {
  readonly burst: number;
  readonly perMinute: number;
}

/**
 * Telegram's limits (1/s a chat with short bursts, 20/min a group, 30/s a token; core.telegram.org/bots/faq). A bucket lets
 * its burst through and then its rate, so burst + rate must fit in the limit for no window to exceed it.
 */
const CHAT: Limit = { burst: 4, perMinute: 60 };
const GROUP: Limit = { burst: 4, perMinute: 16 };
const TOKEN: Limit = { burst: 5, perMinute: 25 * 60 };

/**
 * The pace with token buckets, or without any; what Telegram asks for is obeyed in either case.
 * @param options.isOn `false`: for a Bot API server of one's own, and benchmarks
 * @param options.elapsed ms of a clock that nobody sets
 */
export function createPace(options: { readonly isOn: boolean; readonly elapsed: () => number }): Pace {
  const { isOn, elapsed } = options;
  const holds = createHolds(elapsed);
  const bucketsOf = isOn ? createBuckets(elapsed) : () => [];
  return {
    waitMs: (chatId) => Math.max(holds.waitMs(chatId), ...bucketsOf(chatId).map((bucket) => bucket.waitMs())),
    heldMs: holds.waitMs,
    refused: holds.refused,
    spend(chatId) {
      holds.called(chatId);
      for (const bucket of bucketsOf(chatId)) bucket.spend();
    },
  };
}

/** The buckets that a call to a chat is taken from. */
function createBuckets(elapsed: () => number): (chatId: number) => readonly Bucket[] {
  const token = createBucket(TOKEN, elapsed);
  const chats = new Map<number, readonly Bucket[]>();
  return (chatId) => {
    const known = chats.get(chatId);
    if (known) return known;
    // Groups, supergroups and channels have negative ids.
    const group = chatId < 0 ? [createBucket(GROUP, elapsed)] : [];
    const buckets = [token, createBucket(CHAT, elapsed), ...group];
    chats.set(chatId, buckets);
    return buckets;
  };
}

interface Bucket {
  waitMs(): number;
  spend(): void;
}

function createBucket(limit: Limit, elapsed: () => number): Bucket {
  const msPerToken = 60_000 / limit.perMinute;
  let tokens = limit.burst;
  let filledAt = elapsed();

  function fill(): void {
    const at = elapsed();
    tokens = Math.min(limit.burst, tokens + (at - filledAt) / msPerToken);
    filledAt = at;
  }

  return {
    waitMs() {
      fill();
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) * msPerToken);
    },
    spend() {
      fill();
      tokens -= 1;
    },
  };
}
