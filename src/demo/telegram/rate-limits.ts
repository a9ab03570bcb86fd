import { tooManyRequests } from "./state/refusal.ts";

/** Telegram's pace (FACTS: C2): 1/s in a chat and a short burst (so 8 in 4 s), 20/min in a group with edits, 30/s for the token. */
const inChat = { limit: 8, periodMs: 4_000 };
const inGroup = { limit: 20, periodMs: 60_000 };
const ofToken = { limit: 30, periodMs: 1_000 };

/** What a call costs: messages that are sent, or one that is edited. */
interface Cost {
  readonly chatId: number;
  readonly isGroup: boolean;
  readonly isEdit: boolean;
  /** An album counts each of its items. */
  readonly count: number;
}

/**
 * Takes a call into account, or refuses it.
 * @returns takes it out again, for a call that is refused for another reason: whether Telegram counts those is not known, and most are
 * refused by the Bot API server, which counts nothing
 * @throws {Refusal} 429 with `retry_after` in whole seconds
 */
export type CallLimits = (cost: Cost) => () => void;

/** Keeps the bot to Telegram's pace, in sliding windows on the clock that is passed in. */
export function createLimits({ now }: { now: () => number }): CallLimits {
  const windows = new Map<string, number[]>();

  return ({ chatId, isGroup, isEdit, count }) => {
    const at = now();
    const applied = [
      { key: "token", ...ofToken },
      ...(isEdit ? [] : [{ key: `chat ${chatId}`, ...inChat }]),
      ...(isGroup ? [{ key: `group ${chatId}`, ...inGroup }] : []),
    ].map(({ key, limit, periodMs }) => {
      const times = (windows.get(key) ?? []).filter((time) => time > at - periodMs);
      windows.set(key, times);
      // Free again when enough of the oldest have left the window; a large album waits for an empty one.
      const oldest = times[Math.max(0, Math.min(times.length - 1, times.length + count - limit - 1))];
      const isFull = oldest !== undefined && times.length + count > limit;
      return { key, times, waitMs: isFull ? oldest + periodMs - at : 0 };
    });
    const waitMs = Math.max(...applied.map((window) => window.waitMs));
    if (waitMs > 0) throw tooManyRequests(Math.ceil(waitMs / 1000));
    for (const { times } of applied) for (let i = 0; i < count; i += 1) times.push(at);
    return () => {
      for (const { key } of applied) {
        const times = windows.get(key) ?? [];
        for (let i = 0; i < count && times.includes(at); i += 1) times.splice(times.lastIndexOf(at), 1);
      }
    };
  };
}
