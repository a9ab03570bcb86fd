import { setTimeout } from "node:timers/promises";
import type { Bot, BotError, Context } from "grammy";
import { systemClock } from "../../lib/time/clock.ts";
import { createLoop, type Loop } from "../../lib/time/loop.ts";
import type { Logger } from "../../lib/log.ts";
import { isTokenFault, whyItFailed } from "./failure.ts";
import type { Inbox } from "./inbox.ts";
import { toGrammySignal } from "./abort-signals.ts";

/** Receives updates for as long as the program runs. */
export interface Updates {
  start(): void;
  /** Takes no more; resolves when the answers under way are done. */
  stop(): Promise<void>;
}

/** What both ways to receive them are made from. */
export interface UpdatesOptions<C extends Context> {
  readonly bot: Bot<C>;
  readonly inbox: Pick<Inbox, "take" | "left">;
  readonly log: Logger;
  /** Called when receiving begins, until it succeeds; nothing waits for it. `signal`: the program stops. */
  readonly onReady: (signal: AbortSignal) => Promise<void>;
  /** Whether what is delivered may be taken; left out: always. A poll is not begun then (api-health.ts). */
  readonly mayTake?: () => boolean;
  /** Between two tries. */
  readonly retryMs?: number;
}

/** One person's long answer never holds up another's; more than this at once is a flood, and the rest waits at Telegram. */
export const MAX_AT_ONCE = 50;
export const ALLOWED_UPDATES = ["message", "callback_query", "my_chat_member"] as const;

export const RETRY_MS = 3_000;
const SETTLE_MS = 5;

/**
 * Begins to receive, and begins anew after a while whenever that ends, for whatever reason.
 * @param receive ends when updates do not come any more; rejects if they do not begin to. `began` is to be called when they do.
 * @param underWay how many answers are
 */
export function createSupervisor<C extends Context>(
  { bot, inbox, log, onReady, retryMs = RETRY_MS }: UpdatesOptions<C>,
  options: {
    readonly receive: (began: () => void, signal: AbortSignal) => Promise<void>;
    readonly onStop: () => Promise<void>;
    readonly underWay: () => number;
  },
): Updates {
  const stopped = new AbortController();
  const { signal } = stopped;
  const left = createLeft(bot, inbox);
  let isReady = false;
  /** Why they do not come, told already. */
  let reason: string | null = null;

  const receiving = again(retryMs, async () => {
    try {
      if (!bot.isInited()) bot.botInfo = await bot.api.getMe(toGrammySignal(signal));
      if (!signal.aborted) await left.takeUp();
      if (!signal.aborted) await options.receive(begin, signal);
    } catch (error) {
      if (!signal.aborted) tell(error);
    }
    return false;
  });
  const readying = again(retryMs, async () => {
    try {
      if (!isReady) await onReady(signal);
      return (isReady = true);
    } catch (error) {
      if (!isTokenFault(error))
        log.warn({ reason: whyItFailed(error) }, "could not register the commands; trying again");
      return false;
    }
  });

  function begin(): void {
    reason = null;
    readying.wake();
  }

  function tell(error: unknown): void {
    const text = whyItFailed(error);
    if (text !== reason && !isTokenFault(error))
      log.error({ reason: text }, "Telegram updates do not come; trying again");
    reason = text;
  }

  return {
    start: receiving.wake,
    async stop() {
      stopped.abort();
      // Nobody waits for the list of commands.
      void readying.stop();
      const received = receiving.stop();
      await options.onStop();
      await received;
      // Cut off, a question would be asked and then forgotten.
      while (options.underWay() + left.underWay() > 0) await setTimeout(SETTLE_MS);
    },
  };
}

/** What an earlier run did not live to answer: it came before all else. */
function createLeft<C extends Context>(bot: Bot<C>, inbox: Pick<Inbox, "left">) {
  let isTakenUp = false;
  let underWay = 0;
  return {
    /** Begins to answer it, once. */
    async takeUp(): Promise<void> {
      if (isTakenUp) return;
      const updates = await inbox.left();
      isTakenUp = true;
      for (const update of updates) {
        underWay += 1;
        void bot
          .handleUpdate(update)
          .catch((error: BotError<C>) => bot.errorHandler(error))
          .finally(() => (underWay -= 1));
      }
    },
    underWay: () => underWay,
  };
}

/** Does `work` until it says that it is done, so long apart. */
const again = (everyMs: number, work: () => Promise<boolean>): Loop =>
  createLoop({
    step: async () => ((await work()) ? null : everyMs),
    clock: systemClock,
    onError: () => undefined,
  });

/** Waits, unless the program stops. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
