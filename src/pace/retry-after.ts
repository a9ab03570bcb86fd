import { GROUP } from "./rate-limits.ts";

/** Remembers what Telegram asked to wait for, whoever called: a card, or an answer to a person. */
export interface RetryAfter {
  /** How long a chat is to be left alone; 0 if it need not be. */
  readonly waitMs: (chatId: number) => number;
  /** Counts one call. */
  called(chatId: number): void;
  /** Notes that the newest call to a chat was answered with 429. */
  readonly refused: (chatId: number, retryAfterMs: number) => void;
  /** How long which chats, and all of them, are to be left alone still. */
  waits(): { readonly tokenMs: number; readonly chats: readonly (readonly [chatId: number, ms: number])[] };
}

interface Hold {
  readonly calledAt: number;
  /** Whether nothing had gone there for long before the newest call. */
  readonly wasCalm: boolean;
  /** 0: it was not asked to wait. */
  readonly until: number;
}

/** The longest window over which Telegram is known to count. */
const WINDOW_MS = GROUP.periodMs;

/**
 * Telegram does not say whether a chat has had too much or the token: a chat that was calm cannot have, so when a second
 * such chat is refused while the first still waits, it is the token, and all wait as long as the first of the two.
 * @param elapsed ms of a clock that nobody sets
 * @param past what an earlier run was asked to wait
 */
export function createRetryAfter(
  elapsed: () => number,
  past: ReturnType<RetryAfter["waits"]> = { tokenMs: 0, chats: [] },
): RetryAfter {
  // What an earlier run sent is not known.
  const startedAt = elapsed();
  const chats = new Map<number, Hold>(
    past.chats.map(([chatId, ms]) => [chatId, { calledAt: startedAt, wasCalm: false, until: startedAt + ms }]),
  );
  let tokenUntil = startedAt + past.tokenMs;

  const holdOf = (chatId: number): Hold => chats.get(chatId) ?? { calledAt: startedAt, wasCalm: false, until: 0 };

  return {
    waitMs: (chatId) => Math.max(0, tokenUntil - elapsed(), holdOf(chatId).until - elapsed()),
    waits: () => ({
      tokenMs: Math.max(0, tokenUntil - elapsed()),
      chats: [...chats].flatMap(([chatId, { until }]) => (until > elapsed() ? [[chatId, until - elapsed()]] : [])),
    }),
    called(chatId) {
      const before = holdOf(chatId);
      const calledAt = elapsed();
      chats.set(chatId, { ...before, calledAt, wasCalm: calledAt - before.calledAt >= WINDOW_MS });
    },
    refused(chatId, retryAfterMs) {
      const before = holdOf(chatId);
      const hold = { ...before, until: Math.max(before.until, elapsed() + retryAfterMs) };
      chats.set(chatId, hold);
      const calm = [...chats.values()].filter(({ wasCalm, until }) => wasCalm && until > elapsed());
      if (hold.wasCalm && calm.length > 1) tokenUntil = Math.min(...calm.map(({ until }) => until));
    },
  };
}
