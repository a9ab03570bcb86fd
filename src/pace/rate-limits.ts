/**
 * Telegram's limits, all of them, and what keeps each. FAQ is core.telegram.org/bots/faq; the source of the Bot API server is
 * github.com/tdlib/telegram-bot-api, `Client.cpp`. No fixed pace is surely slow enough: what Telegram asks for always holds.
 *
 * | Telegram | source | kept by |
 * | --- | --- | --- |
 * | 1 message a second in a chat; short bursts pass | FAQ | `CHAT`, a token bucket |
 * | 30 messages a second of a token | FAQ | `TOKEN`, a token bucket |
 * | 20 messages a minute in a group | FAQ | `GROUP`, a sliding window: a bucket of 20 would let 40 through in a minute |
 * | edits count as well; an album counts each of its items | grammy.dev/advanced/flood | `telegram/api/in-turn.ts` says which calls take places, and how many |
 * | 429 with `retry_after` | Bot API, `ResponseParameters` | `retry-after.ts`, over a restart `kept-pace.ts` |
 * | 310 messages queued for one chat | server's source | calls to a chat are made one by one; `MAX_WAITING` of ours wait for theirs |
 *
 * What is not Telegram's stands elsewhere: how much one person may ask for (`people/budget.ts`, of the same token bucket), how often a wrong
 * code may be tried (`people/join-guard.ts`, `people/second-factor.ts`: locks, from which nothing comes back little by little), how often a live message is drawn
 * (`telegram/commands/live-cards.ts`, `telegram/plots/live-plots.ts`), when rings are gathered (`dispatch/assign-to-board.ts`).
 */
import type { RefillRate } from "../lib/token-bucket.ts";
import type { WindowOptions } from "./window.ts";

/** A bucket lets its burst through and then its rate, so burst + rate must fit in the limit for no second to exceed it. */
export const CHAT: RefillRate = { burst: 4, msPerUnit: 1_000 };
/** As much as 30 in any second: 5, and 25 that came back. */
export const TOKEN: RefillRate = { burst: 5, msPerUnit: 1_000 / 25 };
/**
 * Of the 20, two are kept free for critical alarms, of which ten ring without delay; who asks need not wait for a place either, as long as
 * few do.
 */
export const GROUP: WindowOptions = {
  periodMs: 60_000,
  shares: {
    urgent: { burst: 10, limit: 20 },
    answer: { burst: 4, limit: 18 },
    other: { burst: 4, limit: 18 },
  },
};
/** An album is to fit into a burst. */
export const MAX_PLACES = CHAT.burst;
/** More people who wait in one chat are not told any more: what they asked for would come much too late. */
export const MAX_WAITING = 200;
